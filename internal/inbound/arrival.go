package inbound

import "longroad/internal/inbound/report"

// Arrival is one thing that came in from outside, by whichever way: a mail, or a
// provider's note about one of ours. Exactly one of Raw and Note is set.
type Arrival struct {
	Way  string `json:"way"`            // smtp, lmtp, imap, raw, mailbox, or a provider's name
	From string `json:"from,omitempty"` // the envelope's sender; "<>" for nobody, "" where the way does not tell
	To   string `json:"to,omitempty"`   // the envelope's recipient; "" where the way does not tell
	Raw  []byte `json:"raw,omitempty"`  // the mail (RFC 5322)
	Note *Note  `json:"note,omitempty"`
}

// Note is what a provider tells of one recipient of one of our mails.
type Note struct {
	ID         string        `json:"id"`   // the provider's own name for it: the same note twice has the same; "" for none
	Kind       report.Kind   `json:"kind"` // report.Bounce or report.Complaint
	Type       report.Type   `json:"type"` // of a bounce
	Reason     report.Reason `json:"reason,omitempty"`
	Status     string        `json:"status,omitempty"`     // RFC 3463
	Recipient  string        `json:"recipient,omitempty"`  // the bare address
	MessageID  string        `json:"message_id,omitempty"` // of our mail, without angle brackets; "" where it is not told
	Diagnostic string        `json:"diagnostic,omitempty"` // the server's words
}
