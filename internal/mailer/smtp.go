package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// SMTP sends through one server, over a few connections that it keeps. It is a
// Sender, safe for concurrent use. To sign (DKIM), sign Envelope.Raw before Send.
type SMTP struct {
	relay    relay
	tls      *tls.Config
	hello    string
	timeouts Timeouts
	idleFor  time.Duration
	most     int // transactions a connection

	slots chan struct{} // one for each connection that may be open and at work

	mu     sync.Mutex
	idle   []*session // the last one used is last
	closed bool
	leaves sync.WaitGroup // sessions that take their leave
}

// Timeouts bound each step of a transaction. RFC 5321, section 4.5.3.2, wants
// patience above all after the final dot: who hangs up there sends twice.
type Timeouts struct {
	Open    time.Duration // dialling, greeting, TLS and signing in, all together
	Command time.Duration // each of MAIL, RCPT, DATA and RSET
	Body    time.Duration // writing the mail
	Final   time.Duration // the answer to the final dot
}

// Option changes how an SMTP works.
type Option func(*SMTP)

// WithTLS sets what TLS rests on, such as a certificate authority of one's own.
// The server's name is filled in; verifying is never left out.
func WithTLS(config *tls.Config) Option { return func(s *SMTP) { s.tls = config.Clone() } }

// WithHello sets the name that we greet with (EHLO); otherwise the machine's.
func WithHello(name string) Option { return func(s *SMTP) { s.hello = name } }

// WithTimeouts replaces the bounds; a zero keeps the default.
func WithTimeouts(t Timeouts) Option {
	return func(s *SMTP) {
		for _, pair := range [][2]*time.Duration{
			{&s.timeouts.Open, &t.Open}, {&s.timeouts.Command, &t.Command},
			{&s.timeouts.Body, &t.Body}, {&s.timeouts.Final, &t.Final},
		} {
			if *pair[1] > 0 {
				*pair[0] = *pair[1]
			}
		}
	}
}

// WithIdle sets how long an unused connection stays open; 30 s otherwise.
func WithIdle(d time.Duration) Option { return func(s *SMTP) { s.idleFor = d } }

// WithMostMails sets how many mails one connection carries; 100 otherwise.
func WithMostMails(n int) Option { return func(s *SMTP) { s.most = max(1, n) } }

// NewSMTP reads the server from its URL,
//
//	smtp://user:pass@host:port?tls=none|starttls|tls&connections=8
//
// and opens nothing yet. Without tls it is starttls, which is then demanded:
// a server that does not offer it gets no mail. Certificates are always
// verified. Without a port it is 587, for tls 465, for none 25; without
// connections 4. With tls=none a password goes only to a loopback address, or
// by a mechanism that does not show it. Errors never show the password.
func NewSMTP(rawURL string, options ...Option) (*SMTP, error) {
	r, err := parseRelay(rawURL)
	if err != nil {
		return nil, err
	}
	s := &SMTP{
		relay:    r,
		tls:      &tls.Config{},
		timeouts: Timeouts{Open: 30 * time.Second, Command: 2 * time.Minute, Body: 3 * time.Minute, Final: 10 * time.Minute},
		idleFor:  30 * time.Second,
		most:     100,
		slots:    make(chan struct{}, r.connections),
	}
	for _, option := range options {
		option(s)
	}
	s.tls.ServerName = r.host
	s.tls.InsecureSkipVerify = false
	s.tls.MinVersion = max(s.tls.MinVersion, tls.VersionTLS12)
	return s, nil
}

// Send hands one mail over. It waits for a free connection, and ends early when
// the context does: with ResultRetry before the final dot, with ResultUnknown
// after it.
func (s *SMTP) Send(ctx context.Context, e Envelope) Outcome {
	if err := e.check(); err != nil {
		return Outcome{Result: ResultRefused, Detail: err.Error()}
	}
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return leftOff(context.Cause(ctx))
	}
	defer func() { <-s.slots }()

	c, err := s.take()
	if err != nil {
		return leftOff(err)
	}
	if c != nil {
		o, end := c.deliver(ctx, e, s.timeouts)
		s.put(c, end)
		if end != endStale || ctx.Err() != nil {
			return o
		}
		// The server had closed a connection that we kept: nothing was tried yet.
	}
	if c, err = s.open(ctx); err != nil && ctx.Err() != nil {
		return leftOff(err)
	} else if err != nil {
		return failure(err)
	}
	o, end := c.deliver(ctx, e, s.timeouts)
	s.put(c, end)
	return o
}

func (e Envelope) check() error {
	if err := checkAddress(e.From); err != nil {
		return fmt.Errorf("the bounce address: %w", err)
	}
	if err := checkAddress(e.To); err != nil {
		return fmt.Errorf("the reader's address: %w", err)
	}
	if len(e.Raw) == 0 {
		return errors.New("the mail is empty")
	}
	return nil
}

// take gives a kept connection, or nil when a new one is to be opened.
func (s *SMTP) take() (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errClosed
	}
	if len(s.idle) == 0 {
		return nil, nil
	}
	last := len(s.idle) - 1
	c := s.idle[last]
	s.idle = s.idle[:last]
	c.timer.Stop() // if it has fired, expire finds the session gone
	return c, nil
}

// put keeps a connection for the next mail, or ends it.
func (s *SMTP) put(c *session, end ending) {
	if end != endKeep {
		c.conn.Close()
		return
	}
	s.mu.Lock()
	if s.closed { // Close no longer waits for us
		s.mu.Unlock()
		c.quit()
		return
	}
	defer s.mu.Unlock()
	if c.sent >= s.most {
		s.leaves.Go(c.quit)
		return
	}
	c.timer = time.AfterFunc(s.idleFor, func() { s.expire(c) })
	s.idle = append(s.idle, c)
}

func (s *SMTP) expire(c *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.idle, c); i >= 0 {
		s.idle = slices.Delete(s.idle, i, i+1)
		s.leaves.Go(c.quit)
	}
}

// Close takes leave on every kept connection. Transactions under way come to
// their end; later ones are answered with ResultRetry.
func (s *SMTP) Close() error {
	s.mu.Lock()
	s.closed = true
	for _, c := range s.idle {
		c.timer.Stop()
		s.leaves.Go(c.quit)
	}
	s.idle = nil
	s.mu.Unlock()
	s.leaves.Wait()
	return nil
}
