package limit

import (
	"sync"
	"time"
)

// most is how many keys are remembered at once.
const most = 8192

// local counts in this process, as Redis does for all: each key has a moment at
// which it is quiet again, and an event moves that on by its share (GCRA).
type local struct {
	now func() time.Time

	mu    sync.Mutex
	quiet map[string]time.Time
}

func newLocal(now func() time.Time) *local {
	return &local{now: now, quiet: map[string]time.Time{}}
}

func (l *local) allow(key string, r Rate) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	quiet := l.quiet[key]
	if quiet.Before(now) {
		quiet = now
	}
	quiet = quiet.Add(r.Per / time.Duration(r.Events))
	if wait := quiet.Add(-r.Per).Sub(now); wait > 0 {
		return wait
	}
	if _, known := l.quiet[key]; !known && len(l.quiet) >= most {
		l.forget(now)
	}
	l.quiet[key] = quiet
	return 0
}

// forget lets go of the keys that are quiet, or else of the quietest.
func (l *local) forget(now time.Time) {
	quietest := ""
	for key, quiet := range l.quiet {
		if !quiet.After(now) {
			delete(l.quiet, key)
		} else if quietest == "" || quiet.Before(l.quiet[quietest]) {
			quietest = key
		}
	}
	if len(l.quiet) >= most {
		delete(l.quiet, quietest)
	}
}
