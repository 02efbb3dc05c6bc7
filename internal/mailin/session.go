package mailin

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"

	"github.com/emersion/go-smtp"

	"longroad/internal/inbound"
)

// largeBytes is the size from which only a few mails are taken at once.
const largeBytes = 512 << 10

// What a mail server hears when its mail is not taken (RFC 3463).
func errNotOurs() error { return reply(550, 5, 7, 1, "Not a domain of ours, nothing is relayed") }
func errUnknown() error { return reply(550, 5, 1, 1, "No such recipient") }
func errLoop() error {
	return reply(554, 5, 4, 6, "Too many Received fields, this mail goes in circles")
}
func errLongLine() error { return reply(554, 5, 6, 0, "A line of the mail is too long") }
func errCutOff() error   { return reply(451, 4, 4, 2, "The mail did not come whole") }
func errOffice() error   { return reply(552, 5, 3, 4, "Too large for this address") }
func errBusy() error     { return reply(452, 4, 3, 1, "Too many large mails at once, come again") }
func errNotKept() error  { return reply(451, 4, 3, 0, "The mail cannot be kept now, come again") }

func reply(code, class, subject, detail int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{class, subject, detail}, Message: text}
}

// session is what one connection says. Reset may come while a chunked mail is
// being read, hence the lock.
type session struct {
	server *Server
	way    string
	hello  string
	conn   *conn

	mu   sync.Mutex
	from string
	to   []string
}

func (s *Server) session(way string, c *smtp.Conn) (smtp.Session, error) {
	ours, ok := c.Conn().(*conn)
	if !ok {
		return nil, errNotKept() // no connection of this listener
	}
	return &session{server: s, way: way, hello: c.Hostname(), conn: ours}, nil
}

// Mail notes the envelope's sender.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if from == "" {
		from = "<>"
	}
	s.from = from
	return nil
}

// Rcpt takes a recipient that we know (RFC 5321, section 3.3).
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	switch {
	case !s.server.ours(to):
		s.server.count(s.way, refused)
		return errNotOurs()
	case !s.server.Knows(to):
		s.server.count(s.way, refused)
		return errUnknown()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to = append(s.to, to)
	return nil
}

// Reset forgets the envelope.
func (s *session) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.from, s.to = "", nil
}

// Logout ends the session.
func (s *session) Logout() error { return nil }

// Data takes a mail for all its recipients or for none: where it could not be
// kept for one it comes again, and a second copy changes nothing.
func (s *session) Data(r io.Reader) error {
	var failed error
	err := s.taken(r, func(_ string, err error) bool {
		failed = err
		return err == nil
	})
	if err != nil {
		return err // as it is: the protocol looks for its type
	}
	return failed
}

// LMTPData takes a mail for each recipient by itself (RFC 2033, section 4.2).
func (s *session) LMTPData(r io.Reader, status smtp.StatusCollector) error {
	return s.taken(r, func(to string, err error) bool {
		status.SetStatus(to, err)
		return true
	})
}

// taken reads a mail and keeps it for each recipient, telling what came of it,
// until it hears that this is enough.
func (s *session) taken(r io.Reader, tell func(to string, err error) bool) error {
	s.conn.take(true)
	defer s.conn.take(false)
	s.mu.Lock()
	from, to := s.from, slices.Clone(s.to)
	s.mu.Unlock()

	id := rand.Text()[:16]
	raw, release, err := s.read(r, id)
	defer release()
	if err != nil {
		if said, ok := err.(*smtp.SMTPError); ok && !said.Temporary() {
			s.server.count(s.way, refused)
		}
		return err
	}
	if hops(raw) > maxHops {
		s.server.count(s.way, refused)
		return errLoop()
	}
	for _, one := range to {
		if !tell(one, s.keep(inbound.Arrival{Way: s.way, From: from, To: one, Raw: raw}, id)) {
			return nil
		}
	}
	return nil
}

// keep keeps a mail for one recipient. The stop of the process does not end it.
func (s *session) keep(a inbound.Arrival, id string) error {
	if office(a.To) && len(a.Raw) > largeBytes { // anybody may write there: it must not fill the disk
		s.server.count(s.way, refused)
		return errOffice()
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.server.limits.keep)
	defer cancel()
	if err := s.server.Receive(ctx, a); err != nil {
		s.server.Log.ErrorContext(ctx, "a mail could not be kept, its server will come again",
			slog.String("mail", id), slog.String("way", a.Way), slog.Any("error", err))
		return errNotKept()
	}
	return nil
}

// read reads a mail, with our line on top. Beyond a size it waits for a place
// among the few that are held in memory; release gives that back.
func (s *session) read(r io.Reader, id string) (raw []byte, release func(), err error) {
	release = func() {}
	b := bytes.NewBuffer(received(s.hello, s.server.name(), s.way, id, s.server.Now()))
	n, err := io.CopyN(b, r, largeBytes)
	if err == nil && n == largeBytes {
		select {
		case s.server.large <- struct{}{}:
			release = func() { <-s.server.large }
		default:
			return nil, release, errBusy()
		}
		_, err = io.Copy(b, r)
	} else if errors.Is(err, io.EOF) {
		err = nil
	}
	if err != nil {
		return nil, release, s.unread(err)
	}
	return b.Bytes(), release, nil
}

// unread tells the other end why its mail could not be read.
func (s *session) unread(err error) error {
	var said *smtp.SMTPError
	switch {
	case errors.As(err, &said):
		return said // too large
	case errors.Is(err, smtp.ErrTooLongLine):
		return errLongLine()
	}
	return errCutOff()
}
