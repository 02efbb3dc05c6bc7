package journey

import (
	"context"
	"time"

	"longroad/internal/course"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// Job is one attempt that a worker has leased: what to send, for whom, from
// which version.
type Job struct {
	Delivery     store.Delivery
	Subscription store.Subscription
	Course       *course.Course
}

// Take leases those of the deliveries to the worker that may go now. It looks
// again at stop, suppression, pause, window and version in the same breath: what
// may not go at all is cancelled, what may go later is put off.
func (r *Road) Take(ctx context.Context, worker string, ids []int64) ([]Job, error) {
	owners, err := r.Store.SubscriptionsOfDeliveries(ctx, ids)
	if err != nil || len(owners) == 0 {
		return nil, err
	}
	var jobs []Job
	err = r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		jobs = nil
		subs, err := tx.LockSubscriptions(ctx, owners)
		if err != nil {
			return err
		}
		deliveries, err := tx.LockSendable(ctx, ids)
		if err != nil {
			return err
		}
		l := look{road: r, tx: tx, subs: map[int64]*store.Subscription{}}
		for i := range subs {
			l.subs[subs[i].ID] = &subs[i]
		}
		if l.suppressed, err = r.suppressed(ctx, tx, subs); err != nil {
			return err
		}
		for _, d := range deliveries {
			if err := l.at(ctx, d); err != nil {
				return err
			}
		}
		if err := l.save(ctx); err != nil {
			return err
		}
		if err := tx.Take(ctx, worker, l.taken); err != nil {
			return err
		}
		jobs, err = l.jobs(ctx)
		return err
	})
	return jobs, err
}

// look is the last look before sending, over one transaction's deliveries.
type look struct {
	road       *Road
	tx         *store.Tx
	subs       map[int64]*store.Subscription
	suppressed map[int64]bool

	taken []store.Delivery
	moved []store.Delivery // cancelled or put off
	b     batch
}

func (l *look) at(ctx context.Context, d store.Delivery) error {
	sub := l.subs[d.SubscriptionID]
	if sub == nil {
		return nil
	}
	if l.suppressed[sub.ID] && sub.State.Status != pacing.Suppressed {
		e := Event{Event: pacing.Event{Kind: pacing.Suppress}, By: ByWorker, Why: "the address is suppressed"}
		if _, err := l.road.step(ctx, l.tx.Now, sub, e, &l.b); err != nil {
			return err
		}
		l.b.subs = append(l.b.subs, *sub)
	}
	if d.Step == store.ConfirmStep {
		if sub.State.Status == pacing.Pending {
			l.taken = append(l.taken, d)
			return nil
		}
		return l.cancel(ctx, sub, d)
	}
	c, err := l.road.shelf.version(ctx, sub.Version)
	if err != nil {
		return err
	}
	switch v := pacing.Look(c, sub.State, d.Mail, l.tx.Now); v.Decision {
	case pacing.Cancel:
		return l.cancel(ctx, sub, d)
	case pacing.Later:
		d.NextAttemptAt = v.At
		if d.State == store.Owed {
			d.State = store.Retry
		}
		l.moved = append(l.moved, d)
		l.b.events = append(l.b.events, store.Event{SubscriptionID: sub.ID, DeliveryID: &d.ID, Actor: string(ByWorker),
			Kind: "put-off", DueAt: &v.At, Why: v.Why})
	default:
		l.taken = append(l.taken, d)
	}
	return nil
}

func (l *look) cancel(ctx context.Context, sub *store.Subscription, d store.Delivery) error {
	if d.Step != store.ConfirmStep {
		if _, err := l.road.step(ctx, l.tx.Now, sub, cancelledEvent(d), &l.b); err != nil {
			return err
		}
		l.b.subs = append(l.b.subs, *sub)
	}
	d.State, d.NextAttemptAt, d.EndedAt = store.Cancelled, time.Time{}, l.tx.Now
	l.moved = append(l.moved, d)
	return nil
}

func (l *look) save(ctx context.Context) error {
	if err := l.tx.SaveDeliveries(ctx, l.moved); err != nil {
		return err
	}
	l.b.subs = last(l.b.subs)
	_, err := l.road.flush(ctx, l.tx, &l.b)
	return err
}

func (l *look) jobs(ctx context.Context) ([]Job, error) {
	jobs := make([]Job, len(l.taken))
	for i, d := range l.taken {
		sub := *l.subs[d.SubscriptionID]
		c, err := l.road.shelf.version(ctx, sub.Version)
		if err != nil {
			return nil, err
		}
		jobs[i] = Job{Delivery: d, Subscription: sub, Course: c}
	}
	return jobs, nil
}

// last keeps the last of each subscription's entries.
func last(subs []store.Subscription) []store.Subscription {
	at := map[int64]int{}
	var kept []store.Subscription
	for _, s := range subs {
		if i, ok := at[s.ID]; ok {
			kept[i] = s
			continue
		}
		at[s.ID] = len(kept)
		kept = append(kept, s)
	}
	return kept
}

// suppressed tells which of the subscriptions go to a suppressed address.
func (r *Road) suppressed(ctx context.Context, tx *store.Tx, subs []store.Subscription) (map[int64]bool, error) {
	hashes := make([][]byte, len(subs))
	for i, s := range subs {
		hashes[i] = r.Hasher.Address(store.AddressKey(s.Email))
	}
	found, err := tx.SuppressedAmong(ctx, hashes)
	if err != nil {
		return nil, err
	}
	bad := map[int64]bool{}
	for i, s := range subs {
		if found[string(hashes[i])] {
			bad[s.ID] = true
		}
	}
	return bad, nil
}
