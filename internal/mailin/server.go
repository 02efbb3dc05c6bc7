package mailin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// limits of the listener.
type limits struct {
	connections int           // at once
	perMinute   int           // lines of answer to one source, more of them wait
	read, write time.Duration // for a command or a whole mail (RFC 5321, section 4.5.3.2), for an answer
	keep        time.Duration // for keeping a mail for one recipient
	last        time.Duration // for what is under way when the server is to end
	large       int           // mails beyond largeBytes at once: they are held in memory
}

func usualLimits() limits {
	return limits{connections: 64, perMinute: 6000, read: 5 * time.Minute, write: time.Minute,
		keep: 30 * time.Second, last: 20 * time.Second, large: 4}
}

// Server takes mails by SMTP and LMTP. It is meant to stand behind a mail server:
// it knows no passwords and no TLS.
type Server struct {
	Options
	limits  limits
	pace    *pace
	large   chan struct{}
	leaving chan struct{} // closed when the server is to end
	places  []place

	mu    sync.Mutex
	conns map[*conn]bool
}

// place is where the server listens.
type place struct {
	way      string
	listener net.Listener
	smtp     *smtp.Server
}

// Listen opens the places; Serve takes mails there.
func Listen(addresses []Address, o Options) (*Server, error) {
	return listen(addresses, o, usualLimits())
}

func listen(addresses []Address, o Options, l limits) (*Server, error) {
	s := &Server{Options: o, limits: l, pace: newPace(l.perMinute), large: make(chan struct{}, l.large),
		leaving: make(chan struct{}), conns: map[*conn]bool{}}
	for _, a := range addresses {
		l, err := open(a)
		if err != nil {
			s.close()
			return nil, err
		}
		s.places = append(s.places, place{a.Way, l, s.protocol(a.Way)})
	}
	return s, nil
}

// open listens at one place. A socket that a killed process left behind is
// replaced, one that somebody answers at is not.
func open(a Address) (net.Listener, error) {
	if a.Network != "unix" {
		return net.Listen(a.Network, a.At)
	}
	if info, err := os.Lstat(a.At); err == nil && info.Mode().Type() == fs.ModeSocket {
		if c, err := net.Dial("unix", a.At); err == nil {
			c.Close()
			return nil, fmt.Errorf("listen unix %s: another process listens there", a.At)
		}
		os.Remove(a.At)
	}
	l, err := net.Listen("unix", a.At)
	if err != nil {
		return nil, err
	}
	// The mail server is another user; who may come is for the folder to say.
	if err := os.Chmod(a.At, 0o666); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// protocol speaks SMTP or LMTP.
func (s *Server) protocol(way string) *smtp.Server {
	p := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return s.session(way, c)
	}))
	p.LMTP = way == LMTP
	p.Domain = s.name()
	p.MaxMessageBytes = MaxBytes
	p.MaxRecipients = MaxRecipients
	p.MaxLineLength = 1 << 18 // mails have longer lines than RFC 5322 allows
	p.ReadTimeout, p.WriteTimeout = s.limits.read, s.limits.write
	p.EnableSMTPUTF8 = true
	p.ErrorLog = quietLog{s.Log}
	return p
}

// Addresses tells where the server listens.
func (s *Server) Addresses() []string {
	var all []string
	for _, p := range s.places {
		all = append(all, p.way+" "+p.listener.Addr().String())
	}
	return all
}

// Serve takes mails until the context ends. Those on their way then are finished.
func (s *Server) Serve(ctx context.Context) error {
	defer s.close()
	failed := make(chan error, len(s.places))
	for _, p := range s.places {
		go func() { failed <- p.smtp.Serve(listener{p.listener, s}) }()
	}
	select {
	case err := <-failed:
		return fmt.Errorf("take mail: %w", err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.limits.last)
	defer cancel()
	s.leave()
	for _, p := range s.places {
		if err := p.smtp.Shutdown(last); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("stop taking mail: %w", err)
		}
	}
	return nil
}

// leave asks every connection to end after the mail that it is at.
func (s *Server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.leaving)
	for c := range s.conns {
		c.leave()
	}
}

// admit notes a new connection, unless there are too many or the server ends.
func (s *Server) admit(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.leaving:
		return false
	default:
	}
	if len(s.conns) >= s.limits.connections {
		return false
	}
	s.conns[c] = true
	return true
}

func (s *Server) dismiss(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// close ends what has not ended by itself.
func (s *Server) close() {
	for _, p := range s.places {
		p.listener.Close()
		p.smtp.Close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.Conn.Close()
	}
}

// quietLog takes what the protocol would log: lost connections are everyday, and
// only a slip of ours is worth a line. What it says may hold what was sent, so
// only the trace is told.
type quietLog struct{ log *slog.Logger }

// Printf logs a slip.
func (q quietLog) Printf(format string, v ...any) {
	if strings.HasPrefix(format, "panic") && len(v) > 0 {
		q.log.Error("a slip while taking a mail", slog.Any("trace", v[len(v)-1]))
	}
}

// Println says nothing.
func (q quietLog) Println(...any) {}
