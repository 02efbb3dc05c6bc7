package mailer

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// taken is one mail that the test server took over.
type taken struct {
	from, to string
	params   smtp.MailOptions
	raw      string
}

// server is a real SMTP server whose answers a test decides.
type server struct {
	*smtp.Server
	address string

	// Hooks; nil accepts. They run on the server's side with the connection.
	onMail, onRcpt, onData, onTaken func(*smtp.Conn) error

	mu       sync.Mutex
	mails    []taken
	opened   int
	open     int
	mostOpen int
	left     chan struct{} // one for each session that ended
}

// startServer serves on loopback until the test ends; setup may change it first.
func startServer(t testing.TB, setup func(*server)) *server {
	t.Helper()
	s := &server{left: make(chan struct{}, 1000)}
	s.Server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.opened++
		s.open++
		s.mostOpen = max(s.mostOpen, s.open)
		return &visit{server: s, conn: c}, nil
	}))
	s.Domain, s.EnableDSN, s.AllowInsecureAuth = "relay.test", true, true
	s.ErrorLog = discard{}
	if setup != nil {
		setup(s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = l.Addr().String()
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { l.Close(); s.Server.Close(); <-done })
	return s
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

// got copies what the server has taken so far.
func (s *server) got() []taken {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]taken(nil), s.mails...)
}

func (s *server) connections() (opened, most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened, s.mostOpen
}

type visit struct {
	server *server
	conn   *smtp.Conn
	mail   taken
}

func run(hook func(*smtp.Conn) error, c *smtp.Conn) error {
	if hook == nil {
		return nil
	}
	return hook(c)
}

func (v *visit) Mail(from string, opts *smtp.MailOptions) error {
	v.mail = taken{from: from, params: *opts}
	return run(v.server.onMail, v.conn)
}

func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.mail.to = to
	return run(v.server.onRcpt, v.conn)
}

func (v *visit) Data(r io.Reader) error {
	if err := run(v.server.onData, v.conn); err != nil {
		return err
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := run(v.server.onTaken, v.conn); err != nil {
		return err
	}
	v.mail.raw = string(raw)
	v.server.mu.Lock()
	v.server.mails = append(v.server.mails, v.mail)
	v.server.mu.Unlock()
	return nil
}

func (v *visit) Reset() {}

func (v *visit) Logout() error {
	v.server.mu.Lock()
	v.server.open--
	v.server.mu.Unlock()
	v.server.left <- struct{}{}
	return nil
}

func (v *visit) AuthMechanisms() []string { return []string{sasl.Plain} }

func (v *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "letters" || password != "s3cret!" {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

// refusal answers with a code, an enhanced code (or none) and words.
func refusal(code int, status string) func(*smtp.Conn) error {
	e := &smtp.SMTPError{Code: code, EnhancedCode: smtp.NoEnhancedCode, Message: "as the test wants"}
	if status != "" {
		var s smtp.EnhancedCode
		fmt.Sscanf(status, "%d.%d.%d", &s[0], &s[1], &s[2])
		e.EnhancedCode = s
	}
	return func(*smtp.Conn) error { return e }
}

// hangUp cuts the connection without a word.
func hangUp(c *smtp.Conn) error {
	c.Conn().Close()
	return io.ErrClosedPipe
}

// script serves one connection after another with fixed lines: it sends the
// first, and each of the others after reading a line. Then it hangs up.
func script(t *testing.T, lines ...string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			r := bufio.NewReader(c)
			for i, line := range lines {
				if i > 0 {
					if _, err := r.ReadString('\n'); err != nil {
						break
					}
				}
				fmt.Fprint(c, strings.ReplaceAll(line, "\n", "\r\n"), "\r\n")
			}
			c.Close()
		}
	}()
	return l.Addr().String()
}

// authority makes a certificate authority and a certificate for 127.0.0.1, which
// change may spoil.
func authority(t *testing.T, change ...func(*x509.Certificate)) (*x509.CertPool, tls.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "relay"},
		NotBefore: ca.NotBefore, NotAfter: ca.NotAfter, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, spoil := range change {
		spoil(leaf)
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	root, err := x509.ParseCertificate(caDER)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(root)
	return pool, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
