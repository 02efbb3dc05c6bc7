package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"longroad/internal/store"
)

// horizon is how many seconds of sending a tick claims at most: what is claimed
// can no longer be overtaken by a reader's answer.
const horizon = 30

// tickFor is how long one tick may take, so that a connection that hangs does not
// hold up the next.
const tickFor = time.Minute

// ticks claims and sweeps until ctx ends.
func (w *Worker) ticks(ctx context.Context) {
	t := time.NewTicker(w.Tick)
	defer t.Stop()
	for {
		if err := w.TickOnce(ctx); err != nil && ctx.Err() == nil {
			w.Log.ErrorContext(ctx, "tick failed, the next one tries again", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// TickOnce claims what is due now, nudges what was left lying and lets go of what
// was kept for long enough. Only one of all workers' ticks acts at a time.
func (w *Worker) TickOnce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, tickFor)
	defer cancel()
	workers, err := w.Store.LiveWorkers(ctx)
	if err != nil {
		return err
	}
	kept := w.retain(ctx)
	budget := w.Rate * horizon * max(1, workers)
	if w.Circuit.Open() { // nothing could go; other workers may fare better
		_, err := w.Road.SweepInbox(ctx, budget)
		return errors.Join(kept, err)
	}
	_, _, err = w.Road.Claim(ctx, budget)
	sweep := w.Road.SweepNudges
	if w.contact.lasts() >= w.settled {
		sweep = w.Road.Sweep
	}
	_, swept := sweep(ctx, budget)
	return errors.Join(kept, err, swept)
}

// heartbeats renews leases and says that the worker lives, in real time.
func (w *Worker) heartbeats(ctx context.Context) {
	t := time.NewTicker(store.Lease / 5)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := w.beat(ctx); err != nil && ctx.Err() == nil {
				w.Log.WarnContext(ctx, "heartbeat failed", slog.Any("error", err))
			}
		}
	}
}

func (w *Worker) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, store.Lease/3)
	defer cancel()
	lent := w.air.lent()
	var held []store.Lent
	asked := time.Now()
	err := w.Store.InTx(ctx, w.Now(), func(tx *store.Tx) error {
		if err := tx.Heartbeat(ctx, w.ID); err != nil || len(lent) == 0 {
			return err
		}
		var err error
		held, err = tx.Renew(ctx, w.ID, lent)
		return err
	})
	w.contact.note(err == nil)
	if err == nil {
		w.air.renewed(held, asked)
	}
	return err
}

// aSettling is how long the database must have answered before leases that have
// run out count. After an outage all of them have, those of the living too: they
// get the time to renew theirs and to write what they know.
const aSettling = store.Lease / 2

// contact knows since when the database has answered every heartbeat.
type contact struct {
	mu    sync.Mutex
	since time.Time // zero: the last one failed
}

func (c *contact) note(answered bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !answered:
		c.since = time.Time{}
	case c.since.IsZero():
		c.since = time.Now()
	}
}

// lasts tells for how long, -1 for not at all.
func (c *contact) lasts() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.since.IsZero() {
		return -1
	}
	return time.Since(c.since)
}
