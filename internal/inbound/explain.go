package inbound

import (
	"strings"
	"time"

	"longroad/internal/inbound/meant"
	"longroad/internal/inbound/mime"
	"longroad/internal/inbound/report"
	"longroad/internal/inbound/said"
)

// Explanation is all that is read of a mail. As JSON it is what the command
// "inbound explain" prints, whose keys never change.
type Explanation struct {
	Kind   report.Kind `json:"kind"`
	Reply  *Said       `json:"reply"`  // of a reply; of an auto-reply too, for danger is heard there as well
	Bounce *Bounce     `json:"bounce"` // of a delivery report; of a complaint too, whose type is none

	Why        string `json:"-"` // the rule that decided the kind
	WhyMeant   string `json:"-"` // the rule that decided the intent
	Diagnostic string `json:"-"` // of a delivery report: the server's words, which may hold an address
	Opts       bool   `json:"-"` // a complaint whose reader wants no more mail

	Original report.Original `json:"-"` // of a report: what it tells of the mail that it is about
}

// Said is what a person wrote, and what it means.
type Said struct {
	Text   string   `json:"text"`
	Intent string   `json:"intent"` // "none" where nothing is meant
	Pause  *HoldFor `json:"pause"`
	Crisis *Danger  `json:"crisis"`
}

// HoldFor is how long a pause is to last; one of the two is set.
type HoldFor struct {
	For   string `json:"for,omitempty"`   // days: "14d"
	Until string `json:"until,omitempty"` // a local date: "2027-03-03"
}

// Danger is the verdict on a reply that tells of it.
type Danger struct {
	Category string `json:"category"`
	Level    string `json:"level"`
}

// Bounce is what a delivery report says.
type Bounce struct {
	Type       report.Type   `json:"type"`
	Reason     report.Reason `json:"reason"`
	Status     string        `json:"status"`
	Recipients []string      `json:"recipients"`
}

// Options are what Explain needs beside the mail.
type Options struct {
	Meaning *meant.Reader // nil: nothing is meant
	Now     time.Time     // in the reader's zone: what a date in a reply counts from
	Ours    []string      // texts of ours that it may quote, each a plain text: what comes from them was not said
}

// none is the intent of a text in which none was found.
const none = "none"

// Explain reads a raw mail: what it is, what was said, what is meant. A machine's
// mail asks for nothing. What cannot be read as a mail is report.Unknown, with
// ErrUnreadable.
func Explain(raw []byte, o Options) (Explanation, error) {
	mail, err := mime.Parse(raw)
	if err != nil {
		return Explanation{Kind: report.Unknown, Why: err.Error()}, ErrUnreadable
	}
	r := report.Read(mail)
	leaves := strings.EqualFold(strings.TrimSpace(mime.DecodeWords(mail.Header.Get("Subject"))), wayOut)
	if leaves && r.Kind == report.AutoReply && !mail.Header.Has("Auto-Submitted") {
		r.Kind, r.Why = report.Human, leaving // a program writes it for who presses its button
	}
	e := Explanation{Kind: r.Kind, Why: r.Why, Diagnostic: r.Diagnostic, Opts: r.Unsubscribes(), Original: r.Original}
	switch r.Kind {
	case report.Bounce, report.Complaint:
		e.Bounce = &Bounce{Type: r.Type, Reason: r.Reason, Status: r.Status, Recipients: r.Recipients}
		if e.Bounce.Recipients == nil {
			e.Bounce.Recipients = []string{}
		}
	case report.Human, report.AutoReply:
		text, quoted := visible(mail)
		e.Reply = &Said{Text: said.Without(text, o.Ours), Intent: none}
		e.mean(o, quoted)
		if leaves && e.Kind == report.Human && e.Reply.Intent == none {
			e.Reply.Intent, e.WhyMeant = string(Stop), leaving
		}
	}
	return e, nil
}

// mean fills in what the reply's text means. What is only quoted asks for
// nothing, and its danger is no alarm.
func (e *Explanation) mean(o Options, quoted bool) {
	if o.Meaning == nil {
		return
	}
	m := o.Meaning.Read(e.Reply.Text, o.Now)
	if m.Crisis != nil {
		e.Reply.Crisis = &Danger{Category: m.Crisis.Category, Level: m.Crisis.Level}
		if quoted {
			e.Reply.Crisis.Level = meant.Gentle
		}
	}
	if e.Kind != report.Human { // a robot moves nobody
		return
	}
	if quoted {
		e.WhyMeant = onlyQuoted
		return
	}
	e.WhyMeant = m.Why
	if m.Intent != "" {
		e.Reply.Intent = m.Intent
	}
	if m.Pause != nil {
		e.Reply.Pause = &HoldFor{For: m.Pause.For, Until: m.Pause.Until}
	}
}

// wayOut is the subject that the way out by mail of our letters has (RFC 2369,
// section 3.2), heard where nothing else is meant. What mail programs write below
// it is theirs, and no answer has that subject: it would begin with another word.
const (
	wayOut  = "stop"
	leaving = "the subject of our letters' way out"
)

// onlyQuoted is why a mail without a word of the sender's own asks for nothing.
const onlyQuoted = "nothing but a quote"

// Visible gives what the sender of a mail wrote, quotes and signatures away. Of
// a mail that holds nothing else it gives the quote: no body is ever lost.
func Visible(mail *mime.Mail) string {
	text, _ := visible(mail)
	return text
}

// visible is Visible; quoted tells that the text is none of the sender's own.
func visible(mail *mime.Mail) (text string, quoted bool) {
	whole := together(mail.Readable())
	own := read(whole, said.Reply, said.FromHTML)
	if own != "" {
		return own, false
	}
	return read(whole, said.Quoted, said.QuotedHTML), true
}

// form is text of one form.
type form struct {
	html bool
	text string
}

// together makes one text of parts that follow each other in the same form: a
// quote may begin in one and go on in the next.
func together(parts []*mime.Part) []form {
	var all []form
	for _, p := range parts {
		one := form{p.Type == "text/html", p.Prose()}
		if last := len(all) - 1; last >= 0 && all[last].html == one.html {
			all[last].text += "\n" + one.text
			continue
		}
		all = append(all, one)
	}
	return all
}

// read puts together what is read of each text.
func read(all []form, plain, html func(string) string) string {
	var texts []string
	for _, one := range all {
		from := plain
		if one.html {
			from = html
		}
		if text := strings.TrimSpace(from(one.text)); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "\n\n")
}
