package journey

import (
	"context"
	"slices"

	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

// OpenConfirmation shows a subscription to who may confirm it; it changes nothing.
func (r *Road) OpenConfirmation(ctx context.Context, ref token.Ref) (View, error) {
	v, err := r.OpenSubscription(ctx, ref)
	if err != nil || v.State.Status != pacing.Pending {
		return v, err
	}
	sub, err := r.Store.SubscriptionByRef(ctx, ref)
	if err != nil {
		return v, err
	}
	earlier, err := r.earlier(ctx, r.Store.Reader, sub)
	v.Earlier = earlier != nil
	return v, err
}

// Confirm begins the way: the reader is pinned to the course's current version.
// Confirming again changes nothing.
func (r *Road) Confirm(ctx context.Context, ref token.Ref) (View, pacing.Result, error) {
	return r.confirm(ctx, ref, false)
}

// ConfirmAndGoOn is Confirm for who has been on this way before: it goes on where
// that ended, or begins where there is nothing to go on with.
func (r *Road) ConfirmAndGoOn(ctx context.Context, ref token.Ref) (View, pacing.Result, error) {
	return r.confirm(ctx, ref, true)
}

func (r *Road) confirm(ctx context.Context, ref token.Ref, goOn bool) (View, pacing.Result, error) {
	sub, err := r.Store.SubscriptionByRef(ctx, ref)
	if err != nil {
		return View{}, pacing.Result{}, err
	}
	var result pacing.Result
	err = r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		locked, err := tx.LockSubscription(ctx, sub.ID)
		if err != nil {
			return err
		}
		e := Event{Event: pacing.Event{Kind: pacing.Confirm}, By: ByPage}
		if locked.State.Status == pacing.Pending {
			if goOn {
				if e.After, err = r.earlier(ctx, tx.Reader, locked); err != nil {
					return err
				}
			}
			if e.After != nil {
				e.Why = "to go on where an earlier way ended"
			}
			if err := r.pin(ctx, tx, locked); err != nil {
				return err
			}
			if err := tx.AddConsent(ctx, sub.ID, store.Consent{Kind: "confirmed", How: "link"}); err != nil {
				return err
			}
		}
		result, err = r.Apply(ctx, tx, sub.ID, e)
		return err
	})
	if err != nil {
		return View{}, result, err
	}
	view, err := r.OpenSubscription(ctx, ref)
	return view, result, err
}

// earlier is how the newest way of the same person through the same track ended,
// if the version that a confirmation leads to can go on from there; else nil.
func (r *Road) earlier(ctx context.Context, from store.Reader, sub store.Subscription) (*pacing.State, error) {
	all, err := from.SubscriptionsOf(ctx, sub.SubscriberID)
	if err != nil {
		return nil, err
	}
	c, err := r.currentCourse(ctx, from, sub.Course)
	if err != nil || c.Track(sub.Track) == nil {
		if c, err = r.courseOf(ctx, from, &sub); err != nil {
			return nil, err
		}
	}
	for _, old := range slices.Backward(all) {
		if old.ID != sub.ID && old.Course == sub.Course && old.Track == sub.Track && old.Fault == nil && old.State.Lesson != "" {
			if !pacing.CanGoOn(c, old.State) {
				return nil, nil
			}
			return &old.State, nil
		}
	}
	return nil, nil
}
