package webhook

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"longroad/internal/inbound"
	"longroad/internal/inbound/report"
)

// postmark proves itself by the user and password in the address that it posts
// to, and by where it posts from.
type postmark struct{ user, password [sha256.Size]byte }

func newPostmark(secret string, _ Options) (provider, error) {
	user, password, found := strings.Cut(secret, ":")
	if !found || user == "" || len(password) < 12 {
		return nil, errors.New("write postmark:USER:PASSWORD, the password of at least 12 characters")
	}
	return postmark{sha256.Sum256([]byte(user)), sha256.Sum256([]byte(password))}, nil
}

func (p postmark) open(_ context.Context, r Request) (Post, error) {
	if !p.proved(r.Header.Get("Authorization")) {
		return Post{}, ErrForged
	}
	var post struct {
		RecordType string

		// of a mail
		OriginalRecipient  string
		From               string
		MessageID          string
		RawEmail           string
		TextBody, HtmlBody string
		Headers            []struct{ Name, Value string }

		// of a bounce, a complaint, a change
		ID                json.Number
		Type              string
		Email, Recipient  string
		Details           string
		Description       string
		SuppressSending   bool
		SuppressionReason string
		ChangedAt         string
	}
	if err := json.Unmarshal(r.Body, &post); err != nil {
		return Post{}, malformed("the JSON")
	}
	note := inbound.Note{Recipient: post.Email, Diagnostic: post.Details}
	if id := string(post.ID); id != "" && id != "0" {
		note.ID = post.RecordType + " " + id
	}
	switch post.RecordType {
	case "", "Inbound":
		mail := []byte(post.RawEmail)
		if len(mail) == 0 {
			fields := [][2]string{{"From", post.From}}
			for _, h := range post.Headers {
				fields = append(fields, [2]string{h.Name, h.Value})
			}
			mail = rebuilt(fields, post.TextBody, post.HtmlBody)
		}
		if len(mail) == 0 || post.OriginalRecipient == "" {
			return Post{}, malformed("the mail or its recipient is missing")
		}
		return Post{Arrivals: []inbound.Arrival{{To: bare(post.OriginalRecipient), Raw: mail}}}, nil
	case "Bounce":
		if !postmarkBounce(post.Type, &note) {
			return Post{}, nil
		}
	case "SpamComplaint":
		note.Kind, note.Type, note.Reason = report.Complaint, report.None, "abuse"
	case "SubscriptionChange":
		if !post.SuppressSending {
			return Post{}, nil
		}
		note.Recipient, note.ID = post.Recipient, "change "+post.Recipient+" "+post.ChangedAt
		switch post.SuppressionReason {
		case "HardBounce":
			note.Kind, note.Type, note.Reason = report.Bounce, report.Hard, report.UserUnknown
		case "SpamComplaint":
			note.Kind, note.Type, note.Reason = report.Complaint, report.None, "abuse"
		default: // ManualSuppression: the reader's own wish, or the operator's
			note.Kind, note.Type, note.Reason = report.Complaint, report.None, "opt-out"
		}
	default:
		return Post{}, nil
	}
	if note.Recipient == "" {
		return Post{}, malformed("the recipient is missing")
	}
	return Post{Arrivals: []inbound.Arrival{{Note: &note}}}, nil
}

// proved does the same work whatever was given (RFC 7617).
func (p postmark) proved(authorization string) bool {
	encoded, _ := strings.CutPrefix(authorization, "Basic ")
	decoded, _ := base64.StdEncoding.DecodeString(encoded)
	user, password, _ := strings.Cut(string(decoded), ":")
	u, w := sha256.Sum256([]byte(user)), sha256.Sum256([]byte(password))
	return subtle.ConstantTimeCompare(u[:], p.user[:])&subtle.ConstantTimeCompare(w[:], p.password[:]) == 1
}

// postmarkBounce reads what Postmark calls a bounce; false for what is none.
func postmarkBounce(kind string, note *inbound.Note) bool {
	note.Kind = report.Bounce
	judged, reason := report.Judge("", note.Diagnostic)
	note.Type, note.Reason = report.Soft, reason
	switch kind {
	case "HardBounce", "BadEmailAddress":
		// Postmark calls hard whatever is permanent: what the server said decides
		// where it says that the address is not to blame.
		if note.Type, note.Reason = judged, reason; reason == report.Undefined {
			note.Type, note.Reason = report.Hard, report.UserUnknown
		}
	case "SoftBounce", "Undeliverable", "Unknown", "DMARCPolicy", "TemplateRenderingFailed", "SMTPApiError", "InboundError":
	case "DnsError":
		note.Reason = report.Network
	case "SpamNotification", "Blocked":
		if reason == report.Undefined || reason.Hard() {
			note.Reason = report.Blocked
		}
	case "VirusNotification":
		note.Reason = report.Virus
	case "Transient":
		note.Type = report.Delayed
	case "ManuallyDeactivated":
		note.Reason = report.Policy
	case "SpamComplaint":
		note.Kind, note.Type, note.Reason = report.Complaint, report.None, "abuse"
	case "Unsubscribe":
		note.Kind, note.Type, note.Reason = report.Complaint, report.None, "opt-out"
	default: // AutoResponder, ChallengeVerification, AddressChange, Subscribe, OpenRelayTest …
		return false
	}
	return true
}
