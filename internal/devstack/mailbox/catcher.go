package mailbox

import (
	"context"
	"io"
	"log"
	"log/slog"
	"time"

	"github.com/emersion/go-smtp"
)

const (
	mostBytes      = 10 << 20 // of one mail; a letter has some 20 kB
	mostRecipients = 100
	patience       = 30 * time.Second
)

// newServer returns an SMTP server (RFC 5321) that accepts every mail into m.
func newServer(m *Mailbox) *smtp.Server {
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{mailbox: m}, nil
	}))
	s.Domain = "localhost"
	s.MaxMessageBytes = mostBytes
	s.MaxRecipients = mostRecipients
	s.ReadTimeout, s.WriteTimeout = patience, patience
	s.EnableSMTPUTF8 = true
	s.ErrorLog = slogLogger(m.log)
	return s
}

// session is one SMTP conversation.
type session struct {
	mailbox *Mailbox
	from    string
	to      []string
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r) // the server bounds it
	if err != nil {
		return err
	}
	if err := s.mailbox.receive(s.from, s.to, raw); err != nil {
		s.mailbox.log.ErrorContext(context.Background(), "a mail could not be kept", "error", err)
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "the mailbox cannot write its folder"}
	}
	return nil
}

func (s *session) Reset() { s.from, s.to = "", nil }

func (s *session) Logout() error { return nil }

// slogLogger lets go-smtp's complaints, such as a peer that hung up, go to the
// debug level.
func slogLogger(l *slog.Logger) *log.Logger {
	return slog.NewLogLogger(l.Handler(), slog.LevelDebug)
}
