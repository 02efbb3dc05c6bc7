package mailer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"regexp"
	"strings"

	"github.com/wneessen/go-mail"
)

var (
	messageID = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~.-]+@[A-Za-z0-9.-]+$`)
	listID    = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)
)

// maxMessageID keeps the Message-ID's line short.
const maxMessageID = 200

// check refuses a house whose mails would break or say nothing of the sender.
func (h House) check() error {
	if err := checkAddress(h.From); err != nil {
		return fmt.Errorf("the sender's address: %w", err)
	}
	if strings.TrimSpace(h.PostalAddress) == "" {
		return errors.New("the postal address is missing; every letter's foot must show one")
	}
	if !listID.MatchString(h.ListID) {
		return fmt.Errorf("the list's id %q is no domain such as letters.example.org", h.ListID)
	}
	return nil
}

// check refuses what could break a header or leave the reader without a way out.
func (l Letter) check() error {
	if err := checkAddress(l.To); err != nil {
		return fmt.Errorf("the reader's address: %w", err)
	}
	if err := checkAddress(l.ReplyTo); err != nil {
		return fmt.Errorf("the reply address: %w", err)
	}
	if !isMessageID(l.MessageID) {
		return errors.New("the Message-ID is malformed")
	}
	if l.Thread != "" && !isMessageID(l.Thread) {
		return errors.New("the thread's Message-ID is malformed")
	}
	if l.Date.IsZero() {
		return errors.New("the letter has no date")
	}
	needed := map[string]string{"unsubscribe": l.Links.Unsubscribe}
	switch l.Kind {
	case KindConfirm:
		needed = map[string]string{"confirm": l.Links.Confirm}
	case KindChoice:
		needed = map[string]string{"choice": l.Links.Choose}
	}
	if l.Links.CheckIn != "" {
		needed["check-in"] = l.Links.CheckIn
	}
	if l.Kind == KindReceipt {
		needed["check-in"], needed["lines"] = l.Links.CheckIn, l.Links.Lines
		if l.Links.Undo != "" {
			needed["undo"] = l.Links.Undo
		}
	}
	if practice(l.Kind) {
		needed["preferences"] = l.Links.Preferences
	}
	for name, link := range needed {
		if !isLink(link) {
			return fmt.Errorf("the %s link is no absolute web address", name)
		}
	}
	return nil
}

func isMessageID(id string) bool { return len(id) <= maxMessageID && messageID.MatchString(id) }

// checkAddress accepts one bare address and nothing else. Its errors never
// repeat the address: they may be logged.
func checkAddress(address string) error {
	parsed, err := netmail.ParseAddress(address)
	if err != nil || parsed.Name != "" || parsed.Address != address || len(address) > 254 || strings.ContainsAny(address, "\r\n\x00 ") {
		return errors.New("not a bare mail address")
	}
	return nil
}

func isLink(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && !strings.ContainsAny(link, "\r\n\t <>\"")
}

// write puts the two parts under their headers (RFC 5322, 2045). go-mail
// encodes and folds; everything that it would draw at random is given to it.
func (c *Composer) write(l Letter, s sheet, text, html string) ([]byte, error) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithBoundary(boundary(l.MessageID)))
	// Addresses go as mail.Address values: no name of the reader's, no parsing.
	m.SetAddrHeaderFromMailAddress(mail.HeaderFrom, &netmail.Address{Name: s.Sender, Address: asciiDomain(c.house.From)})
	m.SetAddrHeaderFromMailAddress(mail.HeaderTo, &netmail.Address{Address: asciiDomain(l.To)})
	m.SetAddrHeaderFromMailAddress(mail.HeaderReplyTo, &netmail.Address{Address: l.ReplyTo})
	m.Subject(s.Subject)
	m.SetDateWithValue(l.Date.UTC())
	m.SetMessageIDWithValue(l.MessageID)
	for _, h := range c.headers(l, s) {
		m.SetGenHeader(mail.Header(h.name), h.value)
	}
	m.SetBodyString(mail.TypeTextPlain, text)
	m.AddAlternativeString(mail.TypeTextHTML, html)
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("write the message: %w", err)
	}
	return b.Bytes(), nil
}

type header struct{ name, value string }

// headers are those that the letter's kind decides. None of them names a role,
// a lesson or a person.
func (c *Composer) headers(l Letter, s sheet) []header {
	list := netmail.Address{Name: s.Sender, Address: "x@x"}
	phrase := strings.TrimSuffix(list.String(), "<x@x>")
	submitted := "auto-generated" // RFC 3834, section 5
	if l.Kind == KindReceipt {
		submitted = "auto-replied"
	}
	hs := []header{
		{"Auto-Submitted", submitted},
		{"X-Auto-Response-Suppress", "All"},
		{"Content-Language", s.Language},
		{"List-Id", phrase + "<" + c.house.ListID + ">"}, // RFC 2919
		{"Feedback-ID", l.Course.ID + ":" + l.Kind + ":longroad"},
	}
	switch {
	case l.Kind == KindReceipt:
		hs = append(hs, l.answers()...)
	case l.Thread != "":
		hs = append(hs, header{"In-Reply-To", "<" + l.Thread + ">"}, header{"References", "<" + l.Thread + ">"})
	}
	if !account(l.Kind) {
		// RFC 2369, section 3.2, and RFC 8058, section 3.1. There is nothing yet to
		// unsubscribe from in a confirm mail; and where somebody else has asked for
		// other letters, their button must not end those that come.
		hs = append(hs,
			header{"List-Unsubscribe", "<" + l.Links.Unsubscribe + ">, <mailto:" + l.ReplyTo + "?subject=stop>"},
			header{"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"})
	}
	return hs
}

// boundary is drawn from the Message-ID, so that a second attempt at a mail
// has the same bytes.
func boundary(id string) string {
	sum := sha256.Sum256([]byte("boundary\x00" + id))
	return hex.EncodeToString(sum[:20])
}
