package webhook

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"longroad/internal/inbound"
)

// TestMails gives the mail byte by byte, and the envelope where it is told.
func TestMails(t *testing.T) {
	t.Parallel()
	latin := strings.Replace(mail, "ready", "bientôt \xe9t\xe9 \x00", 1)
	for name, want := range map[string]inbound.Arrival{
		"raw":      {Way: "raw", From: "bounces@example.org", To: "r-token@letters.example.org"},
		"mailgun":  {Way: "mailgun", From: "reader@example.org", To: "r-token@letters.example.org"},
		"sendgrid": {Way: "sendgrid", From: "reader@example.org", To: "r-token@letters.example.org"},
	} {
		p := every(t)[name]
		arrivals, err := take(t, desk(t, nil, p.secret), name, p.make(t, noon, latin))
		if err != nil || len(arrivals) != 1 {
			t.Fatalf("%s: %v, %v", name, arrivals, err)
		}
		got := arrivals[0]
		if !bytes.Equal(got.Raw, []byte(latin)) || got.Way != want.Way || got.From != want.From || got.To != want.To {
			t.Errorf("%s: %q from %q to %q", name, got.Raw, got.From, got.To)
		}
	}
}

// TestNullSender tells a sender that is nobody from one that is not told.
func TestNullSender(t *testing.T) {
	t.Parallel()
	r := rawPost(t, noon, mail)
	r.Header.Set(RawSender, "<>")
	r.Header.Set(RawSignature, fmt.Sprintf("%x", sign(rawSecret, seconds(noon)+"\n<>\nr-token@letters.example.org\n"+mail)))
	if all, err := take(t, desk(t, nil, rawSecret), "raw", r); err != nil || all[0].From != "<>" {
		t.Errorf("%v, %v", all, err)
	}
	r.Header.Del(RawSender)
	r.Header.Set(RawSignature, fmt.Sprintf("%x", sign(rawSecret, seconds(noon)+"\n\nr-token@letters.example.org\n"+mail)))
	if all, err := take(t, desk(t, nil, rawSecret), "raw", r); err != nil || all[0].From != "" {
		t.Errorf("not told: %v, %v", all, err)
	}
	if got := sender("<a@example.org>\r\nX-Evil: 1"); strings.ContainsAny(got, "\r\n") {
		t.Errorf("a sender of two lines: %q", got)
	}
	p := every(t)["postmark"]
	if all, err := take(t, desk(t, nil, p.secret), "postmark", p.make(t, noon, p.body)); err != nil || all[0].From != "" {
		t.Errorf("%v, %v", all, err)
	}
}

