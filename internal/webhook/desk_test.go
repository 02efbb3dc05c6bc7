package webhook

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"longroad/internal/inbound"
)

var noon = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

const mail = "From: reader@example.org\r\nTo: r-token@letters.example.org\r\nSubject: Re: A letter\r\nMessage-ID: <1@example.org>\r\n\r\nready\r\n"

// memory is a Used of one process.
type memory struct{ sync.Map }

func (m *memory) Has(_ context.Context, key string) bool { _, found := m.Load(key); return found }

func (m *memory) Put(_ context.Context, key string, _ time.Duration) { m.Store(key, true) }

// away is a network that nobody may use.
type away struct{}

func (away) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("%s was asked for", r.URL)
}

// desk opens a desk for one secret, with the clock at noon and no network.
func desk(t testing.TB, change func(*Options), secrets ...string) *Desk {
	t.Helper()
	o := Options{Secrets: secrets, Now: func() time.Time { return noon }, Used: &memory{}, Client: &http.Client{Transport: away{}}}
	if change != nil {
		change(&o)
	}
	d, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// take opens a post as the pages do: what is taken is kept.
func take(t testing.TB, d *Desk, provider string, r Request) ([]inbound.Arrival, error) {
	t.Helper()
	post, err := d.Open(t.Context(), provider, r)
	if err == nil {
		d.Kept(t.Context(), post)
	}
	return post.Arrivals, err
}

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func sign(secret, text string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func seconds(at time.Time) string { return fmt.Sprint(at.Unix()) }

// maker makes a rightly signed post of that moment.
type maker func(t testing.TB, at time.Time, body string) Request

const (
	rawSecret     = "sixteen characters at least"
	mailgunSecret = "key-of-mailgun"
	resendSecret  = "whsec_c2l4dGVlbiBjaGFyYWN0ZXJzIGF0IGxlYXN0"
)

func rawPost(_ testing.TB, at time.Time, body string) Request {
	from, to := "<bounces@example.org>", "r-token@letters.example.org"
	return Request{Body: []byte(body), Header: header(RawTimestamp, seconds(at), RawSender, from, RawRecipient, to,
		RawSignature, hex.EncodeToString(sign(rawSecret, seconds(at)+"\n"+from+"\n"+to+"\n"+body)))}
}

func postmarkPost(_ testing.TB, _ time.Time, body string) Request {
	return Request{Body: []byte(body), Source: netip.MustParseAddr("192.0.2.7"),
		Header: header("Content-Type", "application/json", "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("letters:a long password")))}
}

// mailgunPost fills in what is signed, in a form or in JSON.
func mailgunPost(_ testing.TB, at time.Time, body string) Request {
	token := hex.EncodeToString([]byte(body))[:20] + seconds(at)
	signature := hex.EncodeToString(sign(mailgunSecret, seconds(at)+token))
	if strings.HasPrefix(body, "{") {
		body = fmt.Sprintf(`{"signature":{"timestamp":%q,"token":%q,"signature":%q},%s`, seconds(at), token, signature, body[1:])
		return Request{Header: header("Content-Type", "application/json"), Body: []byte(body)}
	}
	form, kind := multiparted("timestamp", seconds(at), "token", token, "signature", signature, "recipient", "r-token@letters.example.org",
		"sender", "reader@example.org", "body-mime", body)
	return Request{Header: header("Content-Type", kind), Body: form}
}

func multiparted(pairs ...string) (body []byte, kind string) {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, "--xyz\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", pairs[i], pairs[i+1])
	}
	return []byte(b.String() + "--xyz--\r\n"), "multipart/form-data; boundary=xyz"
}

var sendgridKey = sync.OnceValue(func() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
})

func sendgridSecret(t testing.TB) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&sendgridKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return "sendgrid:" + base64.StdEncoding.EncodeToString(der)
}

