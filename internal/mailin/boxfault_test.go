package mailin

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	"longroad/internal/inbound"
)

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

// Mails that can never be kept stay where they are, and keep no other from being
// read, however many they are.
func TestMailboxWithPoison(t *testing.T) {
	t.Parallel()
	p := newPost(t, usualCaps()...)
	p.start()
	k := newKeeper()
	k.failing(func(a inbound.Arrival) error {
		if a.To == answered2 {
			return errors.New("not this one")
		}
		return nil
	})
	for _, subject := range []string{"x1", "x2", "x3", "x4", "x5"} {
		p.deliver(mailTo(subject, answered2))
	}
	p.deliver(mailTo("a", answered1))
	p.reads(k, func(m *Mailbox) { m.times.poll = 10 * time.Millisecond })
	p.becomes("Longroad", "a")
	p.deliver(mailTo("b", answered1))
	p.becomes("Longroad", "a", "b")
	p.has("INBOX", "x1", "x2", "x3", "x4", "x5")
}
