package webhook

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"longroad/internal/inbound"
	"longroad/internal/inbound/report"
)

// sendgridWindow is how old a signature may be: SendGrid tries for a day, and
// nothing says that it signs anew. A post that comes twice changes nothing.
const sendgridWindow = 24 * time.Hour

// sendgrid signs timestamp and body with ECDSA on P-256 and SHA-256, mails
// ("Inbound Parse" with a security policy) and events alike.
type sendgrid struct {
	key *ecdsa.PublicKey
	Options
}

func newSendGrid(secret string, o Options) (provider, error) {
	fault := errors.New("write the verification key as SendGrid shows it: base64 of an ECDSA key on P-256")
	der, err := base64.StdEncoding.DecodeString(secret)
	if err != nil {
		return nil, fault
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fault
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, fault
	}
	return sendgrid{key, o}, nil
}

func (p sendgrid) open(_ context.Context, r Request) (Post, error) {
	at := r.Header.Get("X-Twilio-Email-Event-Webhook-Timestamp")
	signature, err := base64.StdEncoding.DecodeString(r.Header.Get("X-Twilio-Email-Event-Webhook-Signature"))
	sum := sha256.Sum256(append([]byte(at), r.Body...))
	if err != nil || !ecdsa.VerifyASN1(p.key, sum[:], signature) {
		return Post{}, ErrForged
	}
	if err := p.inTime(at, sendgridWindow); err != nil {
		return Post{}, err
	}
	if mediaType(r.Header) == "application/json" {
		return sendgridEvents(r.Body)
	}
	f, err := readForm(r)
	if err != nil {
		return Post{}, err
	}
	return sendgridMail(f)
}

// sendgridMail reads a mail: whole where the setting "send raw" is on, else the
// parts that it was taken into.
func sendgridMail(f form) (Post, error) {
	var envelope struct {
		From string   `json:"from"`
		To   []string `json:"to"`
	}
	if json.Unmarshal(f.raw("envelope"), &envelope) != nil || len(envelope.To) == 0 {
		return Post{}, malformed("the envelope")
	}
	mail := f.raw("email")
	if len(mail) == 0 {
		mail = rebuilt(fieldsOf(f.get("headers")), f.get("text"), f.get("html"))
	}
	if len(mail) == 0 {
		return Post{}, malformed("the mail is missing")
	}
	var all []inbound.Arrival
	for _, to := range envelope.To {
		all = append(all, inbound.Arrival{From: sender(envelope.From), To: bare(to), Raw: mail})
	}
	return Post{Arrivals: all}, nil
}

// fieldsOf reads a header as it stands in a mail.
func fieldsOf(header string) [][2]string {
	var fields [][2]string
	for line := range strings.SplitSeq(strings.ReplaceAll(header, "\r\n", "\n"), "\n") {
		if line != "" && (line[0] == ' ' || line[0] == '\t') && len(fields) > 0 {
			fields[len(fields)-1][1] += " " + strings.TrimSpace(line)
			continue
		}
		if name, value, found := strings.Cut(line, ":"); found {
			fields = append(fields, [2]string{name, value})
		}
	}
	return fields
}

func sendgridEvents(body []byte) (Post, error) {
	var events []struct {
		ID     string `json:"sg_event_id"`
		Event  string `json:"event"`
		Type   string `json:"type"`
		Email  string `json:"email"`
		SMTPID string `json:"smtp-id"`
		Status string `json:"status"`
		Reason string `json:"reason"`
		Text   string `json:"response"` // of deferred
	}
	if err := json.Unmarshal(body, &events); err != nil {
		return Post{}, malformed("the JSON")
	}
	var all []inbound.Arrival
	for _, e := range events {
		note := inbound.Note{ID: e.ID, Recipient: e.Email, MessageID: bare(e.SMTPID), Status: e.Status, Diagnostic: e.Reason}
		switch e.Event {
		case "bounce":
			note.Kind = report.Bounce
			if note.Type, note.Reason = report.Judge(e.Status, e.Reason); e.Type == "blocked" && note.Type == report.Hard {
				note.Type, note.Reason = report.Soft, report.Blocked
			}
		case "dropped": // it was never tried: SendGrid's own list
			note.Kind, note.Type, note.Reason = report.Bounce, report.Soft, report.Policy
		case "deferred":
			note.Kind, note.Type, note.Diagnostic = report.Bounce, report.Delayed, e.Text
			_, note.Reason = report.Judge(e.Status, e.Text)
		case "spamreport":
			note.Kind, note.Type, note.Reason = report.Complaint, report.None, "abuse"
		case "unsubscribe", "group_unsubscribe":
			note.Kind, note.Type, note.Reason = report.Complaint, report.None, "opt-out"
		default:
			continue
		}
		all = append(all, inbound.Arrival{Note: &note})
	}
	return Post{Arrivals: all}, nil
}
