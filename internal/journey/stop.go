package journey

import (
	"context"
	"errors"

	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

// Stop ends a subscription at once and silently. Stopping again changes nothing.
func (r *Road) Stop(ctx context.Context, ref token.Ref, by Actor) (View, error) {
	sub, err := r.Store.SubscriptionByRef(ctx, ref)
	if err != nil {
		return View{}, err
	}
	err = r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		_, err := r.Apply(ctx, tx, sub.ID, Event{Event: pacing.Event{Kind: pacing.Stop}, By: by})
		return err
	})
	if err != nil {
		return View{}, err
	}
	return r.OpenSubscription(ctx, ref)
}

// Return takes a stop back, from the page that stopped: the way goes on from
// where it was. It changes nothing where the address is suppressed or the reader
// has set out anew.
func (r *Road) Return(ctx context.Context, ref token.Ref) (View, pacing.Result, error) {
	sub, err := r.Store.SubscriptionByRef(ctx, ref)
	if err != nil {
		return View{}, pacing.Result{}, err
	}
	var result pacing.Result
	err = r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		result, err = r.Apply(ctx, tx, sub.ID, Event{Event: pacing.Event{Kind: pacing.Return}, By: ByPage})
		return err
	})
	if errors.Is(err, store.ErrOnTheWay) {
		result, err = pacing.Result{Effect: pacing.Ended}, nil
	}
	if err != nil {
		return View{}, result, err
	}
	view, err := r.OpenSubscription(ctx, ref)
	return view, result, err
}

// Suppress adds an address to the suppression list and ends all its
// subscriptions at once.
func (r *Road) Suppress(ctx context.Context, email, reason string, by Actor) error {
	return r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		if err := tx.Suppress(ctx, r.Hasher.Address(store.AddressKey(email)), reason); err != nil {
			return err
		}
		person, err := tx.LockSubscriber(ctx, email)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		ids, err := tx.SubscriptionIDsOf(ctx, person.ID)
		if err != nil {
			return err
		}
		for _, id := range ids {
			e := Event{Event: pacing.Event{Kind: pacing.Suppress}, By: by, Why: reason}
			if _, err := r.Apply(ctx, tx, id, e); err != nil {
				return err
			}
		}
		return nil
	})
}
