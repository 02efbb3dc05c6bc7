package mailbox

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

type taken struct {
	from, to string
	raw      []byte
}

// withLetter opens a mailbox with one letter, whose replies go to the channel.
func withLetter(t *testing.T) (*Mailbox, chan taken) {
	t.Helper()
	replies := make(chan taken, 4)
	m := openMailbox(t, Options{
		FormURL: "http://127.0.0.1:8080/", OperatorURL: "http://127.0.0.1:8080/operator/",
		Deliver: func(_ context.Context, from, to string, raw []byte) error {
			if strings.Contains(string(raw), "refuse me") {
				return errors.New("550 no such road")
			}
			replies <- taken{from, to, raw}
			return nil
		},
	})
	send(t, m, "ann@example.org", letterMail)
	return m, replies
}

func request(m *Mailbox, method, target string, form url.Values, header map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, r)
	return w
}

func TestPages(t *testing.T) {
	t.Parallel()
	m, _ := withLetter(t)
	for _, c := range []struct {
		name, target string
		status       int
		has, hasNot  []string
	}{
		{"the list", "/mailbox/", 200, []string{"A first letter – read slowly", "ann@example.org", "Tue 2 Mar 2027, 09:00 UTC", `value="next"`, `value="24h"`, `value="168h"`, "http://127.0.0.1:8080/operator/"}, []string{"<script", "Nothing is due"}},
		{"one person", "/mailbox/?to=ann@", 200, []string{"A first letter", `name="to" value="ann@"`}, nil},
		{"another person", "/mailbox/?to=ben@", 200, []string{"No mail yet"}, []string{"A first letter"}},
		{"nothing due", "/mailbox/?note=nothing-due", 200, []string{"Nothing is due any more"}, nil},
		{"a filter with markup", "/mailbox/?to=%3Cscript%3E", 200, []string{"&lt;script&gt;"}, []string{"<script>"}},
		{"a letter", "/mailbox/00000001", 200, []string{"<iframe", `sandbox="allow-popups allow-popups-to-escape-sandbox"`, "Long Road Letters", "http://127.0.0.1:8080/me/abc", "<textarea"}, []string{"document.title"}},
		{"its text", "/mailbox/00000001?view=text", 200, []string{"is this freely chosen?", `view=text" aria-current="page"`}, []string{"<iframe"}},
		{"its headers", "/mailbox/00000001?view=headers", 200, []string{"Reply-To: &lt;r&#43;abc234@reply.road.example&gt;"}, []string{"quoted-printable"}},
		{"its source", "/mailbox/00000001?view=source", 200, []string{"quoted-printable", "&lt;script&gt;"}, []string{"<script>"}},
		{"its own HTML", "/mailbox/00000001/html", 200, []string{`<head><base target="_blank">`, "Dear Ann"}, nil},
		{"the style", "/mailbox/style.css", 200, []string{"prefers-color-scheme"}, nil},
		{"no such letter", "/mailbox/00000009", 404, nil, nil},
		{"a path out of the folder", "/mailbox/..%2F..%2Fetc%2Fpasswd", 404, nil, nil},
		{"no such letter's HTML", "/mailbox/x/html", 404, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := request(m, http.MethodGet, c.target, nil, nil)
			if w.Code != c.status {
				t.Fatalf("status %d", w.Code)
			}
			for _, s := range c.has {
				if !strings.Contains(w.Body.String(), s) {
					t.Errorf("without %q:\n%s", s, w.Body)
				}
			}
			for _, s := range c.hasNot {
				if strings.Contains(w.Body.String(), s) {
					t.Errorf("with %q:\n%s", s, w.Body)
				}
			}
			policy := w.Header().Get("Content-Security-Policy")
			if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "script-src") {
				t.Errorf("policy %q", policy)
			}
		})
	}
	own := request(m, http.MethodGet, "/mailbox/00000001/html", nil, nil).Header().Get("Content-Security-Policy")
	if !strings.Contains(own, "sandbox allow-popups") || strings.Contains(own, "allow-scripts") {
		t.Errorf("a mail's own policy is %q", own)
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	m, _ := withLetter(t)
	send(t, m, "ben@example.org", "Subject: two\r\n\r\nhello\r\n")
	var list []map[string]any
	w := request(m, http.MethodGet, "/mailbox/messages.json", nil, nil)
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list) != 2 {
		t.Fatalf("%v: %s", err, w.Body)
	}
	newest, first := list[0], list[1]
	if newest["id"] != "00000002" || newest["to"] != "ben@example.org" || newest["subject"] != "two" || newest["at"] != "2027-03-02T09:00:00Z" ||
		newest["text"] != "hello\n" || len(newest["links"].([]any)) != 0 {
		t.Errorf("the newest is %v", newest)
	}
	if links := first["links"].([]any); len(links) != 3 || links[2] != "http://127.0.0.1:8080/me/abc" {
		t.Errorf("the first letter's links are %v", links)
	}
	empty := openMailbox(t, Options{})
	if w := request(empty, http.MethodGet, "/mailbox/messages.json", nil, nil); strings.TrimSpace(w.Body.String()) != "[]" {
		t.Errorf("an empty mailbox is %s", w.Body)
	}
	if w := request(m, http.MethodGet, "/mailbox/00000001.eml", nil, nil); w.Body.String() != letterMail || w.Header().Get("Content-Type") != "message/rfc822" {
		t.Errorf("the source is %q", w.Body)
	}
}

