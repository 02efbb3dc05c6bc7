package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

func testEnvelope() Envelope {
	return Envelope{
		From: "b-token@bounce.example.org", To: "reader@example.com", MessageID: "a+b=c@letters.example.org",
		Raw: []byte("Subject: x\r\n\r\nOne.\r\n.Two with a dot.\r\n"),
	}
}

// dialTo makes a sender for an address; extra goes after the ?.
func dialTo(t testing.TB, address, extra string, options ...Option) *SMTP {
	t.Helper()
	options = append([]Option{WithHello("letters.example.org")}, options...)
	s, err := NewSMTP("smtp://"+address+"?"+extra, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestSend(t *testing.T) {
	t.Parallel()
	srv := startServer(t, nil)
	s := dialTo(t, srv.address, "tls=none")
	e := testEnvelope()
	for range 3 {
		if o := s.Send(t.Context(), e); o.Result != ResultSent || o.Code != 250 || o.Enhanced != "2.0.0" {
			t.Fatalf("the outcome is %+v", o)
		}
	}
	got := srv.got()
	if len(got) != 3 {
		t.Fatalf("%d mails arrived", len(got))
	}
	m := got[0]
	if m.from != e.From || m.to != e.To || m.raw != string(e.Raw) {
		t.Errorf("arrived as %+v", m)
	}
	if m.params.Return != smtp.DSNReturnHeaders || m.params.EnvelopeID != e.MessageID || m.params.Size != int64(len(e.Raw)) || m.params.UTF8 {
		t.Errorf("the parameters are %+v", m.params)
	}
	if opened, _ := srv.connections(); opened != 1 {
		t.Errorf("%d connections for three mails in a row", opened)
	}
}

// TestAnswers gives every kind of answer at every stage, and then sends
// another mail, which must arrive: over the same connection where it is whole.
func TestAnswers(t *testing.T) {
	t.Parallel()
	cases := []struct {
		stage  string
		code   int
		status string
		want   Result
		bad    bool
		redial bool
	}{
		{"mail", 451, "4.3.0", ResultRetry, false, false},
		{"mail", 550, "5.1.1", ResultRetry, false, false}, // about our own address
		{"mail", 552, "", ResultRefused, false, false},
		{"rcpt", 450, "4.2.1", ResultRetry, false, false},
		{"rcpt", 550, "5.1.1", ResultRefused, true, false},
		{"rcpt", 550, "5.7.1", ResultRetry, false, false},
		{"rcpt", 550, "", ResultRefused, false, false},
		{"rcpt", 421, "4.3.2", ResultRetry, false, true},
		{"data", 451, "4.3.0", ResultRetry, false, false},
		{"data", 554, "5.6.0", ResultRefused, false, false},
		{"data", 554, "5.7.1", ResultRetry, false, false},
		{"data", 550, "5.1.10", ResultRefused, true, false},
		{"data", 421, "4.3.2", ResultRetry, false, true},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.stage, c.code, c.status), func(t *testing.T) {
			t.Parallel()
			srv := startServer(t, nil)
			var once sync.Once
			hook := func(conn *smtp.Conn) (err error) {
				once.Do(func() { err = refusal(c.code, c.status)(conn) })
				return err
			}
			switch c.stage {
			case "mail":
				srv.onMail = hook
			case "rcpt":
				srv.onRcpt = hook
			case "data":
				srv.onTaken = hook
			}
			s := dialTo(t, srv.address, "tls=none")
			o := s.Send(t.Context(), testEnvelope())
			if o.Result != c.want || o.BadRecipient != c.bad || o.Code != c.code || o.Enhanced != c.status {
				t.Errorf("the outcome is %+v", o)
			}
			if !strings.Contains(o.Detail, "as the test wants") {
				t.Errorf("the detail %q lacks the server's words", o.Detail)
			}
			if o := s.Send(t.Context(), testEnvelope()); o.Result != ResultSent {
				t.Errorf("the next mail: %+v", o)
			}
			if opened, _ := srv.connections(); (opened == 2) != c.redial {
				t.Errorf("%d connections were opened", opened)
			}
		})
	}
}

