package inbound

import (
	"strings"

	"longroad/internal/inbound/mime"
	"longroad/internal/inbound/report"
)

// Recipients lists the addresses that a mail's header says it came to, the
// surest first: what servers noted on its way, then what its sender wrote.
func Recipients(raw []byte) []string {
	mail, err := mime.Parse(raw)
	if err != nil {
		return nil
	}
	var all []string
	for _, name := range []string{"X-Original-To", "Envelope-To", "X-Envelope-To", "Delivered-To", "To", "Cc"} {
		for _, value := range mail.Header.Values(name) {
			all = append(all, report.Addresses(value)...)
		}
	}
	return all
}

// Listed tells a mail that came by way of a mailing list, or is mass mail: nobody
// in particular has answered with it, whatever it says.
func Listed(raw []byte) bool {
	mail, err := mime.Parse(raw)
	if err != nil {
		return false
	}
	for _, name := range []string{"List-Id", "List-Post", "List-Unsubscribe", "Mailing-List"} {
		if mail.Header.Has(name) {
			return true
		}
	}
	switch strings.ToLower(mail.Header.Get("Precedence")) {
	case "bulk", "junk", "list":
		return true
	}
	return false
}

// MessageID gives a mail's Message-ID without its angle brackets, or "". Raw may
// be the mail or its header alone.
func MessageID(raw []byte) string {
	mail, err := mime.Parse(raw)
	if err != nil {
		return ""
	}
	if ids := report.MessageIDs(mail.Header.Get("Message-Id")); len(ids) > 0 {
		return ids[0]
	}
	return ""
}

// Identity is what tells a mail from another one that has the same body and came
// to the same address: its Message-ID, its date and what it answers; "" without a
// Message-ID. Raw may be the mail or its header alone.
func Identity(raw []byte) string {
	mail, err := mime.Parse(raw)
	if err != nil {
		return ""
	}
	ids := report.MessageIDs(mail.Header.Get("Message-Id"))
	if len(ids) == 0 {
		return ""
	}
	date := strings.Join(strings.Fields(mail.Header.Get("Date")), " ")
	return strings.Join(append([]string{ids[0], date}, report.MessageIDs(mail.Header.Get("In-Reply-To"))...), "\n")
}

// Answered lists the Message-IDs that a mail says it answers, the nearest first
// (RFC 5322, section 3.6.4), without angle brackets.
func Answered(raw []byte) []string {
	mail, err := mime.Parse(raw)
	if err != nil {
		return nil
	}
	all := report.MessageIDs(mail.Header.Get("In-Reply-To"))
	references := report.MessageIDs(mail.Header.Get("References"))
	for i := len(references) - 1; i >= 0; i-- {
		all = append(all, references[i])
	}
	return all
}