func sendgridPost(t testing.TB, at time.Time, body string) Request {
	t.Helper()
	kind, raw := "application/json", []byte(body)
	if !strings.HasPrefix(body, "[") {
		raw, kind = multiparted("envelope", `{"from":"reader@example.org","to":["r-token@letters.example.org"]}`, "charsets", `{"to":"UTF-8"}`, "email", body)
	}
	sum := sha256.Sum256(append([]byte(seconds(at)), raw...))
	signature, err := ecdsa.SignASN1(rand.Reader, sendgridKey(), sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return Request{Body: raw, Header: header("Content-Type", kind, "X-Twilio-Email-Event-Webhook-Timestamp", seconds(at),
		"X-Twilio-Email-Event-Webhook-Signature", base64.StdEncoding.EncodeToString(signature))}
}

func resendPost(_ testing.TB, at time.Time, body string) Request {
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(resendSecret, "whsec_"))
	signature := base64.StdEncoding.EncodeToString(sign(string(key), "msg_1."+seconds(at)+"."+body))
	return Request{Body: []byte(body), Header: header("Content-Type", "application/json", "svix-id", "msg_1", "svix-timestamp", seconds(at),
		"svix-signature", "v1,bm90IHRoaXMgb25l v1,"+signature)}
}

// every is each provider with a post that it takes, SES aside: its messages need
// certificates.
func every(t testing.TB) map[string]struct {
	secret string
	make   maker
	body   string
	window time.Duration // 0: no timestamp is signed
} {
	t.Helper()
	bounce := `{"event-data":{"event":"failed","severity":"permanent","recipient":"a@example.org","id":"e1","delivery-status":{"code":550,"enhanced-code":"5.1.1","message":"No such user"}}}`
	return map[string]struct {
		secret string
		make   maker
		body   string
		window time.Duration
	}{
		"raw":            {"raw:" + rawSecret, rawPost, mail, rawWindow},
		"postmark":       {"postmark:letters:a long password", postmarkPost, `{"OriginalRecipient":"r-token@letters.example.org","RawEmail":` + quoted(mail) + `}`, 0},
		"mailgun":        {"mailgun:" + mailgunSecret, mailgunPost, mail, mailgunWindow},
		"mailgun events": {"mailgun:" + mailgunSecret, mailgunPost, bounce, mailgunWindow},
		"sendgrid":       {sendgridSecret(t), sendgridPost, mail, sendgridWindow},
		"sendgrid events": {sendgridSecret(t), sendgridPost,
			`[{"event":"spamreport","email":"a@example.org","sg_event_id":"1"}]`, sendgridWindow},
		"resend": {"resend:" + resendSecret + ":key", resendPost, `{"type":"email.complained","data":{"to":["a@example.org"]}}`, resendWindow},
	}
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// TestRefused: what is forged, stale, replayed or cut off is refused, whoever
// posts it, and what is right is taken.
func TestRefused(t *testing.T) {
	t.Parallel()
	for name, p := range every(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			provider, _, _ := strings.Cut(name, " ")
			open := func(r Request) error {
				_, err := take(t, desk(t, nil, p.secret), provider, r)
				return err
			}
			good := func() Request { return p.make(t, noon, p.body) }
			if arrivals, err := take(t, desk(t, nil, p.secret), provider, good()); err != nil || len(arrivals) != 1 || arrivals[0].Way != provider {
				t.Fatalf("a right post gives %v, %v", arrivals, err)
			}
			for field := range good().Header {
				if field == "Content-Type" {
					continue
				}
				r := good()
				r.Header.Del(field)
				if err := open(r); !errors.Is(err, ErrForged) {
					t.Errorf("without %s: %v", field, err)
				}
				value := []byte(good().Header.Get(field))
				value[len(value)-1] ^= 1
				r = good()
				r.Header.Set(field, string(value))
				if err := open(r); field != "Svix-Signature" && !errors.Is(err, ErrForged) {
					t.Errorf("%s changed: %v", field, err)
				}
			}
			for cut := 1; cut < len(good().Body); cut++ {
				r := good()
				if r.Body = r.Body[:len(r.Body)-cut]; open(r) == nil && !harmless(provider, cut) {
					t.Fatalf("taken with the last %d bytes cut off", cut)
				}
			}
			if p.window == 0 {
				return
			}
			for _, age := range []time.Duration{p.window + time.Second, -p.window - time.Second} {
				if err := open(p.make(t, noon.Add(-age), p.body)); !errors.Is(err, ErrStale) {
					t.Errorf("%v old: %v", age, err)
				}
			}
			if err := open(p.make(t, noon.Add(-p.window), p.body)); err != nil {
				t.Errorf("just in time: %v", err)
			}
		})
	}
}

