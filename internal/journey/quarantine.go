package journey

import (
	"context"
	"errors"
	"fmt"
	"time"

	"longroad/internal/inbound"
	"longroad/internal/seal"
	"longroad/internal/store"
	"longroad/internal/token"
)

// How long it is kept what came in by mail.
const (
	// KeepUnread is how long a mail waits, encrypted, for a worker that can read it;
	// it goes into the quarantine then, if every try has failed.
	KeepUnread = 24 * time.Hour
	// KeepQuarantine is how long something stays, encrypted, for a person.
	KeepQuarantine = 30 * day
	// mostStrangers is how many octets of mails that belong to none of ours stay: who
	// floods the addresses that every server must have must not fill the disk.
	mostStrangers = 2 << 30
	// KeepReadings is how long it is known what a mail asked for and what came of it,
	// and that it came, so that a second copy is known.
	KeepReadings = 180 * day
)

// enoughTries is how often a worker must have tried to read a mail before it is
// given up: after an outage of all workers it is tried first.
const enoughTries = 5

// retainArrivals lets go of what came in and has been kept for long enough, and
// reports whether there may be more.
func (r *Road) retainArrivals(ctx context.Context, limit int) (more bool, err error) {
	err = r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		more = false
		for _, drop := range []func() (int, error){
			func() (int, error) {
				return tx.KeepUnread(ctx, tx.Now.Add(-KeepUnread), enoughTries, keptUnread, limit)
			},
			func() (int, error) { return tx.DropQuarantined(ctx, tx.Now.Add(-KeepQuarantine), limit) },
			func() (int, error) { return tx.BoundQuarantine(ctx, mostStrangers, keptDanger, limit) },
			func() (int, error) { return tx.DropReadings(ctx, tx.Now.Add(-KeepReadings), limit) },
			func() (int, error) { return tx.DropBounces(ctx, tx.Now.Add(-KeepBounces), limit) },
		} {
			n, err := drop()
			if err != nil {
				return err
			}
			more = more || n == limit
		}
		return nil
	})
	return more, err
}

// Quarantined gives what stays in the quarantine under that name, opened: only an
// operator may see it.
func (r *Road) Quarantined(ctx context.Context, ref token.Ref) (inbound.Arrival, error) {
	row, err := r.Store.KeptArrival(ctx, ref)
	if errors.Is(err, ErrNotFound) {
		return inbound.Arrival{}, fmt.Errorf("%s is not in the quarantine: %w", ref, err)
	}
	if err != nil {
		return inbound.Arrival{}, err
	}
	a, err := r.opened(row)
	if errors.Is(err, seal.ErrSealed) {
		err = fmt.Errorf("%w: put the retired key back into LONGROAD_SECRET_KEY", err)
	}
	return a, err
}

// Replay has a worker read again what stays in the quarantine: what the names
// stand for, or all of it without any. It gives the names of what it found.
func (r *Road) Replay(ctx context.Context, refs ...token.Ref) ([]token.Ref, error) {
	return r.settleKept(ctx, func(tx *store.Tx) ([]token.Ref, error) { return tx.Replay(ctx, refs) })
}

// DropKept lets go of what stays in the quarantine under those names. It gives the
// names of what it found.
func (r *Road) DropKept(ctx context.Context, refs ...token.Ref) ([]token.Ref, error) {
	return r.settleKept(ctx, func(tx *store.Tx) ([]token.Ref, error) { return tx.DropKept(ctx, refs) })
}

func (r *Road) settleKept(ctx context.Context, act func(*store.Tx) ([]token.Ref, error)) ([]token.Ref, error) {
	var done []token.Ref
	err := r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		var err error
		done, err = act(tx)
		return err
	})
	return done, err
}
