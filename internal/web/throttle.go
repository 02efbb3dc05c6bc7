package web

import (
	"sync"
	"time"
)

// Bounds of the throttle.
const (
	freeTries    = 5               // failures before anybody has to wait
	shortestWait = 2 * time.Second // after the first failure beyond those; doubles
	longestWait  = 5 * time.Minute
	maxSources   = 1024 // sources remembered at once
)

// throttle slows down whoever keeps giving a wrong password. It runs on real
// time, and forgets the source that failed longest ago when it is full.
type throttle struct {
	now func() time.Time

	mu      sync.Mutex
	sources map[string]failures
}

type failures struct {
	count int
	last  time.Time
	until time.Time // no try is heard before
}

func newThrottle() *throttle {
	return &throttle{now: time.Now, sources: map[string]failures{}}
}

// wait is how long a source has to wait before its next try is heard.
func (t *throttle) wait(source string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(0, t.sources[source].until.Sub(t.now()))
}

// failed records a wrong try.
func (t *throttle) failed(source string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	f := t.sources[source]
	if now.Sub(f.last) > 2*longestWait {
		f = failures{}
	}
	f.count++
	f.last = now
	if over := f.count - freeTries; over > 0 {
		f.until = now.Add(min(longestWait, shortestWait<<min(over-1, 10)))
	}
	if _, known := t.sources[source]; !known && len(t.sources) >= maxSources {
		t.forgetOldest()
	}
	t.sources[source] = f
}

// passed forgets a source that gave the right password.
func (t *throttle) passed(source string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.sources, source)
}

func (t *throttle) forgetOldest() {
	oldest := ""
	for source, f := range t.sources {
		if oldest == "" || f.last.Before(t.sources[oldest].last) {
			oldest = source
		}
	}
	delete(t.sources, oldest)
}
