package webhook

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"longroad/internal/inbound"
)

const (
	topic   = "arn:aws:sns:eu-west-1:123456789012:letters"
	certURL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"
	joinURL = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"
	aiaURL  = "http://crt.example.org/issuer.cer"
)

// authority is a root, an issuer below it and the key that signs for SNS.
type authority struct {
	roots        *x509.CertPool
	key          *rsa.PrivateKey
	leaf, issuer []byte // DER
}

func newAuthority(t testing.TB, name string) *authority {
	t.Helper()
	a := &authority{roots: x509.NewCertPool()}
	rootKey, issuerKey := must(rsa.GenerateKey(rand.Reader, 2048)), must(rsa.GenerateKey(rand.Reader, 2048))
	a.key = must(rsa.GenerateKey(rand.Reader, 2048))
	cert := func(serial int64, name string, ca bool) *x509.Certificate {
		c := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(1, 0, 0),
			IsCA: ca, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
		if !ca {
			c.DNSNames, c.KeyUsage, c.IssuingCertificateURL = []string{name}, x509.KeyUsageDigitalSignature, []string{aiaURL}
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		}
		return c
	}
	root := cert(1, "A root", true)
	rootDER := must(x509.CreateCertificate(rand.Reader, root, root, &rootKey.PublicKey, rootKey))
	a.issuer = must(x509.CreateCertificate(rand.Reader, cert(2, "An issuer", true), must(x509.ParseCertificate(rootDER)), &issuerKey.PublicKey, rootKey))
	a.leaf = must(x509.CreateCertificate(rand.Reader, cert(3, name, false), must(x509.ParseCertificate(a.issuer)), &a.key.PublicKey, issuerKey))
	a.roots.AddCert(must(x509.ParseCertificate(rootDER)))
	return a
}

