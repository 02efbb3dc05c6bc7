package mailer

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	netmail "net/mail"
	"strings"
	"text/template"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/wneessen/go-mail"
)

// Alert is what the operator is mailed when a reply tells of danger. It has no
// place for a category, a word of the reply, or a person.
type Alert struct {
	To        string // the operator's address
	Ref       string // of the alert
	Alarm     bool   // else a gentle verdict
	Matched   bool   // it belongs to a subscription
	At        time.Time
	Page      string    // the operator's page
	Date      time.Time // of this attempt
	MessageID string    // without angle brackets
}

// alertText is the mail's subject and text, as templates.
type alertText struct{ subject, text *template.Template }

func readAlert(files fs.FS) (alertText, error) {
	const file = "mail/alert.yaml"
	raw, err := fs.ReadFile(files, file)
	if err != nil {
		return alertText{}, fmt.Errorf("read the operator's mail: %w", err)
	}
	var words struct {
		Subject string `yaml:"subject"`
		Text    string `yaml:"text"`
	}
	if err := yaml.UnmarshalWithOptions(raw, &words, yaml.Strict()); err != nil {
		return alertText{}, fmt.Errorf("read %s: %w", file, err)
	}
	if words.Subject == "" || words.Text == "" {
		return alertText{}, fmt.Errorf("%s: subject or text is missing", file)
	}
	var a alertText
	if a.subject, err = template.New("subject").Parse(words.Subject); err != nil {
		return a, fmt.Errorf("%s: %w", file, err)
	}
	if a.text, err = template.New("text").Parse(words.Text); err != nil {
		return a, fmt.Errorf("%s: %w", file, err)
	}
	return a, nil
}

// Alert makes the operator's mail, ready to be signed and sent: plain text alone.
func (c *Composer) Alert(a Alert) (Envelope, error) {
	if err := checkAddress(a.To); err != nil {
		return Envelope{}, fmt.Errorf("the operator's address: %w", err)
	}
	if !isMessageID(a.MessageID) || !isLink(a.Page) {
		return Envelope{}, errors.New("compose alert: the Message-ID or the link is malformed")
	}
	in := struct {
		Level, Alert, At, Page string
		Alarm, Matched         bool
	}{"gentle", a.Ref, a.At.UTC().Format("2 January 2006, 15:04 UTC"), a.Page, a.Alarm, a.Matched}
	if a.Alarm {
		in.Level = "alarm"
	}
	var subject, text strings.Builder
	if err := errors.Join(c.alert.subject.Execute(&subject, in), c.alert.text.Execute(&text, in)); err != nil {
		return Envelope{}, fmt.Errorf("compose alert: %w", err)
	}
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	m.SetAddrHeaderFromMailAddress(mail.HeaderFrom, &netmail.Address{Address: asciiDomain(c.house.From)})
	m.SetAddrHeaderFromMailAddress(mail.HeaderTo, &netmail.Address{Address: asciiDomain(a.To)})
	m.Subject(oneLine(subject.String()))
	m.SetDateWithValue(a.Date.UTC())
	m.SetMessageIDWithValue(a.MessageID)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834, section 5
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	m.SetBodyString(mail.TypeTextPlain, text.String())
	var raw bytes.Buffer
	if _, err := m.WriteTo(&raw); err != nil {
		return Envelope{}, fmt.Errorf("compose alert: %w", err)
	}
	return Envelope{From: asciiDomain(c.house.From), To: a.To, MessageID: a.MessageID, Raw: raw.Bytes(), Before: func() error { return nil }}, nil
}
