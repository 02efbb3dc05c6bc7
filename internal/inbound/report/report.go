// Package report tells machines' mail from people's: delivery reports,
// complaints, auto-replies and challenges, and what a delivery report says. Its
// one rule: a person's mail is never a machine's. Without proof it is human.
package report

import (
	"strings"

	"longroad/internal/inbound/mime"
)

// Kind is what a mail is.
type Kind string

// The kinds.
const (
	Human     Kind = "reply"
	Bounce    Kind = "bounce"
	Complaint Kind = "complaint"
	AutoReply Kind = "auto-reply"
	Challenge Kind = "challenge"
	Unknown   Kind = "unknown" // nothing that can be read as a mail
)

// Type is what a delivery report means for the address.
type Type string

// The types. Which one it is follows from the reason, never from the class of
// the status alone: two of three 5.x reports say nothing against the address.
const (
	Hard    Type = "hard"    // the address does not exist: no mail will ever arrive
	Soft    Type = "soft"    // this mail did not arrive; another may
	Delayed Type = "delayed" // it is still on its way
	None    Type = "none"    // it arrived, or the report is not about arriving
)

// Report is what a machine's mail says.
type Report struct {
	Kind       Kind
	Why        string // the rule that decided the kind
	Type       Type   // of a bounce; None for a complaint
	Reason     Reason // of a bounce; a complaint has its feedback type (RFC 5965, section 3.1)
	Status     string // enhanced code (RFC 3463), such as 5.1.1; "" unknown
	Recipients []string
	Diagnostic string // the server's words, cut

	Original Original // what it tells of the mail that it is about
}

// Record is what a report says of one recipient.
type Record struct {
	Recipient  string
	Action     string // failed, delayed, delivered, relayed, expanded; "" unsaid
	Status     string
	Diagnostic string
	Reason     Reason
	Type       Type
}

// Read tells what a mail is, in this order: complaint, delivery report,
// challenge, auto-reply, and, if it is none of these, human.
func Read(m *mime.Mail) Report {
	l := look(m)
	for _, rule := range []func(*letter) (Report, bool){readComplaint, readNotification, readBounce, readChallenge, readAutoReply} {
		if r, ok := rule(l); ok {
			if r.Kind == Bounce || r.Kind == Complaint {
				r.Original = l.original()
			}
			return r
		}
	}
	return Report{Kind: Human, Why: "nothing says that a machine wrote it"}
}

// Unsubscribes tells a complaint of somebody who wants no more mail from one
// that says the mail was fine or is about its signatures.
func (r Report) Unsubscribes() bool {
	switch r.Reason {
	case "not-spam", "auth-failure", "dmarc", "dkim":
		return false
	}
	return r.Kind == Complaint
}

// letter is what the rules look at, gathered once.
type letter struct {
	mail    *mime.Mail
	header  mime.Header
	subject string     // in lower case, white space folded
	replied bool       // the subject begins as an answer's or a forwarded mail's does
	text    string     // what a mail program would show, HTML without its marks
	opening string     // its first lines, in lower case, white space folded
	from    string     // address in lower case, "" where there is none
	name    string     // in lower case
	null    bool       // sent from <>
	status  *mime.Part // the machine-readable report
	inner   *mime.Mail // the mail that a report returns
}

// mostText bounds the text that is looked at, in bytes.
const mostText = 128 << 10

// mostOpening bounds the opening.
const mostOpening = 1500

func look(m *mime.Mail) *letter {
	l := &letter{mail: m, header: m.Header}
	l.subject = fold(m.Header.Get("Subject"))
	l.subject, l.replied = bare(l.subject)
	l.name, l.from = sender(m.Header)
	l.null = nullSender(m.Header)
	l.text = textOf(m)
	l.opening = fold(l.text[:min(len(l.text), mostOpening)])
	for p := range m.Own() {
		switch {
		case l.status == nil && isStatus(p):
			l.status = p
		case l.inner == nil && p.Embedded():
			l.inner = p.Mail()
		}
	}
	return l
}

// fold makes text comparable: lower case, one space between words.
func fold(text string) string { return strings.Join(strings.Fields(strings.ToLower(text)), " ") }

// answers are what mail programs put before the subject of an answer or of a
// forwarded mail.
var answers = []string{
	"re:", "re :", "fw:", "fwd:", "fwd :", "aw:", "wg:", "antw:", "tr:", "rv:", "res:", "enc:", "sv:", "vs:", "vl:", "vb:",
	"odp:", "ynt:", "ilt:", "rif:", "r:", "i:", "doorst:", "bls:", "ref:", "atb:", "pd:", "na:", "re[2]:", "回复:", "回复：", "答复:", "答复：", "回覆:", "转发:", "转发：", "返信:", "転送:", "ответ:", "отв:",
}

// bare takes the prefixes of an answer off a subject, behind a list's or a ticket
// system's mark as well.
func bare(subject string) (string, bool) {
	found := false
	if mark, after, ok := strings.Cut(subject, "] "); ok && strings.HasPrefix(mark, "[") && len(mark) < 60 && begins(after, answers) {
		subject = after
	}
	for {
		rest := subject
		for _, prefix := range answers {
			if after, ok := strings.CutPrefix(rest, prefix); ok {
				rest = strings.TrimSpace(after)
			}
		}
		if rest == subject {
			return subject, found
		}
		subject, found = rest, true
	}
}

// sender gives the From's name and address.
func sender(h mime.Header) (name, address string) {
	from := strings.ToLower(h.Get("From"))
	found := addresses(from)
	if len(found) > 0 {
		address = found[0]
	} else if before, _, ok := strings.Cut(from, "<"); ok || !strings.Contains(from, " ") {
		address = strings.Trim(before, "<> \"") // a bare MAILER-DAEMON
		if inside, _, ok := strings.Cut(from[min(len(before)+1, len(from)):], ">"); ok && inside != "" {
			address = inside
		}
	}
	return strings.TrimSpace(from), address
}

// nullSender tells the empty return path of RFC 5321, section 4.5.5.
func nullSender(h mime.Header) bool {
	for _, path := range h.Values("Return-Path") {
		if path = strings.ReplaceAll(path, " ", ""); path == "<>" || strings.HasPrefix(path, "<MAILER-DAEMON") {
			return true
		}
		return false
	}
	from := strings.ReplaceAll(h.Get("From"), " ", "")
	return strings.HasSuffix(from, "<>")
}

// textOf gives what a person would read, HTML as text, in order.
func textOf(m *mime.Mail) string {
	var b strings.Builder
	for _, p := range m.Readable() {
		if b.Len() > mostText {
			break
		}
		text := p.Text()
		text = text[:min(len(text), mostText)]
		if p.Type == "text/html" || looksLikeHTML(text) {
			text = plain(text)
		}
		b.WriteString(text)
		b.WriteByte('\n')
	}
	text := b.String()
	return strings.ToValidUTF8(text[:min(len(text), mostText)], "")
}

func isStatus(p *mime.Part) bool {
	switch p.Type {
	case "message/delivery-status", "message/global-delivery-status":
		return true
	case "text/plain", "application/octet-stream", "message/deliverystatus", "text/delivery-status":
		head := strings.ToLower(string(p.Body[:min(len(p.Body), 300)]))
		return strings.HasPrefix(strings.TrimSpace(head), "reporting-mta:") || strings.HasPrefix(strings.TrimSpace(head), "final-recipient:")
	}
	return false
}