// harmless tells that what was cut off is the line end behind a form's last mark.
func harmless(provider string, cut int) bool { return provider == "mailgun" && cut <= 2 }

// TestReplayed: what a signature alone does not tie to its body serves once, and
// only once it is kept: who had no answer may post again.
func TestReplayed(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"raw", "mailgun", "mailgun events"} {
		p := every(t)[name]
		provider, _, _ := strings.Cut(name, " ")
		d, r := desk(t, nil, p.secret), p.make(t, noon, p.body)
		if _, err := d.Open(t.Context(), provider, r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := take(t, d, provider, r); err != nil {
			t.Errorf("%s, again before it was kept: %v", name, err)
		}
		if _, err := take(t, d, provider, r); !errors.Is(err, ErrReplayed) {
			t.Errorf("%s, again: %v", name, err)
		}
	}
	// Mailgun's signature does not cover the mail.
	p := every(t)["mailgun"]
	d, r := desk(t, nil, p.secret), p.make(t, noon, p.body)
	if _, err := take(t, d, "mailgun", r); err != nil {
		t.Fatal(err)
	}
	r.Body = []byte(strings.Replace(string(r.Body), "ready", "stop!", 1))
	if _, err := take(t, d, "mailgun", r); !errors.Is(err, ErrReplayed) {
		t.Errorf("another mail under the same signature: %v", err)
	}
}

// TestDesk opens only what has a secret, from where it may come, with any of the
// secrets that are in use.
func TestDesk(t *testing.T) {
	t.Parallel()
	p := every(t)["postmark"]
	sources := func(o *Options) { o.Sources = []string{"postmark:192.0.2.0/24", "postmark:2001:db8::1"} }
	elsewhere := p.make(t, noon, p.body)
	elsewhere.Source = netip.MustParseAddr("198.51.100.1")
	for name, c := range map[string]struct {
		d        *Desk
		provider string
		r        Request
		want     error
	}{
		"no secret":        {desk(t, nil, "raw:"+rawSecret), "postmark", p.make(t, noon, p.body), ErrClosed},
		"nobody knows it":  {desk(t, nil, p.secret), "sparkpost", p.make(t, noon, p.body), ErrClosed},
		"from its source":  {desk(t, sources, p.secret), "postmark", p.make(t, noon, p.body), nil},
		"from elsewhere":   {desk(t, sources, p.secret), "postmark", elsewhere, ErrForged},
		"the older secret": {desk(t, nil, "postmark:letters:the new password", p.secret), "postmark", p.make(t, noon, p.body), nil},
		"a bare secret":    {desk(t, nil, rawSecret), "raw", rawPost(t, noon, mail), nil},
		"another topic":    {desk(t, nil, "ses:arn:aws:sns:eu-west-1:1:letters"), "ses", Request{Body: []byte(`{"TopicArn":"arn:aws:sns:eu-west-1:2:other"}`)}, ErrForged},
	} {
		if _, err := take(t, c.d, c.provider, c.r); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, secret := range []string{"tiny", "raw:tiny", "postmark:user", "postmark:user:tiny", "mailgun:", "sendgrid:x", "sendgrid:" + base64.StdEncoding.EncodeToString([]byte("no key")),
		"ses:letters", "resend:whsec_x:key", "resend:" + resendSecret} {
		_, err := New(Options{Secrets: []string{secret}})
		_, value, _ := strings.Cut(secret, ":")
		if err == nil || len(value) > 1 && strings.Contains(err.Error(), value) && !slices.Contains([]string{"letters", "user"}, value) {
			t.Errorf("%s: %v", secret, err)
		}
	}
	for _, source := range []string{"postmark", "192.0.2.0/24", "postmark:somewhere"} {
		if _, err := New(Options{Sources: []string{source}}); err == nil {
			t.Errorf("source %s is taken", source)
		}
	}
}
