// Package token makes and reads the signed tokens of links and addresses. Its
// one rule: a token says nothing but which row it is for and for what purpose,
// and one purpose's token never serves another.
//
// A token is 40 characters of lower-case base32: a key id, the purpose, the
// row's random 80-bit Ref and a MAC over all three. Folding its case changes
// nothing, so it survives in the local part of an address.
package token

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Purpose says what a token may be used for.
type Purpose byte

// The purposes. Their numbers stand in mails that have been sent: never reuse one.
const (
	Confirm     Purpose = 1 // a subscription, to confirm it
	CheckIn     Purpose = 2 // a delivery, to answer it on a page
	Preferences Purpose = 3 // a subscription, to change it
	Unsubscribe Purpose = 4 // a subscription, to end it; never expires
	Reply       Purpose = 5 // a delivery, to answer it by mail
	Bounce      Purpose = 6 // a delivery, for reports about it
	Choose      Purpose = 7 // a delivery, to choose on its page which letters shall come
	Journal     Purpose = 8 // a subscription, to read what its reader asked to have kept
	Undo        Purpose = 9 // a receipt's delivery, to take back what it tells

	// What the operator's page presses; these stand in no mail.
	See     Purpose = 20 // an alert, that it was seen
	Release Purpose = 21 // a subscription, to end its halt
)

// Ref is a row's public name: 80 random bits.
type Ref [10]byte

// NewRef draws a new Ref.
func NewRef() Ref {
	var r Ref
	rand.Read(r[:]) // never fails (crypto/rand)
	return r
}

// ParseRef reads the hexadecimal form that String writes.
func ParseRef(s string) (Ref, error) {
	var r Ref
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(r) {
		return r, errors.New("a reference is 20 hexadecimal digits")
	}
	copy(r[:], b)
	return r, nil
}

// String writes the Ref in hexadecimal, as commands and logs show it.
func (r Ref) String() string { return hex.EncodeToString(r[:]) }

// ErrInvalid means that a token was not made by us for this purpose.
var ErrInvalid = errors.New("the token is not valid")

// Length is how many characters every token has.
const Length = 40

const macSize = 13

var encoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// Ring is the keys that sign and verify: the first signs, all verify.
type Ring struct{ keys []key }

type key struct {
	id     byte
	secret [sha256.Size]byte
}

// NewRing takes the secrets, newest first; each needs at least 16 bytes.
func NewRing(secrets ...string) (*Ring, error) {
	if len(secrets) == 0 {
		return nil, errors.New("a secret key is needed")
	}
	ring := &Ring{}
	for i, s := range secrets {
		if len(s) < 16 {
			return nil, fmt.Errorf("secret key %d of %d is shorter than 16 characters", i+1, len(secrets))
		}
		// Other rooms derive keys of their own from the same secret.
		k := key{secret: sha256.Sum256([]byte("longroad token\x00" + s))}
		k.id = sha256.Sum256(k.secret[:])[0]
		ring.keys = append(ring.keys, k)
	}
	return ring, nil
}

// Sign makes the token of a row for a purpose.
func (g *Ring) Sign(p Purpose, ref Ref) string {
	k := g.keys[0]
	body := append([]byte{k.id, byte(p)}, ref[:]...)
	return strings.ToLower(encoding.EncodeToString(append(body, k.mac(body)...)))
}

// Verify reads a token for a purpose, in any case. Its error is ErrInvalid.
func (g *Ring) Verify(p Purpose, token string) (Ref, error) {
	var ref Ref
	if len(token) != Length {
		return ref, ErrInvalid
	}
	raw, err := encoding.DecodeString(strings.ToUpper(token))
	if err != nil {
		return ref, ErrInvalid
	}
	body, mac := raw[:len(raw)-macSize], raw[len(raw)-macSize:]
	if body[1] != byte(p) {
		return ref, ErrInvalid
	}
	for _, k := range g.keys {
		if k.id == body[0] && hmac.Equal(mac, k.mac(body)) {
			copy(ref[:], body[2:])
			return ref, nil
		}
	}
	return ref, ErrInvalid
}

func (k key) mac(body []byte) []byte {
	h := hmac.New(sha256.New, k.secret[:])
	h.Write(body)
	return h.Sum(nil)[:macSize]
}
