// Package mailer makes mails and hands them over. Composing is pure: a Letter
// goes in, the message's bytes come out, the same for the same Letter. Sending
// is its other half, behind Sender; its one rule is that an outcome is never
// better than what the server said.
package mailer

import (
	"context"
	"time"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

// The account mails, which no letter belongs to. The kinds of the mails on the way
// are those of pacing.Kind, by the same names.
const (
	KindConfirm = "confirm" // asks to confirm a sign-up
	// KindChoice asks which letters shall come. Whoever sees it in a list of mails
	// must not be able to tell it from a KindConfirm.
	KindChoice = "choice"
)

// account reports whether a kind is that of an account mail.
func account(kind string) bool { return kind == KindConfirm || kind == KindChoice }

// practice reports whether a kind is that of a practice letter: the author's words
// without a question, and a way to have no more of them.
func practice(kind string) bool { return kind == string(pacing.KindPractice) }

// end reports whether a kind is that of the mail after the last letter: it asks
// nothing more.
func end(kind string) bool { return kind == string(pacing.KindEnd) }

// Letter is everything that one mail is made of.
type Letter struct {
	Kind     string // KindConfirm, KindChoice or a pacing.Kind
	Course   *course.Course
	Track    string
	Lesson   string // the lesson or practice letter that the mail is or is about; "" for account mails
	Language string // BCP 47; falls back to the course's
	Country  string // ISO 3166, upper case, for help lines; may be empty

	Solo bool // the reader's last answer to a safety question was another than yes

	Name string // what the reader wants to be called; may be empty, never trusted
	To   string // the reader's address

	Date      time.Time // of this attempt, by our clock
	MessageID string    // without angle brackets; the same at every attempt
	Thread    string    // Message-ID of the lesson that this mail belongs under, or ""

	ReplyTo      string // signed reply address
	EnvelopeFrom string // signed bounce address (VERP)
	Links        Links

	Receipt *Receipt // of a KindReceipt: what it tells
}

// Links are the signed pages of one mail, absolute.
type Links struct {
	Confirm     string
	Choose      string
	CheckIn     string // page of the check-in; a button appends ?answer=ready
	Unsubscribe string // RFC 8058
	Undo        string // takes back what a receipt tells; "" where there is nothing to take back
	Lines       string // help lines
	Preferences string // how the letters come; a practice letter needs it
}

// House is what all mails of a service share.
type House struct {
	From          string // LONGROAD_MAIL_FROM, a bare address
	PostalAddress string // of the footer, lines separated by newlines
	ListID        string // RFC 2919 domain, such as letters.example.org
}

// Envelope is one mail on its way out: one recipient a message.
type Envelope struct {
	From      string // bounce address
	To        string
	MessageID string // without angle brackets, for ENVID (RFC 3461)
	Raw       []byte

	// Before is asked once the server has taken the recipient, right before DATA.
	// An error abandons the transaction and nothing is sent.
	Before func() error
}

// Result is how an attempt ended.
type Result string

// The results. Only ResultSent means that a server took the mail over.
const (
	ResultSent      Result = "sent"
	ResultRetry     Result = "retry"     // a temporary refusal, or nobody answered: nothing was taken over
	ResultUnknown   Result = "unknown"   // the connection went after the final dot: it may have been taken
	ResultRefused   Result = "refused"   // a permanent refusal of this mail or recipient
	ResultAbandoned Result = "abandoned" // Before said no
)

// Blame says what a failed attempt speaks of.
type Blame string

// The blames. BlameNone is that of a success, and of an attempt that no server
// has seen.
const (
	BlameNone   Blame = ""
	BlameMail   Blame = "mail"   // this mail or its recipient: another might have gone
	BlameServer Blame = "server" // the server, or our right to use it: no mail would have gone
)

// Outcome is what an attempt came to, as the ledger records it.
type Outcome struct {
	Result   Result
	Code     int    // SMTP reply code, 0 when there was none
	Enhanced string // RFC 3463 status such as 5.1.1, or ""
	// BadRecipient is set where the refusal says that this address takes no mail
	// (5.1.1, 5.1.2, 5.1.3, 5.1.6, 5.1.10, 5.2.1), so that it may be suppressed.
	BadRecipient bool
	Blame        Blame
	// Detail is the server's own words or the error, for an operator; it may hold
	// an address, so it never goes to a log.
	Detail string
}

// Sender hands one mail to a server.
type Sender interface {
	Send(ctx context.Context, e Envelope) Outcome
}
