package mailer

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

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
			if o.Result != ResultRetry || o.Code != c.code || o.Detail == "" || o.Blame != BlameServer {
				t.Errorf("the outcome is %+v", o)
			}
		})
	}
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
	if o := s.Send(t.Context(), e); o.Result != ResultAbandoned || o.Blame != BlameNone || o.Detail != "the lease is gone" {
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

func TestTLS(t *testing.T) {
	t.Parallel()
	pool, cert := authority(t)
	trusting := WithTLS(&tls.Config{RootCAs: pool})
	srv := startServer(t, func(s *server) { s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}} })
	implicit := overTLS(t, srv, &tls.Config{Certificates: []tls.Certificate{cert}})
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
			blame := BlameServer
			if c.want == ResultSent {
				blame = BlameNone
			}
			if o.Result != c.want || o.Code != c.code || o.Blame != blame {
				t.Errorf("the outcome is %+v", o)
			}
			if strings.Contains(o.Detail, "wr0ng") {
				t.Error("the detail shows the password")
			}
		})
	}
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
		if o := s.Send(t.Context(), e); o.Result != ResultRefused || o.BadRecipient || o.Blame != BlameNone {
			t.Errorf("%s: the outcome is %+v", name, o)
		}
	}
	if opened, _ := srv.connections(); opened != 0 {
		t.Error("a connection was opened for it")
	}
}
