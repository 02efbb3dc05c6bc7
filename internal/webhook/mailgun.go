package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"longroad/internal/inbound"
	"longroad/internal/inbound/report"
)

// mailgunWindow is how old a signature may be.
const mailgunWindow = 2 * time.Minute

// mailgun signs a timestamp and a token with HMAC-SHA256, in hexadecimal, and not
// what it posts: a token serves once. Mails come as a form whose body-mime holds
// them (a route's address that ends in "mime"), events as JSON.
type mailgun struct {
	secret []byte
	Options
}

func newMailgun(secret string, o Options) (provider, error) { return mailgun{[]byte(secret), o}, nil }

func (p mailgun) open(_ context.Context, r Request) (Post, error) {
	if mediaType(r.Header) == "application/json" {
		return p.events(r)
	}
	f, err := readForm(r)
	if err != nil {
		return Post{}, err
	}
	if err := p.prove(f.get("timestamp"), f.get("token"), f.get("signature")); err != nil {
		return Post{}, err
	}
	mail := f.raw("body-mime")
	if len(mail) == 0 {
		mail = rebuilt(mailgunFields(f.get("message-headers")), f.get("body-plain"), f.get("body-html"))
	}
	if len(mail) == 0 {
		return Post{}, malformed("body-mime is missing")
	}
	return Post{Arrivals: []inbound.Arrival{{From: sender(f.get("sender")), To: bare(f.get("recipient")), Raw: mail}},
		once: key("mailgun", f.get("token")), within: 2 * mailgunWindow}, nil
}

// prove checks a signature.
func (p mailgun) prove(at, token, signature string) error {
	mac := hmac.New(sha256.New, p.secret)
	mac.Write([]byte(at + token))
	given, err := hex.DecodeString(signature)
	if err != nil || token == "" || !hmac.Equal(given, mac.Sum(nil)) {
		return ErrForged
	}
	if err := p.inTime(at, mailgunWindow); err != nil {
		return err
	}
	return nil
}

// mailgunFields reads the header fields of a mail that was taken apart: a list of
// pairs.
func mailgunFields(text string) [][2]string {
	var fields [][2]string
	if json.Unmarshal([]byte(text), &fields) != nil {
		return nil
	}
	return fields
}

func (p mailgun) events(r Request) (Post, error) {
	var post struct {
		Signature struct{ Timestamp, Token, Signature string } `json:"signature"`
		Event     struct {
			ID             string `json:"id"`
			Event          string `json:"event"`
			Severity       string `json:"severity"`
			Reason         string `json:"reason"`
			Recipient      string `json:"recipient"`
			DeliveryStatus struct {
				Code         json.Number `json:"code"`
				EnhancedCode string      `json:"enhanced-code"`
				Message      string      `json:"message"`
				Description  string      `json:"description"`
			} `json:"delivery-status"`
			Message struct {
				Headers struct {
					MessageID string `json:"message-id"`
				} `json:"headers"`
			} `json:"message"`
		} `json:"event-data"`
	}
	if err := json.Unmarshal(r.Body, &post); err != nil {
		return Post{}, malformed("the JSON")
	}
	if err := p.prove(post.Signature.Timestamp, post.Signature.Token, post.Signature.Signature); err != nil {
		return Post{}, err
	}
	e := post.Event
	note := inbound.Note{ID: e.ID, Recipient: e.Recipient, MessageID: bare(e.Message.Headers.MessageID), Status: e.DeliveryStatus.EnhancedCode}
	switch e.Event {
	case "failed":
		note.Kind = report.Bounce
		note.Diagnostic = strings.TrimSpace(string(e.DeliveryStatus.Code) + " " + note.Status + " " + e.DeliveryStatus.Message + " " + e.DeliveryStatus.Description)
		note.Type, note.Reason = report.Judge(note.Status, note.Diagnostic)
		switch {
		case e.Severity == "temporary":
			note.Type = report.Delayed // Mailgun goes on trying
		case strings.HasPrefix(e.Reason, "suppress-"): // it was never tried: Mailgun's own list
			note.Type, note.Reason = report.Soft, report.Policy
		}
	case "complained":
		note.Kind, note.Type, note.Reason = report.Complaint, report.None, "abuse"
	case "unsubscribed":
		note.Kind, note.Type, note.Reason = report.Complaint, report.None, "opt-out"
	default:
		return Post{}, nil
	}
	return Post{Arrivals: []inbound.Arrival{{Note: &note}}, once: key("mailgun", post.Signature.Token), within: 2 * mailgunWindow}, nil
}

func mediaType(h http.Header) string {
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(kind))
}
