package mailin

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// post is an IMAP server with one mailbox, whose process can be ended and started
// again.
type post struct {
	t      *testing.T
	user   *imapmemserver.User
	caps   imap.CapSet
	tls    *tls.Config
	open   bool // passwords are taken without TLS
	strict bool // folders are only below INBOX.
	heard  syncBuffer

	mu     sync.Mutex
	at     string
	server *imapserver.Server
}

const password = "hunter2 & co"

func newPost(t *testing.T, caps ...imap.Cap) *post {
	t.Helper()
	p := &post{t: t, user: imapmemserver.NewUser("letters", password), caps: imap.CapSet{imap.CapIMAP4rev1: {}}, open: true, at: "127.0.0.1:0"}
	for _, c := range caps {
		p.caps[c] = struct{}{}
	}
	p.must(p.user.Create("INBOX", nil))
	t.Cleanup(p.end)
	return p
}

// usualCaps are what servers of today can do.
func usualCaps() []imap.Cap { return []imap.Cap{imap.CapMove, imap.CapUIDPlus, imap.CapNamespace} }

func (p *post) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *post) start() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	memory := imapmemserver.New()
	memory.AddUser(p.user)
	p.server = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			s := memory.NewSession()
			if p.strict {
				s = strict{s.(imapserver.SessionIMAP4rev2)}
			}
			return s, nil, nil
		},
		Caps: p.caps, TLSConfig: p.tls, InsecureAuth: p.open, Logger: log.New(io.Discard, "", 0), DebugWriter: &p.heard,
	})
	l, err := net.Listen("tcp", p.at)
	p.must(err)
	p.at = l.Addr().String()
	go p.server.Serve(l)
}

// end ends the server, and every connection with it.
func (p *post) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server != nil {
		p.server.Close()
		p.server = nil
	}
}

// literal is a mail as IMAP carries it.
type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

func (p *post) deliver(mails ...string) {
	p.t.Helper()
	for _, m := range mails {
		_, err := p.user.Append("INBOX", literal{bytes.NewReader([]byte(m))}, &imap.AppendOptions{})
		p.must(err)
	}
}

// look opens a connection of the test's own.
func (p *post) look() *imapclient.Client {
	p.t.Helper()
	c, err := imapclient.DialInsecure(p.at, nil)
	p.must(err)
	p.t.Cleanup(func() { c.Close() })
	p.must(c.Login("letters", password).Wait())
	return c
}

// subjects lists a folder's mails with their flags; nil where there is none.
func (p *post) subjects(folder string) []string {
	p.t.Helper()
	c := p.look()
	defer c.Close()
	if _, err := c.Select(folder, nil).Wait(); err != nil {
		return nil
	}
	all := []string{}
	mails, err := c.Fetch(imap.SeqSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{Envelope: true, Flags: true}).Collect()
	p.must(err)
	for _, m := range mails {
		line := m.Envelope.Subject
		for _, f := range m.Flags {
			line += " " + string(f)
		}
		all = append(all, line)
	}
	return all
}

func (p *post) has(folder string, want ...string) {
	p.t.Helper()
	if got := p.subjects(folder); !slices.Equal(got, want) {
		p.t.Errorf("%s holds %q, want %q", folder, got, want)
	}
}

// becomes waits until a folder holds what it should.
func (p *post) becomes(folder string, want ...string) {
	p.t.Helper()
	late := time.After(20 * time.Second)
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for !slices.Equal(p.subjects(folder), want) {
		select {
		case <-look.C:
		case <-late:
			p.t.Fatalf("%s holds %q, want %q", folder, p.subjects(folder), want)
		}
	}
}

func mailTo(subject, to string) string {
	return "From: sam@reader.example\r\nTo: " + to + "\r\nMessage-ID: <" + subject + "@reader.example>\r\nSubject: " + subject + "\r\n\r\nready\r\n"
}

// reader is a Mailbox that runs.
type reader struct {
	*Mailbox
	log   *syncBuffer
	stop  context.CancelFunc
	ended chan struct{}
}

func alone(ctx context.Context, do func(context.Context) error) (bool, error) { return true, do(ctx) }

// reads starts reading; change says what is unusual.
func (p *post) reads(k *keeper, change func(*Mailbox)) *reader {
	p.t.Helper()
	box := Box{At: p.at, TLS: "none", User: "letters", Password: password, Folder: "INBOX", Done: "Longroad"}
	r := &reader{log: &syncBuffer{}, ended: make(chan struct{})}
	o := options(k)
	o.Log = slog.New(slog.NewTextHandler(r.log, nil))
	r.Mailbox = NewMailbox(box, o, alone)
	r.times.least, r.times.most = time.Millisecond, 20*time.Millisecond
	if change != nil {
		change(r.Mailbox)
	}
	ctx, stop := context.WithCancel(p.t.Context())
	r.stop = stop
	go func() {
		r.Run(ctx)
		close(r.ended)
	}()
	p.t.Cleanup(func() {
		stop()
		select {
		case <-r.ended:
		case <-time.After(20 * time.Second):
			p.t.Error("it does not end")
		}
		if said := r.log.String(); strings.Contains(said, "hunter2") || strings.Contains(said, "sam@") || strings.Contains(said, "r-") {
			p.t.Errorf("the log tells too much: %s", said)
		}
	})
	return r
}

// says waits for a line of the log.
func (r *reader) says(t *testing.T, want string) { t.Helper(); r.log.await(t, want) }

// says waits for something on the wire.
func (p *post) says(want string) { p.t.Helper(); p.heard.await(p.t, want) }

func (s *syncBuffer) await(t *testing.T, want string) {
	t.Helper()
	late := time.After(20 * time.Second)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !strings.Contains(s.String(), want) {
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("%q is not said but %s", want, s)
		}
	}
}
