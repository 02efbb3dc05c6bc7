package journey

import (
	"context"
	"errors"
	"fmt"

	"longroad/internal/inbound"
	"longroad/internal/seal"
	"longroad/internal/store"
	"longroad/internal/token"
)

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
