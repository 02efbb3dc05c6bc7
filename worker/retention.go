package worker

import (
	"context"
	"sync"
	"time"
)

const (
	retainEvery = time.Hour // how often to let go of what was kept for long enough, by our clock
	retainMost  = 500       // rows of a kind at a time, so that no tick takes long
)

// retention remembers when this worker last let go of all that it should.
type retention struct {
	mu   sync.Mutex
	last time.Time
}

// due reports whether it is time again; a clock that was turned back counts too.
func (r *retention) due(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return now.Before(r.last) || now.Sub(r.last) >= retainEvery
}

func (r *retention) done(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = now
}

// retain lets go of some of what was kept for long enough. What is left comes
// with the next tick; after a failure, an hour later.
func (w *Worker) retain(ctx context.Context) error {
	now := w.Now()
	if !w.retention.due(now) {
		return nil
	}
	more, err := w.Road.Retain(ctx, retainMost)
	if !more {
		w.retention.done(now)
	}
	return err
}
