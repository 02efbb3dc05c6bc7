package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"longroad/internal/inbound"
	"longroad/internal/inbound/report"
)

const (
	resendWindow = 5 * time.Minute
	resendAPI    = "https://api.resend.com"
)

// resend signs id, timestamp and body with HMAC-SHA256, in base64, as Svix does.
// Of a mail it posts only that there is one: the mail is fetched.
type resend struct {
	secret []byte
	apiKey string
	Options
}

func newResend(secret string, o Options) (provider, error) {
	signing, apiKey, _ := strings.Cut(secret, ":")
	encoded, prefixed := strings.CutPrefix(signing, "whsec_")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || !prefixed || len(key) < 16 || apiKey == "" {
		return nil, errors.New("write resend:whsec_SECRET:API-KEY; the key fetches the mails")
	}
	if o.ResendAPI == "" {
		o.ResendAPI = resendAPI
	}
	return resend{key, apiKey, o}, nil
}

func (p resend) open(ctx context.Context, r Request) (Post, error) {
	id, at := r.Header.Get("svix-id"), r.Header.Get("svix-timestamp")
	mac := hmac.New(sha256.New, p.secret)
	mac.Write([]byte(id + "." + at + "."))
	mac.Write(r.Body)
	want := mac.Sum(nil)
	if !slices.ContainsFunc(strings.Fields(r.Header.Get("svix-signature")), func(one string) bool {
		encoded, v1 := strings.CutPrefix(one, "v1,")
		given, err := base64.StdEncoding.DecodeString(encoded)
		return v1 && err == nil && hmac.Equal(given, want)
	}) {
		return Post{}, ErrForged
	}
	if err := p.inTime(at, resendWindow); err != nil {
		return Post{}, err
	}
	var post struct {
		Type string
		Data struct {
			EmailID   string   `json:"email_id"`
			From      string   `json:"from"`
			To        []string `json:"to"`
			MessageID string   `json:"message_id"`
			Headers   []struct{ Name, Value string }
			Bounce    struct{ Message, Type, SubType string }
		}
	}
	if err := json.Unmarshal(r.Body, &post); err != nil {
		return Post{}, malformed("the JSON")
	}
	note := inbound.Note{MessageID: bare(post.Data.MessageID), Diagnostic: post.Data.Bounce.Message}
	for _, h := range post.Data.Headers {
		if strings.EqualFold(h.Name, "Message-ID") {
			note.MessageID = bare(h.Value)
		}
	}
	switch post.Type {
	case "email.received":
		return p.received(ctx, post.Data.EmailID, post.Data.To)
	case "email.bounced":
		note.Kind = report.Bounce
		note.Type, note.Reason = amazonBounce(post.Data.Bounce.Type, post.Data.Bounce.SubType, "", post.Data.Bounce.Message)
	case "email.delivery_delayed":
		note.Kind, note.Type, note.Reason = report.Bounce, report.Delayed, report.Undefined
	case "email.complained":
		note.Kind, note.Type, note.Reason = report.Complaint, report.None, "abuse"
	default:
		return Post{}, nil
	}
	var all []inbound.Arrival
	for _, to := range post.Data.To {
		one := note
		one.ID, one.Recipient = id+" "+to, to
		all = append(all, inbound.Arrival{Note: &one})
	}
	return Post{Arrivals: all}, nil
}

// received fetches a mail, by Resend's API and from where that points to.
func (p resend) received(ctx context.Context, id string, recipients []string) (Post, error) {
	if id == "" || strings.ContainsFunc(id, func(c rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF-", c) }) {
		return Post{}, malformed("the mail's id")
	}
	body, err := p.fetch(ctx, p.ResendAPI+"/emails/receiving/"+id, "Bearer "+p.apiKey)
	if err != nil {
		return Post{}, err
	}
	var mail struct {
		To         []string          `json:"to"`
		Text, HTML string            // of a mail whose raw form is gone
		Headers    map[string]string `json:"headers"`
		Raw        struct {
			URL string `json:"download_url"`
		} `json:"raw"`
	}
	if err := json.Unmarshal(body, &mail); err != nil {
		return Post{}, fmt.Errorf("resend answers no mail: %w", err)
	}
	var raw []byte
	if mail.Raw.URL != "" {
		if raw, err = p.fetch(ctx, mail.Raw.URL, ""); err != nil {
			return Post{}, err
		}
	} else {
		var fields [][2]string
		for name, value := range mail.Headers {
			fields = append(fields, [2]string{name, value})
		}
		raw = rebuilt(fields, mail.Text, mail.HTML)
	}
	if len(raw) == 0 {
		return Post{}, errors.New("resend gives an empty mail")
	}
	var all []inbound.Arrival
	for _, to := range recipients {
		all = append(all, inbound.Arrival{To: bare(to), Raw: raw})
	}
	return Post{Arrivals: all}, nil
}

// fetch gets what a provider points to: over TLS, or from where it was told that
// the provider answers.
func (o Options) fetch(ctx context.Context, address, authorization string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil || !o.mayAsk(u) {
		return nil, malformed("an address that is not https")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, malformed("an address")
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	client := *o.Client
	client.CheckRedirect = func(next *http.Request, before []*http.Request) error {
		if len(before) > 3 || !o.mayAsk(next.URL) {
			return errors.New("sent to another place")
		}
		return nil
	}
	response, err := client.Do(req)
	if err != nil {
		return nil, errors.New("the provider does not answer") // the error would name the address, which may be signed
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the provider answers %d", response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, MaxBody+1))
	if err != nil {
		return nil, errors.New("the provider's answer breaks off")
	}
	if len(body) > MaxBody {
		return nil, malformed("the mail is too large")
	}
	return body, nil
}

// mayAsk tells where a provider may point to: over TLS to a host of that name, so
// that it is not a machine beside ours that answers, or to the provider itself.
func (o Options) mayAsk(u *url.URL) bool {
	return u.Scheme == "https" && named(u) || o.ResendAPI != "" && strings.HasPrefix(u.String(), o.ResendAPI+"/")
}

// named tells an address on the web with a host's full name: no number, which is
// where clouds answer their own machines, and nothing of this network.
func named(u *url.URL) bool {
	host := u.Hostname()
	_, err := netip.ParseAddr(host)
	return (u.Scheme == "https" || u.Scheme == "http") && err != nil && strings.Contains(host, ".") &&
		strings.ContainsFunc(host[strings.LastIndexByte(host, '.')+1:], unicode.IsLetter)
}
