package worker

import (
	"context"
	"errors"
	"sync"
	"time"

	"longroad/internal/store"
)

// leaseMargin is how much of a lease must be left for a mail to be handed over.
const leaseMargin = 3 * time.Second

// errLeaseLost means that another worker may have taken the delivery over.
var errLeaseLost = errors.New("the lease has run out")

// air knows which deliveries this worker has in the air and until when it holds
// each, in real (monotonic) time: a wall clock may be moved, a lease may not.
type air struct {
	slots chan struct{}

	mu    sync.Mutex
	until map[int64]time.Time
}

func newAir(most int) *air {
	return &air{slots: make(chan struct{}, most), until: map[int64]time.Time{}}
}

// enter waits until n more deliveries may be in the air; give gives places back
// that were not needed.
func (a *air) enter(ctx context.Context, n int) error {
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
func (a *air) hold(id int64, asked time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.until[id] = asked.Add(store.Lease)
}

// renewed notes which leases were prolonged; the others run out.
func (a *air) renewed(ids []int64, asked time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, id := range ids {
		if _, ok := a.until[id]; ok {
			a.until[id] = asked.Add(store.Lease)
		}
	}
}

// check is asked right before a mail is handed over.
func (a *air) check(id int64) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if time.Until(a.until[id]) < leaseMargin {
		return errLeaseLost
	}
	return nil
}

// land forgets deliveries whose outcome is on record.
func (a *air) land(ids []int64) {
	a.mu.Lock()
	for _, id := range ids {
		delete(a.until, id)
	}
	a.mu.Unlock()
	a.give(len(ids))
}

func (a *air) ids() []int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	ids := make([]int64, 0, len(a.until))
	for id := range a.until {
		ids = append(ids, id)
	}
	return ids
}
