// Package mailbox catches every mail that the service sends in development and
// shows it on a page, where a person can also answer it.
//
// Its one rule: a mail that was accepted is on disk, whole and unchanged.
package mailbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Deliver hands a person's reply to the service as an MTA would: the envelope's
// addresses and the raw mail.
type Deliver func(ctx context.Context, from, to string, raw []byte) error

// Options are what a mailbox needs.
type Options struct {
	Dir         string           // keeps the mails; made when it is not there
	Now         func() time.Time // the service's clock
	Deliver     Deliver          // nil: replies are refused
	FormURL     string           // the sign-up form, linked on the page
	OperatorURL string           // the operator's page, linked on the page
	Log         *slog.Logger     // may be nil
}

// keep is how many mails stay; older ones go. A sixteen-week course of a few
// hundred readers fits.
const keep = 10_000

// Mailbox is a running catcher.
type Mailbox struct {
	options Options
	log     *slog.Logger
	pages   *template.Template
	server  *smtp.Server
	address string

	mu      sync.RWMutex
	letters []Letter // oldest first
	last    int      // the newest letter's number, which counts all that ever came
}

// Open loads the mails of earlier runs and listens for more on a free port of the
// loopback interface.
func Open(o Options) (*Mailbox, error) {
	m := &Mailbox{options: o, log: o.Log}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if m.pages, err = parsePages(); err != nil {
		return nil, fmt.Errorf("the mailbox's pages: %w", err)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("the mailbox's folder: %w", err)
	}
	if err := m.load(); err != nil {
		return nil, fmt.Errorf("read the mailbox: %w", err)
	}
	if err := m.listen(); err != nil {
		return nil, fmt.Errorf("the mail catcher: %w", err)
	}
	return m, nil
}

// Addr is where the catcher listens for SMTP, host:port.
func (m *Mailbox) Addr() string { return m.address }

// URL is Addr in the form of LONGROAD_SMTP_URL.
func (m *Mailbox) URL() string { return "smtp://" + m.address + "?tls=none" }

// Received counts the mails that ever arrived.
func (m *Mailbox) Received() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.last
}

// Letters returns the mails to an address that contains to (empty: all), newest first.
func (m *Mailbox) Letters(to string) []Letter {
	to = strings.ToLower(strings.TrimSpace(to))
	m.mu.RLock()
	defer m.mu.RUnlock()
	var found []Letter
	for _, l := range slices.Backward(m.letters) {
		if strings.Contains(strings.ToLower(l.To), to) {
			found = append(found, l)
		}
	}
	return found
}

// letter returns one mail and its raw bytes.
func (m *Mailbox) letter(id string) (Letter, []byte, error) {
	m.mu.RLock()
	i, found := slices.BinarySearchFunc(m.letters, id, func(l Letter, id string) int { return strings.Compare(l.ID, id) })
	var l Letter
	if found {
		l = m.letters[i]
	}
	m.mu.RUnlock()
	if !found {
		return Letter{}, nil, fs.ErrNotExist
	}
	raw, err := os.ReadFile(m.path(id, ".eml"))
	return l, raw, err
}

// envelope is what SMTP said about a mail, kept beside it.
type envelope struct {
	From string    `json:"from"`
	To   []string  `json:"to"`
	At   time.Time `json:"at"` // the service's clock
}

// receive keeps a mail and shows it.
func (m *Mailbox) receive(from string, to []string, raw []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := envelope{From: from, To: to, At: m.options.Now().UTC()}
	if n := len(m.letters); n > 0 && e.At.Before(m.letters[n-1].At) {
		e.At = m.letters[n-1].At // a clock that was set back by hand: arrival order counts
	}
	// Fixed width, so that names sort as numbers do.
	id := fmt.Sprintf("%08d", m.last+1)
	if err := m.write(id, ".eml", raw); err != nil {
		return err
	}
	b, err := json.Marshal(e)
	if err != nil {
		return err
	}
	// The envelope comes second: without it there is no mail.
	if err := m.write(id, ".json", append(b, '\n')); err != nil {
		return err
	}
	m.last++
	m.letters = append(m.letters, parse(id, e, raw))
	if len(m.letters) > keep {
		oldest := m.letters[0].ID
		m.letters = slices.Delete(m.letters, 0, 1)
		os.Remove(m.path(oldest, ".json"))
		os.Remove(m.path(oldest, ".eml"))
	}
	return nil
}

func (m *Mailbox) load() error {
	found, err := filepath.Glob(m.path("*", ".json"))
	if err != nil {
		return err
	}
	slices.Sort(found)
	for _, file := range found {
		id := strings.TrimSuffix(filepath.Base(file), ".json")
		n, err := strconv.Atoi(id)
		if err != nil {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var e envelope
		if err := json.Unmarshal(b, &e); err != nil {
			return fmt.Errorf("%s (remove it to go on without that mail): %w", file, err)
		}
		raw, err := os.ReadFile(m.path(id, ".eml"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		m.letters = append(m.letters, parse(id, e, raw))
		m.last = n
	}
	return nil
}

// write puts a file in place whole.
func (m *Mailbox) write(id, suffix string, content []byte) error {
	draft := m.path(id, suffix+".new")
	if err := os.WriteFile(draft, content, 0o600); err != nil {
		return err
	}
	return os.Rename(draft, m.path(id, suffix))
}

func (m *Mailbox) path(id, suffix string) string {
	return filepath.Join(m.options.Dir, id+suffix)
}

func (m *Mailbox) listen() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	m.address = l.Addr().String()
	m.server = newServer(m)
	go m.server.Serve(l) // ends when Close closes the listener
	return nil
}

// Close stops the catcher when the conversations under way have ended, or when
// ctx does.
func (m *Mailbox) Close(ctx context.Context) error {
	if err := m.server.Shutdown(ctx); err != nil {
		return m.server.Close()
	}
	return nil
}
