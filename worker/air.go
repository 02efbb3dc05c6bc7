package worker

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"longroad/internal/store"
)

// leaseMargin is how much of a lease must be left for a mail to be handed over.
const leaseMargin = store.Handover + 2*time.Second

// errLeaseLost means that another worker may have taken the delivery over.
var errLeaseLost = errors.New("the lease has run out")

// air knows which attempts this worker has in the air and until when it holds
// each, in real (monotonic) time: a wall clock may be moved, a lease may not. A
// lease belongs to an attempt: whoever has lost one does not get it back by
// taking the same delivery again.
type air struct {
	slots chan struct{}
	turn  chan struct{} // who waits for slots has it, so that no two hold half of theirs

	mu    sync.Mutex
	until map[store.Lent]time.Time
}

func newAir(most int) *air {
	return &air{slots: make(chan struct{}, most), turn: make(chan struct{}, 1), until: map[store.Lent]time.Time{}}
}

// enter waits until n more deliveries may be in the air; give gives places back
// that were not needed.
func (a *air) enter(ctx context.Context, n int) error {
	if n > cap(a.slots) {
		return errors.New("more deliveries than may be in the air")
	}
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for i := range n {
		select {
		case a.slots <- struct{}{}:
		case <-ctx.Done():
			a.give(i)
			return ctx.Err()
		}
	}
	return nil
}

func (a *air) give(n int) {
	for range n {
		<-a.slots
	}
}

// hold notes a lease that was asked for at the moment asked.
func (a *air) hold(l store.Lent, asked time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.until[l] = asked.Add(store.Lease)
}

// renewed notes which leases were prolonged; the others run out.
func (a *air) renewed(held []store.Lent, asked time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, l := range held {
		if _, ok := a.until[l]; ok {
			a.until[l] = asked.Add(store.Lease)
		}
	}
}

// check is asked right before a mail is handed over.
func (a *air) check(l store.Lent) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if time.Until(a.until[l]) < leaseMargin {
		return errLeaseLost
	}
	return nil
}

// land forgets attempts whose outcome is on record.
func (a *air) land(all []store.Lent) {
	a.mu.Lock()
	for _, l := range all {
		delete(a.until, l)
	}
	a.mu.Unlock()
	a.give(len(all))
}

func (a *air) lent() []store.Lent {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Collect(maps.Keys(a.until))
}
