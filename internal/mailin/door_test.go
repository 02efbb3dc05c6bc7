package mailin

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"longroad/internal/inbound"
)

// keeper stands for the Road.
type keeper struct {
	mu    sync.Mutex
	kept  []inbound.Arrival
	fails func(a inbound.Arrival) error // nil: never
	more  chan struct{}                 // a signal for each
}

func newKeeper() *keeper { return &keeper{more: make(chan struct{}, 1000)} }

func (k *keeper) receive(_ context.Context, a inbound.Arrival) error {
	k.mu.Lock()
	fails := k.fails
	k.mu.Unlock()
	if fails != nil {
		if err := fails(a); err != nil {
			return err
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	a.Raw = bytes.Clone(a.Raw)
	k.kept = append(k.kept, a)
	k.more <- struct{}{}
	return nil
}

func (k *keeper) failing(fails func(inbound.Arrival) error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fails = fails
}

func (k *keeper) all() []inbound.Arrival {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]inbound.Arrival(nil), k.kept...)
}

// await waits for n more.
func (k *keeper) await(t *testing.T, n int) {
	t.Helper()
	for range n {
		select {
		case <-k.more:
		case <-time.After(20 * time.Second):
			t.Fatal("no mail came")
		}
	}
}

var noon = time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)

func options(k *keeper) Options {
	return Options{
		Receive: k.receive, Domains: []string{"letters.example.org", "bounces.example.org", ""},
		Knows: func(a string) bool {
			local, _, _ := strings.Cut(strings.ToLower(a), "@")
			return strings.HasPrefix(local, "r-") || strings.HasPrefix(local, "b-") || local == "postmaster"
		},
		Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler),
	}
}

// door is a running listener.
type door struct {
	*Server
	at    string
	stop  context.CancelFunc
	ended chan error
}

func openDoor(t *testing.T, way string, o Options, change func(*limits)) *door {
	t.Helper()
	l := usualLimits()
	if change != nil {
		change(&l)
	}
	s, err := listen([]Address{{way, "tcp", "127.0.0.1:0"}}, o, l)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	d := &door{Server: s, at: s.places[0].listener.Addr().String(), stop: stop, ended: make(chan error, 1)}
	go func() {
		d.ended <- s.Serve(ctx)
		close(d.ended)
	}()
	t.Cleanup(func() {
		stop()
		<-d.ended
	})
	return d
}

// talk is a mail server that hands mail over, line by line.
type talk struct {
	t *testing.T
	*textproto.Conn
	raw net.Conn
}

func (d *door) dial(t *testing.T) *talk {
	t.Helper()
	c, err := net.Dial("tcp", d.at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(30 * time.Second))
	return &talk{t, textproto.NewConn(c), c}
}

// hello says hello, as the way wants it.
func (d *door) hello(t *testing.T) *talk {
	t.Helper()
	c := d.dial(t)
	c.hears("220")
	word := "EHLO"
	if d.places[0].way == LMTP {
		word = "LHLO"
	}
	c.says(word+" mx.example.org", "250")
	return c
}

func (c *talk) hears(want string) string {
	c.t.Helper()
	code, text, err := c.ReadResponse(0)
	if err != nil {
		c.t.Fatalf("waiting for %s: %v", want, err)
	}
	line := fmt.Sprintf("%d %s", code, text)
	if !strings.HasPrefix(line, want) {
		c.t.Fatalf("heard %q, want %q", line, want)
	}
	return line
}

func (c *talk) says(line, want string) string {
	c.t.Helper()
	if err := c.PrintfLine("%s", line); err != nil {
		c.t.Fatal(err)
	}
	return c.hears(want)
}

func (c *talk) writes(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c.raw, s); err != nil {
		c.t.Fatal(err)
	}
}

// envelope says who writes to whom.
func (c *talk) envelope(from string, to ...string) {
	c.t.Helper()
	c.says("MAIL FROM:<"+from+">", "250")
	for _, one := range to {
		c.says("RCPT TO:<"+one+">", "250")
	}
}

const letter = "From: sam@reader.example\r\nMessage-ID: <1@reader.example>\r\nSubject: Re: A first letter\r\n\r\nnot yet\r\n"

const answered1, answered2 = "r-one@letters.example.org", "r-two@letters.example.org"

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
