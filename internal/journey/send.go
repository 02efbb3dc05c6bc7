package journey

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"longroad/internal/course"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// Job is one attempt that a worker has leased: what to send, for whom, from
// which version.
type Job struct {
	Delivery     store.Delivery
	Subscription store.Subscription
	Course       *course.Course

	Receipt *mailer.Receipt // of a receipt: what it tells now
	Undo    bool            // it tells of something that can be taken back
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
		l := look{road: r, tx: tx, subs: map[int64]*store.Subscription{}, courses: map[int64]*course.Course{}}
		for i := range subs {
			l.subs[subs[i].ID] = &subs[i]
		}
		if l.suppressed, err = r.suppressed(ctx, tx, subs); err != nil {
			return err
		}
		for _, d := range deliveries {
			if err := l.at(ctx, d); err != nil {
				l.putAside(ctx, d, err)
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
	if err != nil {
		return nil, err // what was committed all the same has a lease that runs out
	}
	return jobs, nil
}

// look is the last look before sending, over one transaction's deliveries.
type look struct {
	road       *Road
	tx         *store.Tx
	subs       map[int64]*store.Subscription
	suppressed map[int64]bool
	courses    map[int64]*course.Course // of what is taken, by subscription

	taken []store.Delivery
	moved []store.Delivery // cancelled or put off
	b     batch
}

func (l *look) at(ctx context.Context, d store.Delivery) error {
	sub := l.subs[d.SubscriptionID]
	if sub == nil {
		return fmt.Errorf("delivery %s: subscription: %w", d.Ref, ErrNotFound)
	}
	if l.suppressed[sub.ID] && sub.State.Status != pacing.Suppressed {
		e := Event{Event: pacing.Event{Kind: pacing.Suppress}, By: ByWorker, Why: "the address is suppressed"}
		if _, err := l.road.step(ctx, l.tx, l.tx.Now, sub, e, &l.b); err != nil {
			return err
		}
		l.b.subs = append(l.b.subs, *sub)
	}
	if sub.State.Status.Ended() && !d.Account() {
		return l.cancel(ctx, sub, d)
	}
	c, err := l.road.courseOf(ctx, l.tx.Reader, sub)
	if err != nil {
		return err
	}
	switch v := verdict(c, sub, d, l.tx.Now); v.Decision {
	case pacing.Cancel:
		return l.cancel(ctx, sub, d)
	case pacing.Later:
		d.NextAttemptAt = v.At
		if d.State == store.Owed {
			d.State = store.Retry
		}
		l.moved = append(l.moved, d)
		l.b.events = append(l.b.events, store.Event{SubscriptionID: sub.ID, DeliveryID: &d.ID, Actor: string(ByWorker),
			Kind: "put-off", From: string(sub.State.Status), To: string(sub.State.Status), DueAt: &v.At, Why: v.Why})
	default:
		l.courses[sub.ID] = c
		l.taken = append(l.taken, d)
	}
	return nil
}

// verdict says whether a delivery may go.
func verdict(c *course.Course, sub *store.Subscription, d store.Delivery, now time.Time) pacing.Verdict {
	if d.Account() {
		return accountVerdict(sub.State.Status, d)
	}
	return pacing.Look(c, sub.State, d.Mail, now)
}

func (l *look) cancel(ctx context.Context, sub *store.Subscription, d store.Delivery) error {
	if d.Account() {
		l.b.events = append(l.b.events, accountCancelled(sub, d, accountVerdict(sub.State.Status, d).Why))
	} else {
		if _, err := l.road.step(ctx, l.tx, l.tx.Now, sub, cancelledEvent(d), &l.b); err != nil {
			return err
		}
		l.b.subs = append(l.b.subs, *sub)
	}
	d.State, d.NextAttemptAt, d.EndedAt = store.Cancelled, time.Time{}, l.tx.Now
	l.moved = append(l.moved, d)
	return nil
}

// putAside leaves a delivery that cannot be followed for later: it must not hold
// up the others of its nudge.
func (l *look) putAside(ctx context.Context, d store.Delivery, why error) {
	l.road.Log.ErrorContext(ctx, "delivery cannot be followed", slog.String("delivery", d.Ref.String()), slog.Any("error", why))
	d.NextAttemptAt = l.tx.Now.Add(faultDelay)
	l.moved = append(l.moved, d)
	if sub := l.subs[d.SubscriptionID]; sub != nil {
		l.b.events = append(l.b.events, faultOf(sub, &d.ID, d.NextAttemptAt))
	}
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
	at := map[int64]int{}
	var receipts []int64
	for i, d := range l.taken {
		jobs[i] = Job{Delivery: d, Subscription: *l.subs[d.SubscriptionID], Course: l.courses[d.SubscriptionID]}
		if d.Kind() == store.ReceiptStep || d.Kind() == store.ResourcesStep {
			at[d.ID], receipts = i, append(receipts, d.ID)
		}
	}
	if len(receipts) == 0 {
		return jobs, nil
	}
	kept, err := l.tx.Receipts(ctx, receipts)
	if err != nil {
		return nil, err
	}
	for _, k := range kept {
		j := &jobs[at[k.DeliveryID]]
		j.Receipt, j.Undo = receiptOf(k, j.Delivery, j.Subscription, j.Course, l.tx.Now)
		if j.Receipt.Notes, err = l.road.tellsNotes(ctx, l.tx.Reader, j.Delivery); err != nil {
			return nil, err
		}
	}
	return jobs, nil
}

// MayGo looks once more at a leased delivery, for a worker that had to wait with
// it: the reader may have stopped meanwhile. An error says why it may not go.
func (r *Road) MayGo(ctx context.Context, job Job) error {
	d, err := r.Store.Delivery(ctx, job.Delivery.ID)
	if err != nil {
		return err
	}
	sub, err := r.Store.Subscription(ctx, d.SubscriptionID)
	if err != nil {
		return err
	}
	if d.State != store.Attempting || d.Attempt != job.Delivery.Attempt {
		return errors.New("another attempt has taken over")
	}
	_, err = r.Store.Suppression(ctx, r.Hasher.Address(store.AddressKey(sub.Email)))
	if err == nil {
		return errors.New("the address is suppressed")
	}
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	if sub.Version != job.Subscription.Version {
		return errors.New("the subscription has moved to another version")
	}
	if v := verdict(job.Course, &sub, d, r.Now()); v.Decision != pacing.Go {
		return errors.New(v.Why)
	}
	return nil
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
