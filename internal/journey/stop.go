package journey

import (
	"context"
	"errors"

	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

// Stop ends a subscription at once and silently, and with it whatever else the
// person gets of that course. Stopping again changes nothing.
func (r *Road) Stop(ctx context.Context, ref token.Ref, by Actor) (View, error) {
	sub, err := r.Store.SubscriptionByRef(ctx, ref)
	if err != nil {
		return View{}, err
	}
	err = r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		_, err := r.stop(ctx, tx, sub.ID, Event{Event: pacing.Event{Kind: pacing.Stop}, By: by})
		return err
	})
	if err != nil {
		return View{}, err
	}
	return r.OpenSubscription(ctx, ref)
}

// stop applies a stop to a subscription and to the person's running one in the
// same course. It gives what came of it: Applied when any of them ended by it.
func (r *Road) stop(ctx context.Context, tx *store.Tx, id int64, e Event) (pacing.Result, error) {
	ids, err := tx.ToStop(ctx, id)
	if err != nil {
		return pacing.Result{}, err
	}
	if _, err := tx.LockSubscriptions(ctx, ids); err != nil {
		return pacing.Result{}, err
	}
	var asked pacing.Result
	effect := pacing.Ended
	for _, other := range ids {
		one := e
		if other != id {
			one.Delivery = 0 // the letter belongs to the other way
		}
		result, err := r.Apply(ctx, tx, other, one)
		if err != nil {
			return result, err
		}
		if other == id {
			asked = result
		}
		if result.Effect == pacing.Applied {
			effect = pacing.Applied
		}
	}
	asked.Effect = effect
	return asked, nil
}

// Return takes a stop back, from the page that stopped: the way that was stopped
// last goes on from where it was. It changes nothing where the address is suppressed or the reader
// has set out anew.
func (r *Road) Return(ctx context.Context, ref token.Ref) (View, pacing.Result, error) {
	sub, err := r.Store.SubscriptionByRef(ctx, ref)
	if err != nil {
		return View{}, pacing.Result{}, err
	}
	var result pacing.Result
	err = r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		last, err := tx.LastStopped(ctx, sub.ID)
		if err != nil {
			return err
		}
		result, err = r.Apply(ctx, tx, last, Event{Event: pacing.Event{Kind: pacing.Return}, By: ByPage})
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
	return r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error { return r.suppress(ctx, tx, email, reason, by) })
}

func (r *Road) suppress(ctx context.Context, tx *store.Tx, email, reason string, by Actor) error {
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
}