func TestReply(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, target string
		form         url.Values
		header       map[string]string
		status       int
		delivered    bool
	}{
		{"from the page", "/mailbox/00000001/reply", url.Values{"text": {"ready"}}, nil, 303, true},
		{"in JSON", "/mailbox/00000001/reply", url.Values{"text": {"ready"}}, map[string]string{"Accept": "application/json"}, 200, true},
		{"empty", "/mailbox/00000001/reply", url.Values{"text": {" \r\n"}}, nil, 400, false},
		{"without a text", "/mailbox/00000001/reply", nil, nil, 400, false},
		{"too long", "/mailbox/00000001/reply", url.Values{"text": {strings.Repeat("x", mostText+1)}}, nil, 400, false},
		{"far too long", "/mailbox/00000001/reply", url.Values{"text": {strings.Repeat("x", 5*mostText)}}, nil, 400, false},
		{"to no letter", "/mailbox/00000009/reply", url.Values{"text": {"ready"}}, nil, 404, false},
		{"refused by the service", "/mailbox/00000001/reply", url.Values{"text": {"refuse me"}}, nil, 502, false},
		{"from another site", "/mailbox/00000001/reply", url.Values{"text": {"stop"}}, map[string]string{"Sec-Fetch-Site": "cross-site"}, 403, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, replies := withLetter(t)
			w := request(m, http.MethodPost, c.target, c.form, c.header)
			if w.Code != c.status || (len(replies) == 1) != c.delivered {
				t.Fatalf("status %d, %d delivered: %s", w.Code, len(replies), w.Body)
			}
			if c.delivered {
				if r := <-replies; r.from != "ann@example.org" || r.to != "r+abc234@reply.road.example" || !strings.Contains(string(r.raw), "\r\nready\r\n") {
					t.Errorf("delivered %s, %s:\n%s", r.from, r.to, r.raw)
				}
			}
			if c.status == 303 && w.Header().Get("Location") != "/mailbox/00000001?note=replied" {
				t.Errorf("sent to %s", w.Header().Get("Location"))
			}
		})
	}
	m, replies := withLetter(t)
	if w := request(m, http.MethodGet, "/mailbox/00000001/reply?text=stop", nil, nil); w.Code != http.StatusMethodNotAllowed || len(replies) != 0 {
		t.Errorf("GET answers %d and delivers %d", w.Code, len(replies))
	}
}
