package mailer

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/wneessen/go-mail"
)

// TestCertificates never sends to a server that is not the one that was meant.
func TestCertificates(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(*x509.Certificate)
		limit  func(*tls.Config)
		want   Result
	}{
		"good":         {nil, nil, ResultSent},
		"expired":      {func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }, nil, ResultRetry},
		"not yet":      {func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }, nil, ResultRetry},
		"another host": {func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 2)} }, nil, ResultRetry},
		"for clients":  {func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }, nil, ResultRetry},
		"old TLS":      {nil, func(c *tls.Config) { c.MaxVersion = tls.VersionTLS11 }, ResultRetry},
	}
	for name, c := range cases {
		for _, how := range []string{"starttls", "tls"} {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				var change []func(*x509.Certificate)
				if c.change != nil {
					change = append(change, c.change)
				}
				pool, cert := authority(t, change...)
				config := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS10}
				if c.limit != nil {
					c.limit(config)
				}
				srv := startServer(t, func(s *server) { s.TLSConfig = config })
				address := srv.address
				if how == "tls" {
					address = overTLS(t, srv, config)
				}
				o := dialTo(t, address, "tls="+how, WithTLS(&tls.Config{RootCAs: pool})).Send(t.Context(), testEnvelope())
				if o.Result != c.want || c.want != ResultSent && (o.Blame != BlameServer || o.Detail == "") {
					t.Errorf("the outcome is %+v", o)
				}
				if got := len(srv.got()); (got == 1) != (c.want == ResultSent) {
					t.Errorf("%d mails arrived", got)
				}
			})
		}
	}
}

func overTLS(t *testing.T, srv *server, config *tls.Config) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

// login offers the mechanism that many a server still offers alone.
type login struct {
	*visit
	seen *atomic.Int32
}

func (l login) AuthMechanisms() []string { return []string{"LOGIN"} }

func (l login) Auth(string) (sasl.Server, error) {
	l.seen.Add(1)
	return &loginServer{}, nil
}

// loginServer asks for the name, then for the password.
type loginServer struct{ user string }

func (s *loginServer) Next(answer []byte) ([]byte, bool, error) {
	switch {
	case answer == nil:
		return []byte("Username:"), false, nil
	case s.user == "":
		s.user = string(answer)
		return []byte("Password:"), false, nil
	case s.user != "letters" || string(answer) != "s3cret!":
		return nil, true, errors.New("who?")
	}
	return nil, true, nil
}

// TestSigningIn signs in once a connection, by what the server offers, and sends
// nothing where it cannot.
func TestSigningIn(t *testing.T) {
	t.Parallel()
	pool, cert := authority(t)
	secure := func(s *server) {
		s.TLSConfig, s.AllowInsecureAuth = &tls.Config{Certificates: []tls.Certificate{cert}}, false
	}
	trusting := WithTLS(&tls.Config{RootCAs: pool})
	t.Run("LOGIN", func(t *testing.T) {
		t.Parallel()
		var seen atomic.Int32
		srv := startServer(t, func(s *server) {
			secure(s)
			s.Backend = smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
				return login{&visit{server: s, conn: c}, &seen}, nil
			})
		})
		s := dialTo(t, "letters:s3cret%21@"+srv.address, "tls=starttls&connections=1", trusting)
		for range 3 {
			if o := s.Send(t.Context(), testEnvelope()); o.Result != ResultSent {
				t.Fatalf("the outcome is %+v", o)
			}
		}
		if seen.Load() != 1 {
			t.Errorf("signed in %d times for three mails in a row", seen.Load())
		}
	})
	t.Run("nothing offered", func(t *testing.T) {
		t.Parallel()
		address := script(t, "220 hi", "250-relay\n250 SIZE", "250 ok", "250 ok", "354 go")
		o := dialTo(t, "letters:s3cret%21@"+address, "tls=none").Send(t.Context(), testEnvelope())
		if o.Result != ResultRetry || o.Blame != BlameServer {
			t.Errorf("the outcome is %+v", o)
		}
	})
	t.Run("not before STARTTLS", func(t *testing.T) {
		t.Parallel()
		// The server takes passwords under TLS alone, and without it we would not give one.
		srv := startServer(t, secure)
		if o := dialTo(t, "letters:s3cret%21@"+srv.address, "tls=none").Send(t.Context(), testEnvelope()); o.Result != ResultRetry || len(srv.got()) != 0 {
			t.Errorf("the outcome is %+v", o)
		}
	})
}

// TestPasswordStaysHere never shows a password to another machine in the clear.
func TestPasswordStaysHere(t *testing.T) {
	t.Parallel()
	for url, shows := range map[string]bool{
		"smtp://127.0.0.1?tls=none": true, "smtp://[::1]?tls=none": true, "smtp://localhost?tls=none": true,
		"smtp://mail.example.org?tls=none": false, "smtp://192.0.2.1?tls=none": false, "smtp://localhost.example.org?tls=none": false,
		"smtp://mail.example.org": true, "smtp://mail.example.org?tls=tls": true, // nobody sees it on the way
	} {
		r, err := parseRelay(url)
		if err != nil {
			t.Fatal(err)
		}
		for _, clear := range []mail.SMTPAuthType{mail.SMTPAuthPlain, mail.SMTPAuthLogin} {
			if got := slices.Contains(r.mechanisms(), clear); got != shows {
				t.Errorf("%s by %s: %v", url, clear, got)
			}
		}
	}
}

// TestSignedOverTLS takes a letter the whole way: composed, signed, handed over
// in secret by somebody who has signed in, and believed at the other end.
func TestSignedOverTLS(t *testing.T) {
	t.Parallel()
	pool, cert := authority(t)
	srv := startServer(t, func(s *server) {
		s.TLSConfig, s.AllowInsecureAuth = &tls.Config{Certificates: []tls.Certificate{cert}}, false
	})
	signer := testSigner(t)
	s := dialTo(t, "letters:s3cret%21@"+srv.address, "tls=starttls", WithTLS(&tls.Config{RootCAs: pool}))
	for _, kind := range kinds() {
		l := testLetter(kind, "name-the-break", "Zoë")
		e := Envelope{From: l.EnvelopeFrom, To: l.To, MessageID: l.MessageID, Raw: sign(t, signer, compose(t, l))}
		if o := s.Send(t.Context(), e); o.Result != ResultSent {
			t.Fatalf("%s: the outcome is %+v", kind, o)
		}
	}
	for _, m := range srv.got() {
		mustVerify(t, signer, []byte(m.raw))
	}
}
