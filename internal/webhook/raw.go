package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"

	"longroad/internal/inbound"
)

// The header fields of a raw post. The signature is the HMAC-SHA256, in
// hexadecimal, of the other three, each with a newline behind it, and the body.
const (
	RawTimestamp = "Longroad-Timestamp" // seconds since 1970
	RawSender    = "Longroad-Sender"    // the envelope's; <> for nobody, "" where it is not known
	RawRecipient = "Longroad-Recipient" // the envelope's
	RawSignature = "Longroad-Signature"
)

// rawWindow is how old a raw post may be.
const rawWindow = 5 * time.Minute

// raw takes a bare mail (RFC 5322) from a program of the operator's own.
type raw struct {
	secret []byte
	Options
}

func newRaw(secret string, o Options) (provider, error) {
	if len(secret) < 16 {
		return nil, errors.New("the secret is shorter than 16 characters")
	}
	return raw{[]byte(secret), o}, nil
}

func (p raw) open(_ context.Context, r Request) (Post, error) {
	at, from, to := r.Header.Get(RawTimestamp), r.Header.Get(RawSender), r.Header.Get(RawRecipient)
	mac := hmac.New(sha256.New, p.secret)
	mac.Write([]byte(at + "\n" + from + "\n" + to + "\n"))
	mac.Write(r.Body)
	given, err := hex.DecodeString(r.Header.Get(RawSignature))
	if err != nil || !hmac.Equal(given, mac.Sum(nil)) {
		return Post{}, ErrForged
	}
	if err := p.inTime(at, rawWindow); err != nil {
		return Post{}, err
	}
	if len(r.Body) == 0 {
		return Post{}, malformed("the mail is missing")
	}
	if from != "" { // nothing at all is not nobody: a program that does not tell is no machine's mail
		from = sender(from)
	}
	return Post{Arrivals: []inbound.Arrival{{From: from, To: bare(to), Raw: r.Body}}, once: key("raw", string(given)), within: 2 * rawWindow}, nil
}

// inTime reads seconds since 1970 and compares them with now.
func (o Options) inTime(seconds string, window time.Duration) error {
	at, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return malformed("the timestamp")
	}
	if !fresh(o.Now(), time.Unix(at, 0), window) {
		return ErrStale
	}
	return nil
}

// sender is an envelope's sender as an Arrival tells it. It becomes a line of a
// header, and no more than one.
func sender(address string) string {
	if address = clean(bare(address)); address == "" {
		return "<>"
	}
	return address
}

// bare takes the angle brackets off an address.
func bare(address string) string {
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(address), "<"), ">"))
}
