package mailin

import (
	"net"
	"sync"
	"time"
)

// pace counts what each source asks for in a minute. A mail server behind which
// everybody stands is one source, so what is over the limit waits, and is not
// refused.
type pace struct {
	perMinute int
	now       func() time.Time // real time: a movable clock would stand still

	mu      sync.Mutex
	minute  time.Time
	sources map[string]int
}

func newPace(perMinute int) *pace {
	return &pace{perMinute: perMinute, now: time.Now, sources: map[string]int{}}
}

// take counts one more and tells how long it must wait.
func (p *pace) take(source string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if now.Sub(p.minute) >= time.Minute {
		p.minute = now
		clear(p.sources)
	}
	p.sources[source]++
	if p.sources[source] <= p.perMinute {
		return 0
	}
	return p.minute.Add(time.Minute).Sub(now)
}

// sourceOf is the machine at the other end; of IPv6 its network, since one
// machine has as many addresses there as it likes.
func sourceOf(a net.Addr) string {
	host, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return "local" // a socket in the file system
	}
	ip := net.ParseIP(host)
	if ip == nil || ip.To4() != nil {
		return host
	}
	return ip.Mask(net.CIDRMask(64, 128)).String()
}
