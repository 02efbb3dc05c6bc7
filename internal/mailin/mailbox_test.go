package mailin

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"math/big"
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

	"longroad/internal/inbound"
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

// What is kept goes to another folder, unread as it was; what comes later is heard
// of at once (IDLE).
func TestMailbox(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		caps []imap.Cap
		left []string // in the mailbox
	}{
		{"a server of today", usualCaps(), []string{}},
		{"one that cannot move", []imap.Cap{imap.CapUIDPlus}, []string{}},
		{"one that can only mark", nil, []string{"a \\Deleted", "b \\Deleted", "c \\Deleted"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPost(t, c.caps...)
			p.start()
			p.deliver(mailTo("a", "Letters <r-one@letters.example.org>"), mailTo("b", "somebody@example.org"))
			k := newKeeper()
			p.reads(k, func(m *Mailbox) { m.times.poll = time.Hour })
			k.await(t, 2)
			p.says("+ idling")
			p.has("Longroad", "a", "b")
			p.deliver(mailTo("c", "r-two@letters.example.org"))
			k.await(t, 1)
			p.becomes("Longroad", "a", "b", "c")
			p.becomes("INBOX", c.left...)
			want := []inbound.Arrival{
				{Way: IMAP, To: "r-one@letters.example.org", Raw: []byte(mailTo("a", "Letters <r-one@letters.example.org>"))},
				{Way: IMAP, Raw: []byte(mailTo("b", "somebody@example.org"))},
				{Way: IMAP, To: "r-two@letters.example.org", Raw: []byte(mailTo("c", "r-two@letters.example.org"))},
			}
			got := k.all()
			if len(got) != len(want) {
				t.Fatalf("%d were kept", len(got))
			}
			for i := range want {
				if got[i].Way != want[i].Way || got[i].To != want[i].To || got[i].From != "" || !bytes.Equal(got[i].Raw, want[i].Raw) {
					t.Errorf("kept %+v, want %+v", got[i], want[i])
				}
			}
		})
	}
}