// TestRebuilt reads mails that a provider took apart.
func TestRebuilt(t *testing.T) {
	t.Parallel()
	p := every(t)["postmark"]
	body := `{"OriginalRecipient":"r-token@letters.example.org","From":"reader@example.org","TextBody":"not yet\nthank you é","HtmlBody":"<p>not yet</p>",
		"Headers":[{"Name":"In-Reply-To","Value":"<1@letters.example.org>"},{"Name":"Content-Type","Value":"text/plain"},{"Name":"X-Evil\r\nBcc","Value":"x"},{"Name":"Subject","Value":"Re:\r\nBcc: b@example.org"}]}`
	all, err := take(t, desk(t, nil, p.secret), "postmark", p.make(t, noon, body))
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	raw := string(all[0].Raw)
	if answered := inbound.Answered(all[0].Raw); len(answered) != 1 || answered[0] != "1@letters.example.org" {
		t.Errorf("it answers %v", answered)
	}
	e, err := inbound.Explain(all[0].Raw, inbound.Options{})
	if err != nil || e.Kind != "reply" || !strings.Contains(e.Reply.Text, "not yet\nthank you é") {
		t.Errorf("it reads %+v, %v", e.Reply, err)
	}
	if strings.Contains(raw, "\nBcc") || strings.Contains(raw, "\nX-Evil") {
		t.Errorf("a field was smuggled in:\n%s", raw)
	}
	header := "From: reader@example.org\r\nIn-Reply-To:\r\n <1@letters.example.org>\r\n"
	form, kind := multiparted("envelope", `{"to":["r-token@letters.example.org"]}`, "headers", header, "text", "ready")
	taken, err := sendgridMail(must(readForm(Request{Body: form, Header: http.Header{"Content-Type": {kind}}})))
	if err != nil || len(taken.Arrivals) != 1 || len(inbound.Answered(taken.Arrivals[0].Raw)) != 1 || taken.Arrivals[0].From != "<>" {
		t.Errorf("%v, %v", taken, err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestResendFetches gets the mail that a post only names, and asks for it to come
// again where it cannot be had.
func TestResendFetches(t *testing.T) {
	t.Parallel()
	var server *httptest.Server
	status := http.StatusOK
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/raw/1" && r.Header.Get("Authorization") == "":
			_, _ = io.WriteString(w, mail)
		case r.URL.Path == "/emails/receiving/0a-1" && r.Header.Get("Authorization") == "Bearer key":
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"raw":{"download_url":%q}}`, server.URL+"/raw/1")
		case r.URL.Path == "/emails/receiving/0a-2":
			_, _ = io.WriteString(w, `{"text":"ready","headers":{"in-reply-to":"<1@letters.example.org>"}}`)
		case r.URL.Path == "/emails/receiving/0a-3":
			_, _ = io.WriteString(w, `{"raw":{"download_url":"http://192.0.2.1/metadata"}}`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)
	open := func(id string) ([]inbound.Arrival, error) {
		d := desk(t, func(o *Options) { o.Client, o.ResendAPI = server.Client(), server.URL }, "resend:"+resendSecret+":key")
		return take(t, d, "resend", resendPost(t, noon, `{"type":"email.received","data":{"email_id":"`+id+`","to":["r-token@letters.example.org"]}}`))
	}
	if all, err := open("0a-1"); err != nil || len(all) != 1 || string(all[0].Raw) != mail || all[0].To != "r-token@letters.example.org" {
		t.Errorf("a raw mail: %v, %v", all, err)
	}
	if all, err := open("0a-2"); err != nil || len(all) != 1 || len(inbound.Answered(all[0].Raw)) != 1 {
		t.Errorf("a mail in parts: %v, %v", all, err)
	}
	for _, id := range []string{"0a-3", "0a-4", "../../x", ""} {
		if all, err := open(id); err == nil {
			t.Errorf("%q gives %v", id, all)
		}
	}
	status = http.StatusBadGateway
	if _, err := open("0a-1"); err == nil || strings.Contains(err.Error(), server.URL) {
		t.Errorf("with the provider away: %v", err)
	}
}

// TestResendLeadsAstray follows what leads to a host over TLS, and asks nobody
// else: a machine beside ours may tell secrets to whoever asks it.
func TestResendLeadsAstray(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"http://169.254.169.254/latest/meta-data/", "https://169.254.169.254/", "https://localhost/", "https://metadata/", "https://127.1/", "http://mails.example.org/1"} {
		for _, redirected := range []bool{true, false} {
			var asked []string
			client := &http.Client{Transport: roundTrip(func(r *http.Request) *http.Response {
				asked = append(asked, r.URL.String())
				response := &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"raw":{"download_url":"https://mails.example.org/1"}}`)), Request: r}
				switch {
				case r.URL.Host != "mails.example.org" && !redirected:
					response.Body = io.NopCloser(strings.NewReader(fmt.Sprintf(`{"raw":{"download_url":%q}}`, to)))
				case r.URL.Host == "mails.example.org":
					response.StatusCode = 302
					response.Header.Set("Location", to)
				}
				return response
			})}
			d := desk(t, func(o *Options) { o.Client = client }, "resend:"+resendSecret+":key")
			_, err := take(t, d, "resend", resendPost(t, noon, `{"type":"email.received","data":{"email_id":"0a-1","to":["r-token@letters.example.org"]}}`))
			if err == nil || slices.Contains(asked, to) {
				t.Errorf("to %s, redirected %v: %v, asked %v", to, redirected, err, asked)
			}
		}
	}
}

// roundTrip answers requests without a network.
type roundTrip func(*http.Request) *http.Response

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

// TestS3 reads a mail from a bucket, as a server that speaks S3 gives it.
func TestS3(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/mails/in/1" || !strings.Contains(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=someone/") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, mail)
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "someone")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "a secret")
	t.Setenv("AWS_CONFIG_FILE", "/nonexistent")
	if raw, err := S3()(t.Context(), "mails", "in/1"); err != nil || string(raw) != mail {
		t.Errorf("%q, %v", raw, err)
	}
	if _, err := S3()(t.Context(), "mails", "in/2"); err == nil {
		t.Error("a mail that may not be read is none")
	}
}

// FuzzDesk: whatever is posted, rightly signed, is read or refused.
func FuzzDesk(f *testing.F) {
	for name, p := range every(f) {
		f.Add(name, p.body)
	}
	f.Add("mailgun", base64.StdEncoding.EncodeToString(make([]byte, 40)))
	f.Fuzz(func(t *testing.T, name, body string) {
		p, found := every(t)[name]
		if !found || len(body) < 10 {
			return
		}
		provider, _, _ := strings.Cut(name, " ")
		all, err := take(t, desk(t, nil, p.secret), provider, p.make(t, noon, body))
		for _, a := range all {
			if err != nil || (a.Note == nil) == (len(a.Raw) == 0) || a.Way != provider {
				t.Errorf("%+v, %v", a, err)
			}
		}
	})
}