func pemOf(ders ...[]byte) string {
	var b strings.Builder
	for _, der := range ders {
		b.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	return b.String()
}

// message signs a message as SNS does.
func (a *authority) message(kind, text string, change func(*snsMessage)) []byte {
	subject := "Amazon SES"
	m := snsMessage{Type: kind, MessageID: "m-1", TopicARN: topic, Message: text, Timestamp: noon.Format(time.RFC3339), SignatureVersion: "2", SigningCertURL: certURL}
	if kind == "Notification" {
		m.Subject = &subject
	} else {
		m.Token, m.SubscribeURL = "t", joinURL
	}
	if change != nil {
		change(&m)
	}
	if m.Signature == "" {
		sum := sha256.Sum256([]byte(m.signed()))
		m.Signature = base64.StdEncoding.EncodeToString(must(rsa.SignPKCS1v15(rand.Reader, a.key, crypto.SHA256, sum[:])))
	}
	return must(json.Marshal(m))
}

// amazon answers for Amazon's hosts, and notes what it was asked.
type amazon struct {
	mu    sync.Mutex
	files map[string]string
	asked []string
}

func (a *amazon) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, r.URL.String())
	body, found := a.files[r.URL.String()]
	status := http.StatusOK
	if !found {
		status = http.StatusNotFound
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func (a *authority) amazon() *amazon {
	return &amazon{files: map[string]string{certURL: pemOf(a.leaf), aiaURL: string(a.issuer), joinURL: "<ok/>"}}
}

func sesDesk(t testing.TB, a *authority, net *amazon) *Desk {
	return desk(t, func(o *Options) {
		o.Client, o.Roots = &http.Client{Transport: net}, a.roots
		o.Object = func(_ context.Context, bucket, key string) ([]byte, error) {
			if bucket+"/"+key != "mails/in/1" {
				return nil, errors.New("no such object")
			}
			return []byte(mail), nil
		}
	}, "ses:"+topic)
}

// TestSES reads mails, bounces and complaints that come through SNS.
func TestSES(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "sns.amazonaws.com")
	head := `"mail":{"source":"reader@example.org","destination":["r-token@letters.example.org"],"headers":[{"name":"Message-ID","value":"<1@letters.example.org>"}]}`
	for name, c := range map[string]struct{ text, want string }{
		"a mail":           {`{"notificationType":"Received",` + head + `,"content":` + quoted(mail) + `,"receipt":{"recipients":["r-token@letters.example.org"],"action":{"type":"SNS","encoding":"UTF8"}}}`, "mail reader@example.org r-token@letters.example.org true;"},
		"in base64":        {`{"notificationType":"Received",` + head + `,"content":"` + base64.StdEncoding.EncodeToString([]byte(mail)) + `","receipt":{"recipients":["r-token@letters.example.org"],"action":{"type":"SNS","encoding":"BASE64"}}}`, "mail reader@example.org r-token@letters.example.org true;"},
		"in S3":            {`{"notificationType":"Received",` + head + `,"receipt":{"recipients":["r-token@letters.example.org"],"action":{"type":"S3","bucketName":"mails","objectKey":"in/1"}}}`, "mail reader@example.org r-token@letters.example.org true;"},
		"a bounce":         {`{"notificationType":"Bounce",` + head + `,"bounce":{"bounceType":"Permanent","bounceSubType":"General","feedbackId":"f","bouncedRecipients":[{"emailAddress":"a@example.org","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}]}}`, "bounce hard user-unknown a@example.org 1@letters.example.org;"},
		"as an event":      {`{"eventType":"Bounce",` + head + `,"bounce":{"bounceType":"Transient","bounceSubType":"MailboxFull","feedbackId":"f","bouncedRecipients":[{"emailAddress":"a@example.org"}]}}`, "bounce soft mailbox-full a@example.org 1@letters.example.org;"},
		"late":             {`{"eventType":"DeliveryDelay",` + head + `,"deliveryDelay":{"delayedRecipients":[{"emailAddress":"a@example.org","status":"4.4.7"}]}}`, "bounce delayed expired a@example.org 1@letters.example.org;"},
		"a complaint":      {`{"notificationType":"Complaint",` + head + `,"complaint":{"feedbackId":"f","complaintFeedbackType":"abuse","complainedRecipients":[{"emailAddress":"a@example.org"}]}}`, "complaint none abuse a@example.org 1@letters.example.org;"},
		"not spam":         {`{"notificationType":"Complaint",` + head + `,"complaint":{"feedbackId":"f","complaintFeedbackType":"not-spam","complainedRecipients":[{"emailAddress":"a@example.org"}]}}`, "complaint none not-spam a@example.org 1@letters.example.org;"},
		"delivered":        {`{"notificationType":"Delivery",` + head + `}`, ""},
		"its own greeting": {`{"notificationType":"AmazonSnsSubscriptionSucceeded"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all, err := take(t, sesDesk(t, a, a.amazon()), "ses", Request{Body: a.message("Notification", c.text, nil)})
			if err != nil {
				t.Fatal(err)
			}
			if got := told(all); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func told(all []inbound.Arrival) string {
	var b strings.Builder
	for _, one := range all {
		if n := one.Note; n != nil {
			fmt.Fprintf(&b, "%s %s %s %s %s;", n.Kind, n.Type, n.Reason, n.Recipient, n.MessageID)
			continue
		}
		fmt.Fprintf(&b, "mail %s %s %v;", one.From, one.To, string(one.Raw) == mail)
	}
	return b.String()
}

// TestSNSRefused refuses what is not Amazon's, and asks nobody else's server.
func TestSNSRefused(t *testing.T) {
	t.Parallel()
	a, other := newAuthority(t, "sns.amazonaws.com"), newAuthority(t, "sns.amazonaws.com")
	wrongName := newAuthority(t, "mail.example.org")
	with := func(change func(*snsMessage)) []byte { return a.message("Notification", `{}`, change) }
	late := func(by time.Duration) func(*snsMessage) {
		return func(m *snsMessage) { m.Timestamp = noon.Add(-by).Format(time.RFC3339) }
	}
	cert := func(address string) func(*snsMessage) { return func(m *snsMessage) { m.SigningCertURL = address } }
	good := with(nil)
	for name, c := range map[string]struct {
		body []byte
		as   *authority // whose certificate Amazon shows; nil for the right one
		want error
	}{
		"right":                       {good, nil, nil},
		"as old as it may be":         {with(late(snsWindow)), nil, nil},
		"too old":                     {with(late(snsWindow + time.Second)), nil, ErrStale},
		"of tomorrow":                 {with(late(-snsWindow - time.Second)), nil, ErrStale},
		"signature version 1":         {with(func(m *snsMessage) { m.SignatureVersion = "1" }), nil, ErrForged},
		"another text":                {bytes.Replace(good, []byte(`{}`), []byte(`{ }`), 1), nil, ErrForged},
		"another topic":               {with(func(m *snsMessage) { m.TopicARN = "arn:aws:sns:eu-west-1:1:other" }), nil, ErrForged},
		"no signature":                {with(func(m *snsMessage) { m.Signature = "AAAA" }), nil, ErrForged},
		"another host's certificate":  {with(cert("https://sns.eu-west-1.amazonaws.com.example.org/x.pem")), nil, ErrForged},
		"a user before the host":      {with(cert("https://sns.eu-west-1.amazonaws.com@example.org/x.pem")), nil, ErrForged},
		"no TLS":                      {with(cert("http://sns.eu-west-1.amazonaws.com/x.pem")), nil, ErrForged},
		"another port":                {with(cert("https://sns.eu-west-1.amazonaws.com:8443/x.pem")), nil, ErrForged},
		"another service of Amazon's": {with(cert("https://s3.eu-west-1.amazonaws.com/x.pem")), nil, ErrForged},
		"a bucket called sns":         {with(cert("https://sns.s3-eu-west-1.amazonaws.com/x.pem")), nil, ErrForged},
		"the same file, once more":    {with(cert(certURL + "#1.pem")), nil, ErrForged},
		"a query":                     {with(cert(certURL + "?x")), nil, ErrForged},
		"another root":                {other.message("Notification", `{}`, nil), other, ErrForged},
		"another key":                 {other.message("Notification", `{}`, nil), nil, ErrForged},
		"another name":                {wrongName.message("Notification", `{}`, nil), wrongName, ErrForged},
		"another type":                {a.message("Whatever", `{}`, nil), nil, ErrMalformed},
		"cut off":                     {good[:len(good)-2], nil, ErrMalformed},
		"no notification":             {a.message("Notification", `[`, nil), nil, ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			net := a.amazon()
			if c.as != nil {
				net = c.as.amazon()
			}
			_, err := take(t, sesDesk(t, a, net), "ses", Request{Body: c.body})
			if !errors.Is(err, c.want) {
				t.Errorf("%v", err)
			}
			for _, asked := range net.asked {
				if asked != certURL && asked != aiaURL {
					t.Errorf("%s was asked", asked)
				}
			}
		})
	}
	for cut := 1; cut < len(good); cut += 7 {
		if _, err := take(t, sesDesk(t, a, a.amazon()), "ses", Request{Body: good[:len(good)-cut]}); err == nil {
			t.Fatalf("taken with %d bytes cut off", cut)
		}
	}
}

// TestSNSHosts knows Amazon's regions.
func TestSNSHosts(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"sns.eu-west-1.amazonaws.com": true, "sns.us-gov-west-1.amazonaws.com": true, "sns.ap-southeast-5.amazonaws.com": true,
		"sns.cn-north-1.amazonaws.com.cn": true, "sns.mx-central-1.amazonaws.com": true, "sns.me-south-1.amazonaws.com": true,
		"sns.s3-us-west-2.amazonaws.com": false, "sns.s3-accelerate.amazonaws.com": false, "sns.s3-website-us-west-2.amazonaws.com": false,
		"sns.amazonaws.com": false, "x.sns.eu-west-1.amazonaws.com": false, "sns.eu-west-1.amazonaws.com.cn.example.org": false,
	} {
		if got := snsHost.MatchString(host); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}

// TestSNSIssuer asks no machine of this network for an issuer, whatever stands in
// a certificate.
func TestSNSIssuer(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "sns.amazonaws.com")
	for _, issuer := range []string{"http://169.254.169.254/latest/meta-data/", "http://[::1]/x", "http://localhost/x", "http://metadata/x", "http://127.1/x", "file:///etc/passwd"} {
		made := &x509.Certificate{SerialNumber: big.NewInt(9), Subject: pkix.Name{CommonName: "x"}, NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(1, 0, 0),
			DNSNames: []string{"sns.amazonaws.com"}, IssuingCertificateURL: []string{issuer}}
		net := a.amazon()
		net.files[certURL] = pemOf(must(x509.CreateCertificate(rand.Reader, made, made, &a.key.PublicKey, a.key)))
		_, err := take(t, sesDesk(t, a, net), "ses", Request{Body: a.message("Notification", "{}", nil)})
		if !errors.Is(err, ErrForged) || len(net.asked) != 1 {
			t.Errorf("%s: %v, asked %v", issuer, err, net.asked)
		}
	}
}

// TestSNSConfirms answers only for the topic that was named, only what is proved,
// and only to Amazon; the certificate is fetched once.
func TestSNSConfirms(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "sns.amazonaws.com")
	elsewhere := func(m *snsMessage) { m.SubscribeURL = "https://example.org/?Action=ConfirmSubscription" }
	forged := func(m *snsMessage) { m.Signature = "AAAA" }
	for name, c := range map[string]struct {
		change func(*snsMessage)
		asked  bool
	}{"right": {nil, true}, "to somebody else": {elsewhere, false}, "not proved": {forged, false}} {
		net := a.amazon()
		d := sesDesk(t, a, net)
		for range 2 {
			_, err := take(t, d, "ses", Request{Body: a.message("SubscriptionConfirmation", "please confirm", c.change)})
			if (err == nil) != c.asked {
				t.Errorf("%s: %v", name, err)
			}
		}
		all := strings.Join(net.asked, " ")
		if strings.Contains(all, "ConfirmSubscription") != c.asked || strings.Count(all, certURL) != 1 {
			t.Errorf("%s: asked were %s", name, all)
		}
	}
	// What both have in the file needs no other server.
	net := a.amazon()
	net.files[certURL] = pemOf(a.leaf, a.issuer)
	if _, err := take(t, sesDesk(t, a, net), "ses", Request{Body: a.message("Notification", "{}", nil)}); err != nil || len(net.asked) != 1 {
		t.Errorf("%v, asked %v", err, net.asked)
	}
}
