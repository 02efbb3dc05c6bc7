package mailer

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Signer signs mails by DKIM (RFC 6376), once with each of its keys. It is safe
// for concurrent use: nothing in it ever changes.
//
// It is our own since neither library at hand will do: go-mail's folds a list of
// headers as long as ours inside their names, which breaks the signature, and
// go-msgauth's leaves it on one line far longer than the rest of the mail. The
// tests let go-msgauth verify what is signed here.
type Signer struct {
	domain string
	keys   []signingKey
	now    func() time.Time
}

// signingKey is one private key and the name that its public half has in the DNS.
type signingKey struct {
	selector  string
	algorithm string // of RFC 6376 and RFC 8463: rsa-sha256, ed25519-sha256
	private   crypto.Signer
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

// Sign gives the mail with a signature on top for each key. The mail is the same
// as before below them. It fails for what is no mail, or has no From.
func (s *Signer) Sign(raw []byte) ([]byte, error) {
	head, body, ok := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !ok {
		return nil, errors.New("sign: the mail has no end of its headers")
	}
	fields := fieldsOf(string(head))
	if len(fields["from"]) == 0 { // RFC 6376, section 5.4
		return nil, errors.New("sign: the mail has no From")
	}
	names, covered := pickSigned(fields)
	bodyHash := sha256.Sum256(relaxedBody(body))
	now := s.now()
	var out bytes.Buffer
	out.Grow(len(raw) + 1024*len(s.keys))
	for _, k := range s.keys {
		unsigned := k.field(s.domain, now, names, bodyHash[:])
		// The field itself comes last, without its CRLF (RFC 6376, section 3.7).
		sum := sha256.Sum256([]byte(covered + relaxedField(unsigned.String())))
		signature, err := k.sign(sum[:])
		if err != nil {
			return nil, fmt.Errorf("sign with %s: %w", k.selector, err)
		}
		unsigned.addAnywhere(base64.StdEncoding.EncodeToString(signature))
		out.WriteString(unsigned.String())
		out.WriteString("\r\n")
	}
	out.Write(raw)
	return out.Bytes(), nil
}

// pickSigned gives the names for h= and what they cover, in its canonical form.
// Of several headers by one name the lowest comes first (RFC 6376, section 5.4.2).
func pickSigned(fields map[string][]string) (names []string, covered string) {
	var b strings.Builder
	for _, name := range signedHeaders() {
		found := fields[strings.ToLower(name)]
		for i := len(found) - 1; i >= 0; i-- {
			names = append(names, name)
			b.WriteString(relaxedField(found[i]))
			b.WriteString("\r\n")
		}
		if oversigned(name) {
			names = append(names, name)
		}
	}
	return names, b.String()
}

// field is the DKIM-Signature with everything but the signature (RFC 6376,
// section 3.5). What is signed and what is sent are the same bytes.
func (k signingKey) field(domain string, now time.Time, names []string, bodyHash []byte) *folded {
	f := &folded{}
	for _, piece := range []string{
		"DKIM-Signature: v=1;", " a=" + k.algorithm + ";", " c=relaxed/relaxed;", " d=" + domain + ";",
		" s=" + k.selector + ";", " t=" + strconv.FormatInt(now.Unix(), 10) + ";",
		" bh=" + base64.StdEncoding.EncodeToString(bodyHash) + ";",
	} {
		f.add(piece)
	}
	f.add(" h=" + names[0])
	for _, name := range names[1:] {
		f.add(":" + name)
	}
	f.add(";")
	f.add(" b=")
	return f
}

func (k signingKey) sign(sum []byte) ([]byte, error) {
	if private, ok := k.private.(ed25519.PrivateKey); ok { // over the hash (RFC 8463, section 3)
		return ed25519.Sign(private, sum), nil
	}
	return k.private.Sign(rand.Reader, sum, crypto.SHA256) // PKCS #1 v1.5 (RFC 6376, section 3.3.2)
}

// folded is a header that breaks its line before a piece that would be too long
// for it (RFC 5322, section 2.2.3).
type folded struct {
	b      strings.Builder
	column int
}

const maxColumn = 76

func (f *folded) String() string { return f.b.String() }

func (f *folded) add(piece string) {
	if f.column > 1 && f.column+len(piece) > maxColumn {
		f.b.WriteString("\r\n ")
		f.column = 1
		piece = strings.TrimPrefix(piece, " ")
	}
	f.b.WriteString(piece)
	f.column += len(piece)
}

// addAnywhere adds what may be broken at any place.
func (f *folded) addAnywhere(s string) {
	for s != "" {
		room := maxColumn - f.column
		if room <= 0 {
			f.b.WriteString("\r\n ")
			f.column, room = 1, maxColumn-1
		}
		n := min(room, len(s))
		f.b.WriteString(s[:n])
		f.column += n
		s = s[n:]
	}
}
