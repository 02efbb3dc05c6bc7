package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
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

// stalled is a body that says when it is waited for, and comes no further.
type stalled struct {
	waited chan<- string
	name   string
	end    <-chan struct{}
}

func (s stalled) Read([]byte) (int, error) {
	s.waited <- s.name
	<-s.end
	return 0, errors.New("cut off")
}

// TestInboundStalled lets whoever holds on to all its places keep no other source
// out, and no closed provider take any.
func TestInboundStalled(t *testing.T) {
	t.Parallel()
	desk, err := webhook.New(webhook.Options{Secrets: []string{"raw:" + inboundSecret}, Now: time.Now, Used: &used{}, Client: http.DefaultClient})
	if err != nil {
		t.Fatal(err)
	}
	kept := &shelf{}
	h := newHouse(t, func(o *Options) { o.Desk, o.Arrivals = desk, kept })
	waited, end := make(chan string, 1000), make(chan struct{})
	var posts sync.WaitGroup
	stall := func(provider string, length int64) {
		r := httptest.NewRequest(http.MethodPost, "/inbound/"+provider, stalled{waited, provider, end})
		r.ContentLength = length
		posts.Go(func() { h.do(r) })
	}
	for range 2 * inboundSmalls {
		stall("nobody", 1<<20)
		stall("raw", 1000)
		stall("raw", 1<<20)
	}
	for range inboundSmalls/4 + inboundLarges/2 {
		if name := <-waited; name != "raw" {
			t.Errorf("%s is read", name)
		}
	}
	for _, large := range []bool{false, true} {
		r := rawPost(inboundSecret, "From: a@example.org\r\n\r\nready\r\n")
		r.RemoteAddr = "198.51.100.7:4000"
		if large {
			r = rawPost(inboundSecret, "From: a@example.org\r\n\r\n"+strings.Repeat("ready\r\n", inboundSmall))
			r.RemoteAddr = "[2001:db8::1]:4000"
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		expect(t, h.do(r.WithContext(ctx)), 200, "kept")
	}
	if len(waited) > 0 {
		t.Errorf("%d more are read from one source", len(waited))
	}
	close(end)
	posts.Wait()
}

// TestInboundPace: what comes slowly has little time, what comes briskly more.
func TestInboundPace(t *testing.T) {
	t.Parallel()
	began := time.Now()
	var limits []time.Duration
	b := &brisk{from: strings.NewReader(strings.Repeat("x", 100*inboundPace)), until: began.Add(inboundPatience), last: began.Add(inboundTakes),
		limit: func(until time.Time) error { limits = append(limits, until.Sub(began)); return nil }}
	for _, n := range []int{1, inboundPace - 1, 20 * inboundPace, 60 * inboundPace, 1} {
		if _, err := io.ReadFull(b, make([]byte, n)); err != nil {
			t.Fatal(err)
		}
	}
	want := []time.Duration{10 * time.Second, 10*time.Second + time.Second/inboundPace, 11 * time.Second, 31 * time.Second, time.Minute}
	for i, got := range limits {
		if (got - want[i]).Abs() > time.Millisecond {
			t.Errorf("read %d may take until %v, want %v", i, got, want[i])
		}
	}
}

// late is a desk that takes longer than a page may be written.
type late struct {
	Desk
	over <-chan time.Time
}

func (l late) Takes(string, netip.Addr) error { return nil }
func (l late) Open(context.Context, string, webhook.Request) (webhook.Post, error) {
	<-l.over
	return webhook.Post{}, nil
}
func (l late) Kept(context.Context, webhook.Post) {}

// TestInboundAnswersLate: a mail that is fetched, or slow to come, is acknowledged
// all the same; a page would have had its time.
func TestInboundAnswersLate(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) {
		o.Desk, o.Arrivals = late{over: time.After(150 * time.Millisecond)}, &shelf{}
	})
	server := httptest.NewUnstartedServer(h.handler)
	server.Config.WriteTimeout = 50 * time.Millisecond
	server.Config.ReadTimeout = 50 * time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	response, err := http.Post(server.URL+"/inbound/raw", "message/rfc822", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("%d", response.StatusCode)
	}
}
