package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"longroad/internal/inbound"
	"longroad/internal/webhook"
)

const inboundSecret = "a secret of this test alone"

// shelf keeps what arrives.
type shelf struct {
	mu   sync.Mutex
	kept []inbound.Arrival
	full error
}

func (s *shelf) Receive(_ context.Context, a inbound.Arrival) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full != nil {
		return s.full
	}
	s.kept = append(s.kept, a)
	return nil
}

// used remembers in this process.
type used struct{ sync.Map }

func (u *used) Has(_ context.Context, key string) bool                  { _, found := u.Load(key); return found }
func (u *used) Put(_ context.Context, key string, within time.Duration) { u.Store(key, within) }

func rawPost(secret, body string) *http.Request {
	at, to := fmt.Sprint(time.Now().Unix()), "r-token@letters.example.org"
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at + "\n<>\n" + to + "\n" + body))
	r := httptest.NewRequest(http.MethodPost, "/inbound/raw", strings.NewReader(body))
	r.Header.Set("Content-Type", "message/rfc822")
	r.Header.Set(webhook.RawTimestamp, at)
	r.Header.Set(webhook.RawSender, "<>")
	r.Header.Set(webhook.RawRecipient, to)
	r.Header.Set(webhook.RawSignature, hex.EncodeToString(mac.Sum(nil)))
	return r
}

// TestInboundPost keeps a mail before it acknowledges it, and refuses the rest.
func TestInboundPost(t *testing.T) {
	t.Parallel()
	kept := &shelf{}
	desk, err := webhook.New(webhook.Options{Secrets: []string{"raw:" + inboundSecret}, Now: time.Now, Used: &used{}, Client: http.DefaultClient})
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, func(o *Options) { o.Desk, o.Arrivals = desk, kept })
	const mail = "From: a@example.org\r\n\r\nready\r\n"
	good := rawPost(inboundSecret, mail)

	kept.full = errors.New("the database is away")
	if w := h.do(good.Clone(t.Context())); w.Code < 500 {
		t.Errorf("with nowhere to keep it: %d", w.Code)
	}
	kept.full = nil
	good = rawPost(inboundSecret, mail)
	again := good.Clone(t.Context())
	again.Body = http.NoBody
	expect(t, h.do(good), 200, "kept")
	if len(kept.kept) != 1 || string(kept.kept[0].Raw) != mail || kept.kept[0].Way != "raw" || kept.kept[0].From != "<>" {
		t.Errorf("kept is %+v", kept.kept)
	}
	repeated := rawPost(inboundSecret, mail)
	repeated.Header = again.Header
	for name, c := range map[string]struct {
		r    *http.Request
		want int
	}{
		"again":             {repeated, http.StatusConflict},
		"forged":            {rawPost("another secret than this one", mail), http.StatusForbidden},
		"empty":             {rawPost(inboundSecret, ""), http.StatusBadRequest},
		"too large":         {rawPost(inboundSecret, strings.Repeat("x", webhook.MaxBody+1)), http.StatusRequestEntityTooLarge},
		"a closed provider": {httptest.NewRequest(http.MethodPost, "/inbound/postmark", strings.NewReader("{}")), http.StatusNotFound},
		"nobody":            {httptest.NewRequest(http.MethodPost, "/inbound/nobody", strings.NewReader("{}")), http.StatusNotFound},
	} {
		if w := h.do(c.r); w.Code != c.want {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if len(kept.kept) != 1 {
		t.Errorf("kept are %d", len(kept.kept))
	}
	if w := newHouse(t).do(rawPost(inboundSecret, mail)); w.Code != http.StatusNotFound {
		t.Errorf("without a desk: %d", w.Code)
	}
}
