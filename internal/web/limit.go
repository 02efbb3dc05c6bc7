package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Limits are counted by where a request comes from and over all of them, never
// by a mail address: that would tell who is known, and let anybody shut somebody
// else out. Stopping has no limit: a mailbox provider stops for many from one
// place.
const (
	signUpsOverall = 200  // well-formed sign-ups a second
	postsBySource  = 120  // posts of any kind a minute
	postsOverall   = 1000 // posts of any kind a second
)

// SignUpsAnHour is how many well-formed sign-ups one source may make in an hour,
// where nobody chose another number.
const SignUpsAnHour = 20

// Limiter counts events under a key and says how long to wait where one comes
// too soon; it gives zero for one that may happen.
type Limiter interface {
	Allow(ctx context.Context, key string, events int, per time.Duration) time.Duration
}

// tooMany is a request that came too soon.
type tooMany struct{ wait time.Duration }

func (tooMany) Error() string { return "too many requests" }

// seconds is how long to wait, for Retry-After (RFC 9110 section 10.2.3).
func (e tooMany) seconds() int { return int((e.wait + time.Second - 1) / time.Second) }

// allowed counts one event of a kind against its two limits.
func (s *site) allowed(r *http.Request, kind string, bySource int, per time.Duration, overall int) error {
	if s.Limits == nil {
		return nil
	}
	// The source first: who is over its own limit takes nothing from the others.
	if source := s.origin.source(r); !ourselves(source) {
		if wait := s.Limits.Allow(r.Context(), kind+" from "+source, bySource, per); wait > 0 {
			return tooMany{wait}
		}
	}
	if wait := s.Limits.Allow(r.Context(), kind, overall, time.Second); wait > 0 {
		return tooMany{wait}
	}
	return nil
}

// allowSignUp is asked for every well-formed sign-up, whoever it is for. A form
// with faults costs nothing but a post.
func (s *site) allowSignUp(r *http.Request) error {
	return s.allowed(r, "sign-up", s.SignUpsAnHour, time.Hour, signUpsOverall)
}

// allowPost is asked before anything of a post is read.
func (s *site) allowPost(r *http.Request) error {
	return s.allowed(r, "post", postsBySource, time.Minute, postsOverall)
}

// paced is a page for posts, with the limits on posts.
func (s *site) paced(next page) page {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := s.allowPost(r); err != nil {
			return err
		}
		return next(w, r)
	}
}

// origin tells where requests come from.
type origin struct{ proxies []netip.Prefix }

// source names where a request came from, so that it can be counted.
func (o origin) source(r *http.Request) string {
	at, err := netip.ParseAddr(o.address(r))
	if err != nil {
		return "unknown"
	}
	if at.Is6() {
		// Whoever has one address of a /64 has them all.
		if network, err := at.WithZone("").Prefix(64); err == nil {
			return network.String()
		}
	}
	return at.String()
}

// address is where a request came from, "" where nobody can tell. Only a trusted
// proxy may speak for somebody else; of its list, the last entry that is no proxy
// of ours counts.
func (o origin) address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	at, err := netip.ParseAddr(host)
	if err != nil {
		return ""
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && o.trusts(at); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		at = hop
	}
	return at.Unmap().String()
}

// ourselves tells a request of this machine: the operator's own, or one through
// a proxy that nobody named, behind which all readers would count as one.
func ourselves(source string) bool {
	at, err := netip.ParseAddr(source)
	return source == "::/64" || err == nil && at.IsLoopback()
}

func (o origin) trusts(at netip.Addr) bool {
	return slices.ContainsFunc(o.proxies, func(p netip.Prefix) bool { return p.Contains(at.Unmap()) })
}
