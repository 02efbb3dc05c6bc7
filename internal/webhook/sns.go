package webhook

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

// snsWindow is how old a message of Amazon SNS may be: it is tried again for
// hours under the same signature. A message that comes twice changes nothing.
const snsWindow = 24 * time.Hour

// snsHost is where certificates and confirmations may come from: a region's own
// host. A bucket that somebody calls "sns" has a host much like it
// (sns.s3-eu-west-1.amazonaws.com), and what lies there would choose whom we ask
// for its issuer.
var snsHost = regexp.MustCompile(`^sns\.[a-z]{2,5}(-[a-z]{2,10}){1,2}-[0-9]{1,2}\.amazonaws\.com(\.cn)?$`)

// snsMessage is what SNS posts.
type snsMessage struct {
	Type             string
	MessageID        string `json:"MessageId"`
	TopicARN         string `json:"TopicArn"`
	Subject          *string
	Message          string
	Timestamp        string
	Token            string
	SubscribeURL     string
	SignatureVersion string
	Signature        string
	SigningCertURL   string
}

// signed is the text that is signed: the fields in the order of their names, each
// name and value on a line of its own.
func (m snsMessage) signed() string {
	var b strings.Builder
	add := func(name, value string) { b.WriteString(name + "\n" + value + "\n") }
	add("Message", m.Message)
	add("MessageId", m.MessageID)
	if m.Type == "Notification" {
		if m.Subject != nil {
			add("Subject", *m.Subject)
		}
	} else {
		add("SubscribeURL", m.SubscribeURL)
	}
	add("Timestamp", m.Timestamp)
	if m.Type != "Notification" {
		add("Token", m.Token)
	}
	add("TopicArn", m.TopicARN)
	add("Type", m.Type)
	return b.String()
}

// sns proves messages of Amazon SNS: signature version 2 (RSA, SHA-256), a
// certificate from Amazon's own host that leads to a known root.
type sns struct {
	Options
	mu    sync.Mutex
	certs map[string]*x509.Certificate // by their address
}

// mostCerts bounds what is remembered: Amazon has one a region at a time.
const mostCerts = 50

func (s *sns) prove(ctx context.Context, m snsMessage) error {
	switch m.Type {
	case "Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation":
	default:
		return malformed("the message's type")
	}
	signature, err := base64.StdEncoding.DecodeString(m.Signature)
	if err != nil || m.SignatureVersion != "2" {
		return ErrForged
	}
	at, err := time.Parse(time.RFC3339, m.Timestamp)
	if err != nil {
		return malformed("the timestamp")
	}
	if !fresh(s.Now(), at, snsWindow) {
		return ErrStale
	}
	cert, err := s.certificate(ctx, m.SigningCertURL)
	if err != nil {
		return err
	}
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	sum := sha256.Sum256([]byte(m.signed()))
	if !ok || rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) != nil {
		return ErrForged
	}
	return nil
}

// certificate fetches the certificate that signs, once, and checks its chain.
func (s *sns) certificate(ctx context.Context, address string) (*x509.Certificate, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || !snsHost.MatchString(u.Host) || !strings.HasSuffix(u.Path, ".pem") {
		return nil, ErrForged
	}
	s.mu.Lock()
	cert := s.certs[address]
	s.mu.Unlock()
	if cert == nil {
		text, err := s.small(ctx, address)
		if err != nil {
			return nil, err
		}
		if cert, err = s.chained(ctx, text, u.Host); err != nil {
			return nil, err
		}
		s.mu.Lock()
		if len(s.certs) >= mostCerts {
			clear(s.certs)
		}
		s.certs[address] = cert
		s.mu.Unlock()
	}
	if now := s.Now(); now.Before(cert.NotBefore) || now.After(cert.NotAfter) {
		return nil, ErrForged
	}
	return cert, nil
}

// chained reads a file of certificates and gives the first, if it belongs to
// Amazon SNS and leads to a root. Amazon may leave out who issued it: that stands
// in the certificate, and whom to trust is for the roots to say.
func (s *sns) chained(ctx context.Context, text []byte, host string) (*x509.Certificate, error) {
	var all []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, ErrForged
		}
		all = append(all, cert)
	}
	if len(all) == 0 || all[0].VerifyHostname("sns.amazonaws.com") != nil && all[0].VerifyHostname(host) != nil {
		return nil, ErrForged
	}
	between := x509.NewCertPool()
	for _, cert := range all[1:] {
		between.AddCert(cert)
	}
	for last := all[len(all)-1]; ; {
		_, err := all[0].Verify(x509.VerifyOptions{Roots: s.Roots, Intermediates: between, CurrentTime: s.Now()})
		if err == nil {
			return all[0], nil
		}
		var unknown x509.UnknownAuthorityError
		if !errors.As(err, &unknown) || len(last.IssuingCertificateURL) == 0 || len(all) > 5 {
			return nil, ErrForged
		}
		if u, err := url.Parse(last.IssuingCertificateURL[0]); err != nil || !named(u) {
			return nil, ErrForged
		}
		issuer, err := s.small(ctx, last.IssuingCertificateURL[0])
		if err != nil {
			return nil, err
		}
		if last, err = x509.ParseCertificate(issuer); err != nil {
			return nil, ErrForged
		}
		between.AddCert(last)
		all = append(all, last)
	}
}

// confirm answers SNS that the topic may post here: only for a topic that was
// named, after its message was proved, and only to Amazon.
func (s *sns) confirm(ctx context.Context, m snsMessage) error {
	u, err := url.Parse(m.SubscribeURL)
	if err != nil || u.Scheme != "https" || u.User != nil || !snsHost.MatchString(u.Host) {
		return ErrForged
	}
	_, err = s.small(ctx, m.SubscribeURL)
	return err
}

// small fetches something small, and follows nobody elsewhere.
func (s *sns) small(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, ErrForged
	}
	client := *s.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Do(req)
	if err != nil {
		return nil, errors.New("amazon does not answer")
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("amazon answers %d", response.StatusCode)
	}
	return io.ReadAll(io.LimitReader(response.Body, 256<<10))
}

func readSNS(body []byte) (snsMessage, error) {
	var m snsMessage
	if err := json.Unmarshal(body, &m); err != nil {
		return m, malformed("the JSON")
	}
	return m, nil
}
