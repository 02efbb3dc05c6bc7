package mailer

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// TestStaleConnection has the server close what we keep: the mail goes over a
// fresh connection, once.
func TestStaleConnection(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(*smtp.Conn) error{"hang up": hangUp, "421": refusal(421, "4.4.2")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			srv := startServer(t, func(s *server) {
				s.onMail = func(c *smtp.Conn) error {
					if calls++; calls == 2 {
						return leave(c)
					}
					return nil
				}
			})
			s := dialTo(t, srv.address, "tls=none&connections=1")
			asked := 0
			e := testEnvelope()
			e.Before = func() error { asked++; return nil }
			for range 2 {
				if o := s.Send(t.Context(), e); o.Result != ResultSent {
					t.Fatalf("the outcome is %+v", o)
				}
			}
			if opened, _ := srv.connections(); opened != 2 || asked != 2 || len(srv.got()) != 2 {
				t.Errorf("%d connections, asked %d times, %d mails", opened, asked, len(srv.got()))
			}
		})
	}
}

// TestPool sends from many goroutines over few connections.
func TestPool(t *testing.T) {
	t.Parallel()
	srv := startServer(t, nil)
	s := dialTo(t, srv.address, "tls=none&connections=3", WithMostMails(7))
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 5 {
				if o := s.Send(t.Context(), testEnvelope()); o.Result != ResultSent {
					t.Errorf("the outcome is %+v", o)
				}
			}
		})
	}
	wg.Wait()
	if got := len(srv.got()); got != 100 {
		t.Errorf("%d mails arrived", got)
	}
	opened, most := srv.connections()
	// One that takes its leave may overlap with the one that replaces it.
	if opened < 100/7 || most > 6 {
		t.Errorf("%d connections, %d at a time", opened, most)
	}
}

func TestWaitingForAConnection(t *testing.T) {
	t.Parallel()
	release, stalled := make(chan struct{}), make(chan struct{})
	srv := startServer(t, func(s *server) {
		s.onRcpt = func(*smtp.Conn) error { close(stalled); <-release; return nil }
	})
	s := dialTo(t, srv.address, "tls=none&connections=1")
	first := make(chan Outcome, 1)
	go func() { first <- s.Send(t.Context(), testEnvelope()) }()
	<-stalled
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if o := s.Send(ctx, testEnvelope()); o.Result != ResultRetry || o.Blame != BlameNone {
		t.Errorf("who gave up waiting got %+v", o)
	}
	close(release)
	if o := <-first; o.Result != ResultSent {
		t.Errorf("the first got %+v", o)
	}
}

func TestIdleAndClose(t *testing.T) {
	t.Parallel()
	srv := startServer(t, nil)
	short := dialTo(t, srv.address, "tls=none", WithIdle(time.Millisecond))
	if o := short.Send(t.Context(), testEnvelope()); o.Result != ResultSent {
		t.Fatalf("the outcome is %+v", o)
	}
	<-srv.left // it left by itself
	long := dialTo(t, srv.address, "tls=none")
	if o := long.Send(t.Context(), testEnvelope()); o.Result != ResultSent {
		t.Fatalf("the outcome is %+v", o)
	}
	if err := long.Close(); err != nil {
		t.Fatal(err)
	}
	<-srv.left
	if o := long.Send(t.Context(), testEnvelope()); o.Result != ResultRetry || o.Blame != BlameNone {
		t.Errorf("after Close the outcome is %+v", o)
	}
	if err := long.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

// TestCloseMeanwhile closes while a mail is under way: it still arrives, and
// its connection is given back to the server.
func TestCloseMeanwhile(t *testing.T) {
	t.Parallel()
	release, stalled := make(chan struct{}), make(chan struct{})
	srv := startServer(t, func(s *server) {
		s.onTaken = func(*smtp.Conn) error { close(stalled); <-release; return nil }
	})
	s := dialTo(t, srv.address, "tls=none")
	sent := make(chan Outcome, 1)
	go func() { sent <- s.Send(t.Context(), testEnvelope()) }()
	<-stalled
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	close(release)
	if o := <-sent; o.Result != ResultSent {
		t.Errorf("the outcome is %+v", o)
	}
	<-srv.left
}
