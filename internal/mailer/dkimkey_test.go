package mailer

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
)

func pemOf(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func pkcs8(t testing.TB, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pemOf("PRIVATE KEY", der)
}

func newRSA(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func rsaKey(t testing.TB, bits int) []byte { return pkcs8(t, newRSA(t, bits)) }

func ed25519Key(t testing.TB) []byte {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return pkcs8(t, key)
}

func TestNewSigner(t *testing.T) {
	t.Parallel()
	strong := newRSA(t, 2048)
	weak := newRSA(t, 1024)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&strong.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(strong))
	cases := map[string]struct {
		keys []Key
		says string // "" takes it
		warn string
	}{
		"PKCS #1":           {[]Key{{"a", pkcs1}}, "", ""},
		"PKCS #8":           {[]Key{{"a.b-2", pkcs8(t, strong)}}, "", ""},
		"text around":       {[]Key{{"a", append([]byte("the key of March\n"), pkcs1...)}}, "", ""},
		"Ed25519 alone":     {[]Key{{"a", ed25519Key(t)}}, "", "only an Ed25519 key"},
		"both":              {[]Key{{"a", pkcs1}, {"b", ed25519Key(t)}}, "", ""},
		"short":             {[]Key{{"a", pkcs8(t, weak)}}, "", "1024 bits"},
		"no key":            {nil, "no key", ""},
		"no PEM":            {[]Key{{"a", []byte("hunter2")}}, "no PEM", ""},
		"garbage":           {[]Key{{"a", pemOf("PRIVATE KEY", []byte("hunter2"))}}, "cannot be read", ""},
		"an elliptic curve": {[]Key{{"a", pkcs8(t, curve)}}, "only RSA and Ed25519", ""},
		"a public key":      {[]Key{{"a", pemOf("PUBLIC KEY", public)}}, "private key is needed", ""},
		"encrypted":         {[]Key{{"a", pemOf("ENCRYPTED PRIVATE KEY", []byte("x"))}}, "encrypted", ""},
		"encrypted PKCS #1": {[]Key{{"a", []byte("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\neHh4\n-----END RSA PRIVATE KEY-----\n")}}, "encrypted", ""},
		"no selector":       {[]Key{{"", pkcs1}}, "selector", ""},
		"a bad selector":    {[]Key{{"a b; p=", pkcs1}}, "selector", ""},
		"one selector":      {[]Key{{"a", pkcs1}, {"a", ed25519Key(t)}}, "selector a", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := NewSigner("letters.example.org", c.keys)
			if c.says != "" {
				if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "hunter2") {
					t.Errorf("the error is %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if warned := strings.Join(s.Warnings(), "\n"); (warned == "") != (c.warn == "") || !strings.Contains(warned, c.warn) {
				t.Errorf("the warnings are %q", warned)
			}
			mustVerify(t, s, sign(t, s, []byte("From: a@letters.example.org\r\n\r\nHi.\r\n")))
		})
	}
	if _, err := NewSigner("", []Key{{"a", pkcs1}}); err == nil {
		t.Error("there is no domain")
	}
}

// TestWeakKey refuses what every verifier refuses. Go itself makes no such key
// any more, unless it is told to.
func TestWeakKey(t *testing.T) {
	t.Setenv("GODEBUG", "rsa1024min=0")
	for name, key := range map[string][]byte{
		"PKCS #1": pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(newRSA(t, 768))), "PKCS #8": rsaKey(t, 768),
	} {
		if _, err := NewSigner("letters.example.org", []Key{{"a", key}}); err == nil || !strings.Contains(err.Error(), "768 bits") {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
	// Without GODEBUG the reading itself may refuse it: it must not be taken.
	key := rsaKey(t, 768)
	t.Setenv("GODEBUG", "")
	if _, err := NewSigner("letters.example.org", []Key{{"a", key}}); err == nil || !strings.Contains(err.Error(), "bits") {
		t.Errorf("the error is %v", err)
	}
}

// TestInternationalDomain signs for the name that the DNS knows.
func TestInternationalDomain(t *testing.T) {
	t.Parallel()
	s, err := NewSigner("Weg.Bücher.example", []Key{{"a", ed25519Key(t)}})
	if err != nil {
		t.Fatal(err)
	}
	if records, err := s.Records(); err != nil || records[0].Name != "a._domainkey.weg.xn--bcher-kva.example" {
		t.Errorf("%+v, %v", records, err)
	}
}