// TestOpening covers what happens before MAIL: nothing was taken over, so it is
// always worth another try.
func TestOpening(t *testing.T) {
	t.Parallel()
	refused, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused.Close()
	cases := map[string]struct {
		address string
		extra   string
		code    int
	}{
		"nobody there":     {refused.Addr().String(), "tls=none", 0},
		"hung up":          {script(t), "tls=none", 0},
		"greeting 554":     {script(t, "554 5.7.1 no"), "tls=none", 554},
		"greeting 421":     {script(t, "421 4.7.0 later"), "tls=none", 421},
		"no SMTP":          {script(t, "HTTP/1.1 400 Bad Request"), "tls=none", 0},
		"hello refused":    {script(t, "220 hi", "550 no", "550 no"), "tls=none", 550},
		"hung up at hello": {script(t, "220 hi"), "tls=none", 0},
		"no STARTTLS":      {script(t, "220 hi", "250-relay\n250 SIZE"), "tls=starttls", 0},
		"STARTTLS refused": {script(t, "220 hi", "250-relay\n250 STARTTLS", "454 4.7.0 no"), "", 454},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := dialTo(t, c.address, c.extra).Send(t.Context(), testEnvelope())
			if o.Result != ResultRetry || o.Code != c.code || o.Detail == "" {
				t.Errorf("the outcome is %+v", o)
			}
		})
	}
}

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
			if o := dialTo(t, srv.address, "tls=none").Send(t.Context(), e); o.Result != c.want || o.Code != 0 {
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
	limits := Timeouts{Command: 100 * time.Millisecond, Final: 100 * time.Millisecond}
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
					options = append(options, WithTimeouts(limits))
				} else {
					go func() { <-stalled; cancel(errors.New("the worker stops")) }()
				}
				o := dialTo(t, srv.address, "tls=none", options...).Send(ctx, testEnvelope())
				if o.Result != c.want || o.Code != 0 || how == "cancel" && o.Detail != "the worker stops" {
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
		if o := s.Send(t.Context(), testEnvelope()); o.Result != ResultRetry {
			t.Errorf("the outcome is %+v", o)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if o := dialTo(t, l.Addr().String(), "tls=none").Send(ctx, testEnvelope()); o.Result != ResultRetry {
			t.Errorf("cancelled: the outcome is %+v", o)
		}
	})
}

func TestBefore(t *testing.T) {
	t.Parallel()
	var order []string
	srv := startServer(t, func(s *server) {
		s.onRcpt = func(*smtp.Conn) error { order = append(order, "rcpt"); return nil }
		s.onData = func(*smtp.Conn) error { order = append(order, "data"); return nil }
	})
	s := dialTo(t, srv.address, "tls=none")
	e := testEnvelope()
	e.Before = func() error { order = append(order, "before"); return errors.New("the lease is gone") }
	if o := s.Send(t.Context(), e); o.Result != ResultAbandoned || o.Detail != "the lease is gone" {
		t.Errorf("the outcome is %+v", o)
	}
	e.Before = func() error { order = append(order, "before"); return nil }
	if o := s.Send(t.Context(), e); o.Result != ResultSent {
		t.Errorf("the outcome is %+v", o)
	}
	if got := strings.Join(order, " "); got != "rcpt before rcpt before data" {
		t.Errorf("the order is %s", got)
	}
	if opened, _ := srv.connections(); opened != 1 || len(srv.got()) != 1 {
		t.Errorf("%d connections, %d mails", opened, len(srv.got()))
	}
}

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