// censor is a way to the server on which it seems to say something else.
func censor(t *testing.T, p *post, word, instead string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	p.must(err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", p.at)
			if err != nil {
				near.Close()
				continue
			}
			go func() { io.Copy(far, near); far.Close() }()
			go func() {
				defer near.Close()
				b := make([]byte, 64<<10)
				for {
					n, err := far.Read(b)
					if n > 0 {
						near.Write(bytes.ReplaceAll(b[:n], []byte(word), []byte(instead)))
					}
					if err != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

// Without IDLE the mailbox is looked at again and again.
func TestMailboxWithoutIdle(t *testing.T) {
	t.Parallel()
	p := newPost(t, usualCaps()...)
	p.start()
	k := newKeeper()
	way := censor(t, p, "IDLE", "XDLE")
	r := p.reads(k, func(m *Mailbox) { m.box.At = way; m.times.poll = 10 * time.Millisecond })
	r.says(t, "reading the mailbox")
	p.deliver(mailTo("a", answered1))
	k.await(t, 1)
	p.becomes("Longroad", "a")
	if strings.Contains(p.heard.String(), " IDLE\r\n") {
		t.Error("it asks for what the server does not offer")
	}
}

// A mail that cannot be kept stays, and goes when it can; it holds nobody up.
func TestMailStaysInTheMailbox(t *testing.T) {
	t.Parallel()
	p := newPost(t, usualCaps()...)
	p.start()
	p.deliver(mailTo("a", answered1), mailTo("b", answered2), mailTo("c", answered1))
	k := newKeeper()
	k.failing(func(a inbound.Arrival) error {
		if a.To == answered2 {
			return errors.New("away")
		}
		return nil
	})
	p.reads(k, func(m *Mailbox) { m.times.poll = 10 * time.Millisecond })
	k.await(t, 2)
	p.becomes("Longroad", "a", "c")
	p.has("INBOX", "b")
	k.failing(nil)
	k.await(t, 1)
	p.becomes("Longroad", "a", "c", "b")
	p.becomes("INBOX")
}

// While nothing can be kept, not every mail is tried.
func TestMailboxRestsWhileNothingCanBeKept(t *testing.T) {
	t.Parallel()
	p := newPost(t, usualCaps()...)
	p.start()
	for i := range 20 {
		p.deliver(mailTo(fmt.Sprint(i), answered1))
	}
	k := newKeeper()
	var mu sync.Mutex
	tried, enough := 0, make(chan struct{})
	k.failing(func(inbound.Arrival) error {
		mu.Lock()
		defer mu.Unlock()
		if tried++; tried == 3 {
			close(enough)
		}
		return errors.New("away")
	})
	r := p.reads(k, func(m *Mailbox) { m.times.poll = time.Hour })
	<-enough
	r.stop()
	<-r.ended
	mu.Lock()
	defer mu.Unlock()
	if tried != 3 || len(p.subjects("INBOX")) != 20 {
		t.Errorf("%d were tried, %d are left", tried, len(p.subjects("INBOX")))
	}
}

func TestMailThatIsTooLarge(t *testing.T) {
	t.Parallel()
	p := newPost(t, usualCaps()...)
	p.start()
	p.deliver(mailTo("large", answered1)+strings.Repeat("x", 2000), mailTo("a", answered1))
	k := newKeeper()
	counted := make(chan string, 10)
	p.reads(k, func(m *Mailbox) {
		m.largest = 1000
		m.Count = func(way, result string) { counted <- way + " " + result }
	})
	k.await(t, 1)
	p.becomes("Longroad too big", "large")
	p.becomes("Longroad", "a")
	if got := <-counted; got != "imap refused" {
		t.Errorf("counted %q", got)
	}
	if strings.Contains(p.heard.String(), "xxxx") {
		// What the test itself appends does not go by the wire.
		t.Error("the large mail was read")
	}
}

// A server that lies about a mail's size is not believed.
func TestMailThatIsLargerThanItIsSaid(t *testing.T) {
	t.Parallel()
	p := newPost(t, usualCaps()...)
	p.start()
	p.deliver(mailTo("large", answered1) + strings.Repeat("x", 2000))
	k := newKeeper()
	size := fmt.Sprintf("RFC822.SIZE %d", len(mailTo("large", answered1))+2000)
	p.reads(k, func(m *Mailbox) { m.largest, m.box.At = 1000, censor(t, p, size, "RFC822.SIZE 9") })
	p.becomes("Longroad too big", "large")
	if n := len(k.all()); n != 0 {
		t.Errorf("%d were kept", n)
	}
}

// Several more mails than a round has are all read.
func TestMailboxWithManyMails(t *testing.T) {
	t.Parallel()
	p := newPost(t, usualCaps()...)
	p.start()
	var want []string
	for i := range 25 {
		p.deliver(mailTo(fmt.Sprintf("%02d", i), answered1))
		want = append(want, fmt.Sprintf("%02d", i))
	}
	k := newKeeper()
	rounds := 0
	p.reads(k, func(m *Mailbox) {
		m.times.batch, m.times.poll = 10, time.Hour
		m.alone = func(ctx context.Context, do func(context.Context) error) (bool, error) {
			rounds++
			return true, do(ctx)
		}
	})
	k.await(t, 25)
	p.becomes("Longroad", want...)
}

// One process reads at a time; the others look again later.
func TestMailboxReadByAnother(t *testing.T) {
	t.Parallel()
	p := newPost(t, usualCaps()...)
	p.start()
	p.deliver(mailTo("a", answered1))
	k := newKeeper()
	var mu sync.Mutex
	asked, twice, answer := 0, make(chan struct{}), errors.New("away")
	p.reads(k, func(m *Mailbox) {
		m.times.poll = 5 * time.Millisecond
		m.alone = func(ctx context.Context, do func(context.Context) error) (bool, error) {
			mu.Lock()
			defer mu.Unlock()
			switch asked++; asked {
			case 1:
				return false, nil // another one is at it
			case 2:
				return false, answer
			case 3:
				close(twice)
			}
			return true, do(ctx)
		}
	})
	<-twice
	k.await(t, 1)
	p.becomes("Longroad", "a")
}

// The server goes at the worst moment, after a mail was kept and before it is
// moved: it is read a second time, which changes nothing, and nothing is lost.
func TestMailboxWhoseServerGoes(t *testing.T) {
	t.Parallel()
	p := newPost(t, usualCaps()...)
	p.start()
	p.deliver(mailTo("a", answered1), mailTo("b", answered2))
	k := newKeeper()
	var once sync.Once
	k.failing(func(inbound.Arrival) error {
		once.Do(p.end)
		return nil
	})
	r := p.reads(k, func(m *Mailbox) { m.times.poll = time.Hour })
	r.says(t, "the mailbox cannot be read")
	p.start()
	p.becomes("Longroad", "a", "b")
	subjects := map[string]int{}
	for _, a := range k.all() {
		subjects[a.To]++
	}
	if subjects[answered1] != 2 || subjects[answered2] != 1 {
		t.Errorf("kept %v", subjects)
	}

	// Gone while nothing happens, with all its numbers: the mailbox is made afresh.
	p.end()
	p.must(p.user.Delete("INBOX"))
	p.must(p.user.Create("INBOX", nil))
	p.deliver(mailTo("c", answered1))
	p.start()
	p.becomes("Longroad", "a", "b", "c")
}

// A server that says nothing any more is left, and asked anew.
func TestMailboxWhoseServerIsSilent(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	came := make(chan struct{}, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			io.WriteString(c, "* OK [CAPABILITY IMAP4rev1] ready\r\n")
			came <- struct{}{}
		}
	}()
	p := newPost(t)
	p.at = l.Addr().String()
	p.reads(newKeeper(), func(m *Mailbox) { m.times.command = 20 * time.Millisecond })
	for range 3 {
		<-came
	}
}

func TestMailboxThatIsNotOpen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*Mailbox)
		says   string
	}{
		{"a wrong password", func(m *Mailbox) { m.box.Password = "hunter2 wrong" }, "correct LONGROAD_IMAP_URL"},
		{"a folder that is not there", func(m *Mailbox) { m.box.Folder = "Nowhere" }, "open the folder"},
		{"no server", func(m *Mailbox) { m.box.At = "127.0.0.1:1" }, "refused"},
		{"no STARTTLS", func(m *Mailbox) { m.box.TLS = "starttls" }, "STARTTLS"},
		{"no TLS", func(m *Mailbox) { m.box.TLS = "tls" }, "TLS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPost(t, usualCaps()...)
			p.start()
			p.deliver(mailTo("a", answered1))
			r := p.reads(newKeeper(), c.change)
			r.says(t, c.says)
			if c.name == "no STARTTLS" || c.name == "no TLS" {
				r.stop()
				<-r.ended
				if strings.Contains(strings.ToUpper(p.heard.String()), "LOGIN ") || strings.Contains(p.heard.String(), "AUTHENTICATE PLAIN") {
					t.Error("the password went out in the open")
				}
			}
			p.has("INBOX", "a")
		})
	}
}

