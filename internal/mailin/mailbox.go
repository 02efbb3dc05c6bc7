package mailin

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

// times of a mailbox.
type times struct {
	poll         time.Duration // the mailbox is looked at so often, whatever IDLE says; it renews IDLE too (RFC 2177: within 29 minutes)
	least, most  time.Duration // between two attempts to connect
	command      time.Duration // for one command
	keep         time.Duration // for keeping one mail
	batch, fails int           // mails in one round; failures in a row that end it
}

func usualTimes() times {
	return times{poll: time.Minute, least: time.Second, most: 5 * time.Minute, command: 2 * time.Minute,
		keep: 30 * time.Second, batch: 100, fails: 3}
}

// Mailbox reads the mails of a mailbox, and moves those that are kept out of it.
type Mailbox struct {
	Options
	box     Box
	alone   func(ctx context.Context, do func(context.Context) error) (bool, error)
	times   times
	largest int64 // bytes of a mail that is read
	trust   *tls.Config
	changed chan struct{}     // something came
	names   map[string]string // what folders are called here
	after   imap.UID          // the last of those that ended a round; 0 for none
}

// NewMailbox makes a mailbox. Alone runs do while no other process does, or says
// that another one is at it: all may be connected, one reads at a time. Two that
// read the same mail all the same do no harm.
func NewMailbox(box Box, o Options, alone func(ctx context.Context, do func(context.Context) error) (bool, error)) *Mailbox {
	return &Mailbox{Options: o, box: box, alone: alone, times: usualTimes(), largest: MaxBytes, changed: make(chan struct{}, 1), names: map[string]string{}}
}

// Run reads until the context ends, and connects again, ever more slowly, where
// the server does not answer.
func (m *Mailbox) Run(ctx context.Context) {
	pause := m.times.least
	for {
		read, err := m.visit(ctx)
		if ctx.Err() != nil {
			return
		}
		if read {
			pause = m.times.least
		}
		wait := pause/2 + rand.N(pause/2+1)
		m.Log.WarnContext(ctx, "the mailbox cannot be read, trying again", slog.Any("error", err), slog.Duration("in", wait))
		if !rest(ctx, wait) {
			return
		}
		pause = min(2*pause, m.times.most)
	}
}

// rest waits, and tells whether there is any reason to go on.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// visit connects and reads until the connection or the context ends. Read tells
// whether it came so far as to read.
func (m *Mailbox) visit(ctx context.Context) (read bool, err error) {
	c, err := m.connect(ctx)
	if err != nil {
		return false, err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	if err := m.enter(c); err != nil {
		return false, err
	}
	m.Log.InfoContext(ctx, "reading the mailbox", slog.String("server", m.box.At))
	for {
		more, err := m.round(ctx, c)
		if err != nil {
			return read, err
		}
		read = true
		if more {
			continue
		}
		if err := m.await(ctx, c); err != nil || ctx.Err() != nil {
			return true, err
		}
	}
}

// connect dials, with TLS as the address wants it.
func (m *Mailbox) connect(ctx context.Context) (*imapclient.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", m.box.At)
	if err != nil {
		return nil, err
	}
	host, _, _ := net.SplitHostPort(m.box.At)
	secure := &tls.Config{}
	if m.trust != nil {
		secure = m.trust.Clone()
	}
	secure.ServerName = host
	o := &imapclient.Options{TLSConfig: secure, UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				m.wake()
			}
		},
	}}
	switch m.box.TLS {
	case "tls":
		t := tls.Client(raw, secure)
		if err := t.HandshakeContext(ctx); err != nil {
			raw.Close()
			return nil, fmt.Errorf("TLS: %w", err)
		}
		return imapclient.New(t, o), nil
	case "starttls":
		defer context.AfterFunc(ctx, func() { raw.Close() })()
		c, err := imapclient.NewStartTLS(raw, o)
		if err != nil {
			return nil, fmt.Errorf("STARTTLS: %w", err)
		}
		return c, nil
	}
	return imapclient.New(raw, o), nil
}

func (m *Mailbox) wake() {
	select {
	case m.changed <- struct{}{}:
	default:
	}
}

// enter logs in and opens the folder.
func (m *Mailbox) enter(c *imapclient.Client) error {
	return m.within(c, func() error {
		var err error
		if caps := c.Caps(); caps.Has(imap.AuthCap("PLAIN")) {
			err = c.Authenticate(sasl.NewPlainClient("", m.box.User, m.box.Password))
		} else {
			err = c.Login(m.box.User, m.box.Password).Wait()
		}
		if err != nil {
			return fmt.Errorf("the server does not let us in, correct LONGROAD_IMAP_URL or allow passwords there: %w", answered(err))
		}
		if _, err := c.Select(m.box.Folder, nil).Wait(); err != nil {
			return fmt.Errorf("open the folder: %w", answered(err))
		}
		return nil
	})
}

// within closes the connection when the server is silent for too long over one
// piece of work, which ends that.
func (m *Mailbox) within(c *imapclient.Client, do func() error) error {
	timer := time.AfterFunc(m.times.command, func() { c.Close() })
	defer timer.Stop()
	return do()
}

// answered is an error of the server without its words, which may hold a name or
// an address.
func answered(err error) error {
	var said *imap.Error
	if !errors.As(err, &said) {
		return err
	}
	return refusal{said.Type, said.Code}
}

// refusal is the server's no.
type refusal struct {
	kind imap.StatusResponseType
	code imap.ResponseCode
}

func (r refusal) Error() string {
	if r.code == "" {
		return "the server said " + string(r.kind)
	}
	return "the server said " + string(r.kind) + " [" + string(r.code) + "]"
}

// await waits until something may have come: the server says so (IDLE), or it is
// time to look again.
func (m *Mailbox) await(ctx context.Context, c *imapclient.Client) error {
	var idle *imapclient.IdleCommand
	if c.Caps().Has(imap.CapIdle) {
		err := m.within(c, func() (err error) {
			idle, err = c.Idle()
			return err
		})
		if err != nil {
			return fmt.Errorf("wait for mail: %w", answered(err))
		}
	}
	timer := time.NewTimer(m.times.poll)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-m.changed:
	case <-c.Closed():
	}
	if idle == nil || ctx.Err() != nil {
		return nil
	}
	return m.within(c, func() error {
		if err := idle.Close(); err != nil {
			return fmt.Errorf("wait for mail: %w", answered(err))
		}
		if err := idle.Wait(); err != nil {
			return fmt.Errorf("wait for mail: %w", answered(err))
		}
		return nil
	})
}
