package mailer

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// TestHangUp cuts the connection at every stage.
func TestHangUp(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		hook func(*server)
		want Result
	}{
		"at MAIL":             {func(s *server) { s.onMail = hangUp }, ResultRetry},
		"at RCPT":             {func(s *server) { s.onRcpt = hangUp }, ResultRetry},
		"before the last dot": {func(s *server) { s.onData = hangUp }, ResultRetry},
		"after the last dot":  {func(s *server) { s.onTaken = hangUp }, ResultUnknown},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := startServer(t, c.hook)
			e := testEnvelope()
			if name == "before the last dot" {
				// More than any socket holds back, so that the cut is felt while writing.
				e.Raw = []byte("Subject: x\r\n\r\n" + strings.Repeat(strings.Repeat("x", 70)+"\r\n", 1<<18))
			}
			if o := dialTo(t, srv.address, "tls=none").Send(t.Context(), e); o.Result != c.want || o.Code != 0 || o.Blame != BlameServer {
				t.Errorf("the outcome is %+v", o)
			}
		})
	}
}

// TestDroppedAfterTaking closes the connection right after the 250: it is sent.
func TestDroppedAfterTaking(t *testing.T) {
	t.Parallel()
	s := dialTo(t, hastyServer(t), "tls=none")
	for range 2 {
		if o := s.Send(t.Context(), testEnvelope()); o.Result != ResultSent {
			t.Fatalf("the outcome is %+v", o)
		}
	}
}

// hastyServer takes one mail a connection and hangs up after its 250.
func hastyServer(t *testing.T) string {
	srv := startServer(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go proxyOnce(c, srv.address)
		}
	}()
	return l.Addr().String()
}

// proxyOnce passes everything on until the server has said that it took a mail.
func proxyOnce(client net.Conn, address string) {
	defer client.Close()
	upstream, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer upstream.Close()
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := client.Read(buf)
			if err != nil {
				return
			}
			_, _ = upstream.Write(buf[:n])
		}
	}()
	buf := make([]byte, 4096)
	for {
		n, err := upstream.Read(buf)
		if err != nil {
			return
		}
		_, _ = client.Write(buf[:n])
		if strings.HasPrefix(string(buf[:n]), "250 2.0.0 OK: queued") {
			return
		}
	}
}

// TestStall leaves us without an answer at every stage.
func TestStall(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		hook func(*server, func(*smtp.Conn) error)
		want Result
	}{
		"at MAIL":            {func(s *server, h func(*smtp.Conn) error) { s.onMail = h }, ResultRetry},
		"at RCPT":            {func(s *server, h func(*smtp.Conn) error) { s.onRcpt = h }, ResultRetry},
		"after the last dot": {func(s *server, h func(*smtp.Conn) error) { s.onTaken = h }, ResultUnknown},
	}
	for name, c := range cases {
		for _, how := range []string{"limit", "cancel"} {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				release, stalled := make(chan struct{}), make(chan struct{}, 1)
				srv := startServer(t, func(s *server) {
					c.hook(s, func(*smtp.Conn) error { stalled <- struct{}{}; <-release; return nil })
				})
				t.Cleanup(func() { close(release) })
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				var options []Option
				if how == "limit" {
					limits := Timeouts{Command: 100 * time.Millisecond}
					if c.want == ResultUnknown {
						limits = Timeouts{Final: 100 * time.Millisecond}
					}
					options = append(options, WithTimeouts(limits))
				} else {
					go func() { <-stalled; cancel(errors.New("the worker stops")) }()
				}
				o := dialTo(t, srv.address, "tls=none", options...).Send(ctx, testEnvelope())
				blame := BlameServer
				if how == "cancel" {
					blame = BlameNone
				}
				if o.Result != c.want || o.Code != 0 || o.Blame != blame || how == "cancel" && o.Detail != "the worker stops" {
					t.Errorf("the outcome is %+v", o)
				}
			})
		}
	}
	t.Run("greeting", func(t *testing.T) {
		t.Parallel()
		l, err := net.Listen("tcp", "127.0.0.1:0") // accepts nothing, says nothing
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		s := dialTo(t, l.Addr().String(), "tls=none", WithTimeouts(Timeouts{Open: 100 * time.Millisecond}))
		if o := s.Send(t.Context(), testEnvelope()); o.Result != ResultRetry || o.Blame != BlameServer {
			t.Errorf("the outcome is %+v", o)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if o := dialTo(t, l.Addr().String(), "tls=none").Send(ctx, testEnvelope()); o.Result != ResultRetry || o.Blame != BlameNone {
			t.Errorf("cancelled: the outcome is %+v", o)
		}
	})
}

// TestBodyRefusedMeanwhile has the server answer and hang up while we still
// write: its words count.
func TestBodyRefusedMeanwhile(t *testing.T) {
	t.Parallel()
	address := script(t, "220 hi", "250 relay", "250 ok", "250 ok", "354 go", "552 5.3.4 too big")
	e := testEnvelope()
	e.Raw = []byte("Subject: x\r\n\r\n" + strings.Repeat(strings.Repeat("x", 70)+"\r\n", 1<<18))
	o := dialTo(t, address, "tls=none").Send(t.Context(), e)
	// The reset may overtake the words on their way; then nothing was taken over.
	if o.Result == ResultSent || o.Result == ResultUnknown || o.Code != 0 && o.Code != 552 {
		t.Errorf("the outcome is %+v", o)
	}
}
