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
	e := Explanation{Kind: r.Kind, Why: r.Why, Diagnostic: r.Diagnostic, Opts: r.Unsubscribes()}
	switch r.Kind {
	case report.Bounce, report.Complaint:
		e.Bounce = &Bounce{Type: r.Type, Reason: r.Reason, Status: r.Status, Recipients: r.Recipients}
		if e.Bounce.Recipients == nil {
			e.Bounce.Recipients = []string{}
		}
	case report.Human, report.AutoReply:
		e.Reply = &Said{Text: said.Without(Visible(mail), o.Ours), Intent: none}
		e.mean(o)
	}
	return e, nil
}

// mean fills in what the reply's text means.
func (e *Explanation) mean(o Options) {
	if o.Meaning == nil {
		return
	}
	m := o.Meaning.Read(e.Reply.Text, o.Now)
	if m.Crisis != nil {
		e.Reply.Crisis = &Danger{Category: m.Crisis.Category, Level: m.Crisis.Level}
	}
	if e.Kind != report.Human { // a robot moves nobody
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

// Visible gives what the sender of a mail wrote, quotes and signatures away.
// Parts that follow each other in the same form are read as one text, for a
// quote may begin in one and go on in the next.
func Visible(mail *mime.Mail) string {
	var texts []string
	parts := mail.Readable()
	for i := 0; i < len(parts); {
		form := parts[i].Type
		var whole strings.Builder
		for ; i < len(parts) && parts[i].Type == form; i++ {
			if whole.Len() > 0 {
				whole.WriteByte('\n')
			}
			whole.WriteString(parts[i].Text())
		}
		text := ""
		if form == "text/html" {
			text = said.FromHTML(whole.String())
		} else {
			text = said.Reply(whole.String())
		}
		if text = strings.TrimSpace(text); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "\n\n")
}
