// Package webhook takes what mail providers post: it proves that a post is
// theirs, and unpacks it. Its one rule: nothing of a post is believed before it
// is proved, over its raw bytes and in constant time.
//
// There is one file a provider. To repeat a post changes nothing below, for what
// arrives is known by its digest; what a signature does not cover is refused the
// second time here.
package webhook

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"longroad/internal/inbound"
)

// MaxBody is the most that a post may hold, in octets: a mail of 16 MB as JSON.
const MaxBody = 24 << 20

// The ways in which a post is refused. Any other error is trouble of ours or of
// the provider's, and the post may come again.
var (
	ErrClosed    = errors.New("this provider has no secret here")
	ErrForged    = errors.New("the post is not proved to be the provider's")
	ErrStale     = errors.New("the post is too old")
	ErrReplayed  = errors.New("the post came before")
	ErrMalformed = errors.New("the post cannot be read")
)

// Request is one post.
type Request struct {
	Header http.Header
	Body   []byte
	Source netip.Addr // where it came from
}

// Options are what a Desk needs.
type Options struct {
	// Secrets opens providers: entries such as "postmark:USER:PASSWORD"; an entry
	// with no provider's name before it is that of raw.
	Secrets []string
	// Sources bounds where a provider's posts may come from: entries such as
	// "postmark:192.0.2.0/24". A provider without one may post from anywhere.
	Sources []string
	// Now is the real time.
	Now func() time.Time
	// Used remembers what serves once.
	Used Used
	// Client fetches what some providers only point to.
	Client *http.Client
	// Roots are whom certificates must lead to; nil for the system's.
	Roots *x509.CertPool
	// Object reads a mail that Amazon has put into S3; nil refuses such.
	Object func(ctx context.Context, bucket, key string) ([]byte, error)
	// ResendAPI is where Resend answers; "" for its own address.
	ResendAPI string
}

// Used remembers keys for a time, for all processes together.
type Used interface {
	Has(ctx context.Context, key string) bool
	Put(ctx context.Context, key string, within time.Duration)
}

// Post is what a proved post holds. Nothing is no fault: much of what providers
// tell concerns nobody here.
type Post struct {
	Arrivals []inbound.Arrival
	once     string // serves once; "" where a repeated post changes nothing anyway
	within   time.Duration
}

// provider proves and unpacks one provider's posts.
type provider interface {
	open(ctx context.Context, r Request) (Post, error)
}

// Desk is where providers' posts are taken.
type Desk struct {
	providers map[string][]provider // several secrets of one provider: while they change
	sources   map[string][]netip.Prefix
	used      Used
}

// makers is how a provider is made of the secret behind its name.
var makers = map[string]func(secret string, o Options) (provider, error){
	"raw": newRaw, "postmark": newPostmark, "mailgun": newMailgun, "sendgrid": newSendGrid, "ses": newSES, "resend": newResend,
}

// Providers lists the names that a secret may begin with.
func Providers() []string {
	var all []string
	for name := range makers {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// New opens the desk. Its errors name what is wrong with which entry and never
// repeat a secret.
func New(o Options) (*Desk, error) {
	d := &Desk{providers: map[string][]provider{}, sources: map[string][]netip.Prefix{}, used: o.Used}
	for i, entry := range o.Secrets {
		name, secret := split(entry)
		if secret == "" {
			return nil, fmt.Errorf("entry %d, %s: the secret is empty", i+1, name)
		}
		p, err := makers[name](secret, o)
		if err != nil {
			return nil, fmt.Errorf("entry %d, %s: %w", i+1, name, err)
		}
		d.providers[name] = append(d.providers[name], p)
	}
	for _, entry := range o.Sources {
		name, network := split(entry)
		prefix, err := netip.ParsePrefix(network)
		if addr, e := netip.ParseAddr(network); err != nil && e == nil {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil || !strings.HasPrefix(entry, name+":") {
			return nil, fmt.Errorf("%q: write PROVIDER:NETWORK, such as postmark:192.0.2.0/24", entry)
		}
		d.sources[name] = append(d.sources[name], prefix.Masked())
	}
	return d, nil
}

// split takes the provider's name off an entry.
func split(entry string) (name, rest string) {
	name, rest, found := strings.Cut(entry, ":")
	if _, known := makers[name]; found && known {
		return name, rest
	}
	return "raw", entry
}

// Kept is told of a post once all that arrived by it is kept: whoever posts it
// again before that may have had no answer.
func (d *Desk) Kept(ctx context.Context, p Post) {
	if p.once != "" {
		d.used.Put(ctx, p.once, p.within)
	}
}

// Takes tells before anything of a post is read whether such a provider may post,
// from there: ErrClosed or ErrForged where it may not.
func (d *Desk) Takes(name string, source netip.Addr) error {
	if len(d.providers[name]) == 0 {
		return ErrClosed
	}
	if allowed := d.sources[name]; len(allowed) > 0 &&
		!slices.ContainsFunc(allowed, func(p netip.Prefix) bool { return p.Contains(source.Unmap()) }) {
		return ErrForged
	}
	return nil
}

// Open proves a post of a provider and gives what arrived by it.
func (d *Desk) Open(ctx context.Context, name string, r Request) (Post, error) {
	if err := d.Takes(name, r.Source); err != nil {
		return Post{}, err
	}
	all := d.providers[name]
	for i, p := range all {
		post, err := p.open(ctx, r)
		if errors.Is(err, ErrForged) && i < len(all)-1 {
			continue
		}
		if err != nil {
			return Post{}, err
		}
		if post.once != "" && d.used.Has(ctx, post.once) {
			return Post{}, ErrReplayed
		}
		for j := range post.Arrivals {
			post.Arrivals[j].Way = name
		}
		return post, nil
	}
	return Post{}, ErrForged
}

// fresh tells whether a moment is within a window around now.
func fresh(now, at time.Time, window time.Duration) bool {
	age := now.Sub(at)
	return age <= window && age >= -window
}

// key names a secret thing without telling it.
func key(kind, secret string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + secret))
	return "webhook " + hex.EncodeToString(sum[:16])
}

// malformed says what could not be read, without quoting it.
func malformed(what string) error { return fmt.Errorf("%w: %s", ErrMalformed, what) }
