package main

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/jhillyerd/enmime/v2"
)

// doomedName begins the addresses that the server refuses for good in a storm.
const doomedName = "refused"

// roughSink is a mail server with moods. It keeps count of every mail that it
// has taken on, whether or not its sender heard so.
type roughSink struct {
	url     string
	seed    uint64
	arrived func(kept) // told of every mail that it has taken on
	closed  chan struct{}

	mu      sync.Mutex
	mails   []kept
	visits  map[string]int // transactions so far, by address
	failing float64        // share of the transactions that fail
	shut    bool           // refuses everything
	slow    bool           // takes its time over every answer
	faults  map[mood]int
}

// kept is one copy of a mail that the server has taken on.
type kept struct {
	to, id, subject, text string
	at                    time.Time
	mood                  mood // what it did to the sender meanwhile
}

// mood is what happens to one transaction.
type mood string

const (
	moodFair    mood = "taken"
	mood421     mood = "421 at MAIL"
	mood450     mood = "450 at RCPT"
	mood452     mood = "452 at RCPT"
	mood451     mood = "451 after the final dot"
	moodPolicy  mood = "550 5.7.1 at RCPT"
	moodRefuse  mood = "550 5.1.1 at RCPT"
	moodCut     mood = "hung up within the mail"
	moodLost    mood = "hung up after the final dot, mail lost"
	moodSilent  mood = "hung up after the final dot, mail taken"
	moodHangUp  mood = "hung up after the final 250"
	moodDawdles mood = "dawdled"
	moodShut    mood = "451 to everybody"
)

func newRoughSink(t *testing.T, seed uint64) *roughSink {
	t.Helper()
	s := &roughSink{seed: seed, closed: make(chan struct{}), visits: map[string]int{}, faults: map[mood]int{}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s.url = "smtp://" + l.Addr().String() + "?tls=none&connections=8"
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &roughSession{sink: s, conn: c.Conn()}, nil
	}))
	server.Domain, server.ErrorLog = "localhost", discard{}
	go server.Serve(l)
	t.Cleanup(func() {
		close(s.closed)
		server.Close()
	})
	return s
}

func (s *roughSink) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *roughSink) storm(failing float64) { s.set(func() { s.failing = failing }) }
func (s *roughSink) calm()                 { s.set(func() { s.failing, s.shut, s.slow = 0, false, false }) }
func (s *roughSink) refuseAll(yes bool)    { s.set(func() { s.shut = yes }) }
func (s *roughSink) slowly(yes bool)       { s.set(func() { s.slow = yes }) }

// kept counts the mails to some addresses.
func (s *roughSink) kept(to func(address string) bool) int {
	n := 0
	for _, m := range s.all() {
		if to(m.to) {
			n++
		}
	}
	return n
}

func (s *roughSink) all() []kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]kept(nil), s.mails...)
}

// moodFor draws what happens to an address's next transaction: by the seed, the
// address and the number of the transaction, and nothing else.
func (s *roughSink) moodFor(to string) (mood, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.visits[to]++
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s %d", s.seed, to, s.visits[to])
	draw := h.Sum64()
	delay := time.Duration(5+draw>>8%200) * time.Millisecond
	if s.slow {
		delay *= 3
	}
	m := moodFair
	switch {
	case strings.HasPrefix(to, doomedName) && s.visits[to] > 3:
		m = moodRefuse
	case s.shut:
		m = moodShut
	case float64(draw%1000) < 1000*s.failing:
		moods := []mood{mood421, mood450, mood452, mood451, moodPolicy, moodCut, moodLost, moodSilent, moodSilent, moodHangUp, moodDawdles}
		m = moods[draw>>16%uint64(len(moods))]
	}
	if m == moodDawdles {
		delay = time.Duration(1+draw>>32%4) * time.Second
	}
	s.faults[m]++
	return m, delay
}

// roughSession is one SMTP conversation.
type roughSession struct {
	sink  *roughSink
	conn  net.Conn
	to    string
	mood  mood
	delay time.Duration
}

func (s *roughSession) Mail(string, *smtp.MailOptions) error { return nil }

func (s *roughSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	s.mood, s.delay = s.sink.moodFor(to)
	refusal := func(code int, status smtp.EnhancedCode) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: status, Message: "not now"}
	}
	switch s.mood {
	case mood421:
		return refusal(421, smtp.EnhancedCode{4, 3, 2})
	case mood450:
		return refusal(450, smtp.EnhancedCode{4, 2, 1})
	case mood452:
		return refusal(452, smtp.EnhancedCode{4, 5, 3})
	case moodShut:
		return refusal(451, smtp.EnhancedCode{4, 3, 0})
	case moodPolicy:
		return refusal(550, smtp.EnhancedCode{5, 7, 1})
	case moodRefuse:
		return refusal(550, smtp.EnhancedCode{5, 1, 1})
	}
	return nil
}

func (s *roughSession) Data(r io.Reader) error {
	if s.mood == moodCut {
		io.CopyN(io.Discard, r, 100)
		s.conn.Close()
		return io.ErrUnexpectedEOF
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err // the sender has gone before the final dot
	}
	switch s.mood {
	case mood451:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "not now"}
	case moodLost:
		s.conn.Close()
		return nil
	}
	m := kept{to: s.to, at: time.Now(), mood: s.mood}
	if e, err := enmime.ReadEnvelope(bytes.NewReader(raw)); err == nil {
		m.id, m.subject, m.text = strings.Trim(e.GetHeader("Message-ID"), "<>"), e.GetHeader("Subject"), e.Text
	}
	s.sink.set(func() { s.sink.mails = append(s.sink.mails, m) })
	s.sink.arrived(m)
	if s.mood == moodSilent {
		s.conn.Close()
		return nil
	}
	wait := time.NewTimer(s.delay)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-s.sink.closed:
	}
	return nil
}

// Reset comes after a transaction, taken or not.
func (s *roughSession) Reset() {
	if s.mood == moodHangUp {
		s.mood = moodFair
		s.conn.Close()
	}
}

func (s *roughSession) Logout() error { return nil }
