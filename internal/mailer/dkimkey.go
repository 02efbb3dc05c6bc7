package mailer

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"regexp"
)

// Key is a private key to sign with, as its file holds it.
type Key struct {
	// Selector is the key's name in the DNS: SELECTOR._domainkey.DOMAIN.
	Selector string
	// PEM is the key: RSA as PKCS #1 or PKCS #8, or Ed25519 as PKCS #8.
	PEM []byte
}

const (
	leastRSA   = 1024 // bits; verifiers refuse shorter ones (RFC 8301, section 3.2)
	advisedRSA = 2048
)

// A selector is one or more labels (RFC 6376, section 3.1).
var selectorName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)

// NewSigner signs for a domain, that of From, so that the signatures are aligned
// with it (RFC 7489, section 3.1.1). Several keys sign side by side: an RSA key
// for everybody and an Ed25519 key for those who know it (RFC 8463). Errors never
// show a key.
func NewSigner(domain string, keys []Key) (*Signer, error) {
	domain = asciiDomain("@" + domain)[1:]
	if domain == "" {
		return nil, errors.New("there is no domain to sign for")
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no key to sign with")
	}
	s := &Signer{domain: domain}
	seen := map[string]bool{}
	for _, k := range keys {
		switch {
		case !selectorName.MatchString(k.Selector) || len(k.Selector) > 63:
			return nil, fmt.Errorf("the selector %q is no name: letters, digits and hyphens, such as lr2026", k.Selector)
		case seen[k.Selector]:
			return nil, fmt.Errorf("two keys have the selector %s: each needs one of its own", k.Selector)
		}
		seen[k.Selector] = true
		private, err := parseKey(k.PEM)
		if err != nil {
			return nil, fmt.Errorf("the key of %s: %w", k.Selector, err)
		}
		s.keys = append(s.keys, signingKey{k.Selector, private})
	}
	return s, nil
}

func parseKey(text []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("it is no PEM: make one with openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048")
	}
	var parsed any
	var err error
	switch {
	case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
		return nil, errors.New("it is encrypted: take the passphrase off with openssl pkey")
	case block.Type == "RSA PRIVATE KEY":
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case block.Type == "PRIVATE KEY":
		parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("it is a %q: a private key is needed, RSA or Ed25519", block.Type)
	}
	if err != nil {
		return nil, errors.New("it cannot be read: make it anew with openssl genpkey")
	}
	switch key := parsed.(type) {
	case ed25519.PrivateKey:
		return key, nil
	case *rsa.PrivateKey:
		if bits := key.N.BitLen(); bits < leastRSA {
			return nil, fmt.Errorf("it has %d bits, and nobody takes fewer than %d: make one with %d", bits, leastRSA, advisedRSA)
		}
		return key, nil
	}
	return nil, errors.New("DKIM knows only RSA and Ed25519 keys")
}

// Warnings are what works and is not wise.
func (s *Signer) Warnings() []string {
	var all []string
	onlyEd25519 := true
	for _, k := range s.keys {
		key, ok := k.private.(*rsa.PrivateKey)
		if !ok {
			continue
		}
		onlyEd25519 = false
		if bits := key.N.BitLen(); bits < advisedRSA {
			all = append(all, fmt.Sprintf("the DKIM key of %s has only %d bits: %d are advised", k.selector, bits, advisedRSA))
		}
	}
	if onlyEd25519 {
		all = append(all, "there is only an Ed25519 key for DKIM, which many receivers do not know: let an RSA key sign beside it")
	}
	return all
}

// Record is a line of the DNS, of type TXT.
type Record struct {
	Name, Value string
}

// Records are what the DNS must hold for the signatures to be believed
// (RFC 6376, section 3.6; RFC 8463, section 4).
func (s *Signer) Records() ([]Record, error) {
	all := make([]Record, len(s.keys))
	for i, k := range s.keys {
		kind, public := "ed25519", []byte(nil)
		switch key := k.private.Public().(type) {
		case ed25519.PublicKey:
			public = key
		default:
			der, err := x509.MarshalPKIXPublicKey(key)
			if err != nil {
				return nil, fmt.Errorf("the public key of %s: %w", k.selector, err)
			}
			kind, public = "rsa", der
		}
		all[i] = Record{k.selector + "._domainkey." + s.domain, "v=DKIM1; k=" + kind + "; p=" + base64.StdEncoding.EncodeToString(public)}
	}
	return all, nil
}
