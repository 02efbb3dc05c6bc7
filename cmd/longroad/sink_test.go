package main

import (
	"bytes"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/jhillyerd/enmime/v2"
)

// sink is a mail server that keeps every mail it is given, and takes its time
// over an answer when a test says so.
type sink struct {
	t      *testing.T
	url    string
	closed chan struct{}

	mu    sync.Mutex
	mails []caught
	hold  func(caught) <-chan struct{} // nil, or gives nil: an answer at once
	shut  bool                         // every sender is refused
	more  chan struct{}                // closed at the next mail or answer
}

// caught is a mail that came, whether or not its sender heard that it was taken.
type caught struct {
	to, id, subject, text string
	raw                   []byte
	answered              bool // the 250 has left this machine's hands
}

// confirms tells the mail that asks to confirm from a letter.
func (c caught) confirms() bool { return strings.Contains(c.text, "/confirm/") }

func newSink(t *testing.T) *sink {
	t.Helper()
	s := &sink{t: t, closed: make(chan struct{}), more: make(chan struct{})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s.url = "smtp://" + l.Addr().String() + "?tls=none&connections=8"
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &sinkSession{sink: s, conn: c.Conn().(*answerConn)}, nil
	}))
	server.Domain = "localhost"
	server.ErrorLog = discard{}
	go server.Serve(answerListener{l})
	t.Cleanup(func() {
		close(s.closed)
		server.Close()
	})
	return s
}

// holding sets who waits for an answer, from the next mail on.
func (s *sink) holding(hold func(caught) <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hold = hold
}

// await waits until what came is enough.
func (s *sink) await(what string, enough func([]caught) bool) {
	s.awaitFor(patience, what, enough)
}

func (s *sink) awaitFor(d time.Duration, what string, enough func([]caught) bool) {
	s.t.Helper()
	late := time.NewTimer(d)
	defer late.Stop()
	for {
		s.mu.Lock()
		mails, more := append([]caught(nil), s.mails...), s.more
		s.mu.Unlock()
		if enough(mails) {
			return
		}
		select {
		case <-more:
		case <-late.C:
			s.t.Fatalf("waited in vain for %s; %d mails came", what, len(mails))
		}
	}
}

// to gives the mails that came to an address, the oldest first.
func (s *sink) to(address string) (confirms, letters []caught) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sorted(s.mails, address)
}

func sorted(mails []caught, address string) (confirms, letters []caught) {
	for _, m := range mails {
		switch {
		case m.to != address:
		case m.confirms():
			confirms = append(confirms, m)
		default:
			letters = append(letters, m)
		}
	}
	return confirms, letters
}

func (s *sink) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.more)
	s.more = make(chan struct{})
}

// sinkSession is one SMTP conversation.
type sinkSession struct {
	sink *sink
	conn *answerConn
	to   string
}

func (s *sinkSession) Mail(string, *smtp.MailOptions) error {
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	if s.sink.shut {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "not now"}
	}
	return nil
}

func (s *sinkSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

func (s *sinkSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err // the sender has gone before the final dot
	}
	m := caught{to: s.to, raw: raw}
	if e, err := enmime.ReadEnvelope(bytes.NewReader(raw)); err == nil {
		m.id, m.subject, m.text = e.GetHeader("Message-ID"), e.GetHeader("Subject"), e.Text
	}
	var wait <-chan struct{}
	var at int
	s.sink.change(func() {
		at = len(s.sink.mails)
		s.sink.mails = append(s.sink.mails, m)
		if s.sink.hold != nil {
			wait = s.sink.hold(m)
		}
	})
	if wait != nil {
		select {
		case <-wait:
		case <-s.sink.closed:
			return &smtp.SMTPError{Code: 421, Message: "closing"}
		}
	}
	told := func() { s.sink.change(func() { s.sink.mails[at].answered = true }) }
	s.conn.written.Store(&told)
	return nil
}

func (s *sinkSession) Reset()        {}
func (s *sinkSession) Logout() error { return nil }

// answerConn tells when the next answer has been written.
type answerConn struct {
	net.Conn
	written atomic.Pointer[func()]
}

func (c *answerConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if told := c.written.Swap(nil); told != nil && err == nil {
		(*told)()
	}
	return n, err
}

type answerListener struct{ net.Listener }

func (l answerListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &answerConn{Conn: c}, nil
}

// discard is a log that nobody reads: of peers that were killed.
type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}