// certificate makes a server's certificate and those who believe it.
func certificate(t *testing.T) (*tls.Config, *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "imap"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(made)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, &tls.Config{RootCAs: roots}
}

// With STARTTLS the password goes only after it, and only to a server whose
// certificate is believed.
func TestMailboxBySTARTTLS(t *testing.T) {
	t.Parallel()
	shown, believed := certificate(t)
	p := newPost(t, usualCaps()...)
	p.tls, p.open = shown, false
	p.start()
	p.deliver(mailTo("a", answered1))
	k := newKeeper()
	stranger := p.reads(k, func(m *Mailbox) { m.box.TLS = "starttls" })
	stranger.says(t, "certificate")
	stranger.stop()
	<-stranger.ended
	p.reads(k, func(m *Mailbox) { m.box.TLS, m.trust = "starttls", believed })
	k.await(t, 1)
}

// strict is a server's session that makes folders below a prefix only.
type strict struct{ imapserver.SessionIMAP4rev2 }

func (s strict) Create(name string, o *imap.CreateOptions) error {
	if !strings.HasPrefix(name, "INBOX.") {
		return &imap.Error{Type: imap.StatusResponseTypeNo, Text: "not here"}
	}
	return s.SessionIMAP4rev2.Create(name, o)
}

func (strict) Namespace() (*imap.NamespaceData, error) {
	return &imap.NamespaceData{Personal: []imap.NamespaceDescriptor{{Prefix: "INBOX.", Delim: '.'}}}, nil
}

// A server that wants its folders below a prefix gets them there.
func TestMailboxBelowAPrefix(t *testing.T) {
	t.Parallel()
	p := newPost(t, usualCaps()...)
	p.strict = true
	p.start()
	p.deliver(mailTo("a", answered1))
	p.reads(newKeeper(), nil)
	p.says("+ idling")
	p.has("INBOX.Longroad", "a")
	p.deliver(mailTo("b", answered1))
	p.becomes("INBOX.Longroad", "a", "b")
}