func TestTLS(t *testing.T) {
	t.Parallel()
	pool, cert := authority(t)
	trusting := WithTLS(&tls.Config{RootCAs: pool})
	srv := startServer(t, func(s *server) { s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}} })
	implicit := implicitTLS(t, srv, cert)
	plain := startServer(t, nil)

	cases := map[string]struct {
		address, user, extra string
		options              []Option
		want                 Result
		code                 int
	}{
		"starttls by default":      {srv.address, "", "", []Option{trusting}, ResultSent, 250},
		"tls":                      {implicit, "", "tls=tls", []Option{trusting}, ResultSent, 250},
		"signed in over starttls":  {srv.address, "letters:s3cret%21@", "tls=starttls", []Option{trusting}, ResultSent, 250},
		"signed in over tls":       {implicit, "letters:s3cret%21@", "tls=tls", []Option{trusting}, ResultSent, 250},
		"signed in on loopback":    {plain.address, "letters:s3cret%21@", "tls=none", nil, ResultSent, 250},
		"unknown authority":        {srv.address, "", "tls=starttls", nil, ResultRetry, 0},
		"unknown authority at tls": {implicit, "", "tls=tls", nil, ResultRetry, 0},
		"verifying stays":          {srv.address, "", "", []Option{WithTLS(&tls.Config{InsecureSkipVerify: true})}, ResultRetry, 0},
		"not offered":              {plain.address, "", "tls=starttls", nil, ResultRetry, 0},
		"wrong password":           {srv.address, "letters:wr0ng@", "tls=starttls", []Option{trusting}, ResultRetry, 535},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := dialTo(t, c.user+c.address, c.extra, c.options...).Send(t.Context(), testEnvelope())
			if o.Result != c.want || o.Code != c.code {
				t.Errorf("the outcome is %+v", o)
			}
			if strings.Contains(o.Detail, "wr0ng") {
				t.Error("the detail shows the password")
			}
		})
	}
}

func implicitTLS(t *testing.T, srv *server, cert tls.Certificate) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

func TestAddressesOutsideASCII(t *testing.T) {
	t.Parallel()
	e := testEnvelope()
	e.To = "jörg@bücher.example"
	without := startServer(t, nil)
	if o := dialTo(t, without.address, "tls=none").Send(t.Context(), e); o.Result != ResultRefused || !strings.Contains(o.Detail, "SMTPUTF8") || o.BadRecipient {
		t.Errorf("without SMTPUTF8 the outcome is %+v", o)
	}
	with := startServer(t, func(s *server) { s.EnableSMTPUTF8 = true })
	s := dialTo(t, with.address, "tls=none")
	if o := s.Send(t.Context(), e); o.Result != ResultSent {
		t.Errorf("with SMTPUTF8 the outcome is %+v", o)
	}
	e.To = "joerg@bücher.example" // the domain alone needs no extension
	if o := dialTo(t, without.address, "tls=none").Send(t.Context(), e); o.Result != ResultSent {
		t.Errorf("an international domain: %+v", o)
	}
	if got := with.got(); len(got) != 1 || got[0].to != "jörg@xn--bcher-kva.example" || !got[0].params.UTF8 {
		t.Errorf("arrived: %+v", got)
	}
	if got := without.got(); len(got) != 1 || got[0].to != "joerg@xn--bcher-kva.example" || got[0].params.UTF8 {
		t.Errorf("arrived: %+v", got)
	}
}

func TestEnvelopeIsChecked(t *testing.T) {
	t.Parallel()
	srv := startServer(t, nil)
	s := dialTo(t, srv.address, "tls=none")
	for name, spoil := range map[string]func(*Envelope){
		"injected":  func(e *Envelope) { e.To = "a@b.example>\r\nDATA" },
		"no sender": func(e *Envelope) { e.From = "" },
		"parameter": func(e *Envelope) { e.From = "a@b.example> SIZE=1" },
		"empty":     func(e *Envelope) { e.Raw = nil },
	} {
		e := testEnvelope()
		spoil(&e)
		if o := s.Send(t.Context(), e); o.Result != ResultRefused || o.BadRecipient {
			t.Errorf("%s: the outcome is %+v", name, o)
		}
	}
	if opened, _ := srv.connections(); opened != 0 {
		t.Error("a connection was opened for it")
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
	if o := s.Send(ctx, testEnvelope()); o.Result != ResultRetry {
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
	if o := long.Send(t.Context(), testEnvelope()); o.Result != ResultRetry {
		t.Errorf("after Close the outcome is %+v", o)
	}
	if err := long.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}
