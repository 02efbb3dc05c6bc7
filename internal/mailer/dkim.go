package mailer

import (
	"bytes"
	"cmp"
	"crypto"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/textproto"

	"github.com/emersion/go-msgauth/dkim"
)

// Signer signs mails by DKIM (RFC 6376), once with each of its keys. It is safe
// for concurrent use: nothing in it ever changes.
//
// go-msgauth signs, and not the signer of go-mail, which folds a list of headers
// as long as ours inside their names and so breaks the signature. The list is
// one line of some 230 octets, of 998 allowed (RFC 5322, section 2.1.1).
type Signer struct {
	domain string
	keys   []signingKey
}

// signingKey is one private key and the name that its public half has in the DNS.
type signingKey struct {
	selector string
	private  crypto.Signer
}

// signedHeaders are covered as often as they stand in the mail. RFC 8058,
// section 4, wants both List-Unsubscribe headers among them.
func signedHeaders() []string {
	return []string{
		"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Reply-To",
		"In-Reply-To", "References", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
		"Auto-Submitted", "Feedback-ID",
	}
}

// oversigned tells the headers that are covered once more than they stand
// there, so that nobody can add another that a reader would see instead
// (RFC 6376, section 8.15).
func oversigned(name string) bool {
	switch name {
	case "From", "To", "Subject", "Date", "MIME-Version", "Content-Type", "Reply-To":
		return true
	}
	return false
}

// Sign gives the mail with a signature on top for each key, dated by the
// machine's clock. The mail is the same as before below them. It fails for what
// is no mail, or has no From. Errors never show the mail.
func (s *Signer) Sign(raw []byte) ([]byte, error) {
	mail, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, errors.New("sign: the headers of the mail cannot be read")
	}
	if len(mail.Header["From"]) == 0 { // RFC 6376, section 5.4
		return nil, errors.New("sign: the mail has no From")
	}
	names := pickSigned(mail.Header)
	var out bytes.Buffer
	out.Grow(len(raw) + 1024*len(s.keys))
	for _, k := range s.keys {
		field, err := k.signature(s.domain, names, raw)
		if err != nil {
			return nil, fmt.Errorf("sign with %s: %w", k.selector, err)
		}
		out.WriteString(field)
	}
	out.Write(raw)
	return out.Bytes(), nil
}

// pickSigned gives the names for h=. What is not there is not named, unless it
// is oversigned: a relay may add a Feedback-ID or a List-Unsubscribe of its own.
func pickSigned(header netmail.Header) []string {
	var names []string
	for _, name := range signedHeaders() {
		for range header[textproto.CanonicalMIMEHeaderKey(name)] {
			names = append(names, name)
		}
		if oversigned(name) {
			names = append(names, name)
		}
	}
	return names
}

// signature is the header DKIM-Signature, with its CRLF.
func (k signingKey) signature(domain string, names []string, raw []byte) (string, error) {
	signing, err := dkim.NewSigner(&dkim.SignOptions{
		Domain: domain, Selector: k.selector, Signer: k.private, HeaderKeys: names,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		return "", err
	}
	_, err = signing.Write(raw)
	if err = cmp.Or(err, signing.Close()); err != nil { // closed in any case
		return "", err
	}
	return signing.Signature(), nil
}
