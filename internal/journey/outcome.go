package journey

import (
	"context"
	"math/rand/v2"
	"time"

	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// maxFailures is how often a server may put a mail off before it is given up:
// with the growing delay, about three days.
const maxFailures = 25

// Done is how one attempt ended.
type Done struct {
	DeliveryID     int64
	SubscriptionID int64
	Attempt        int
	Worker         string
	Outcome        mailer.Outcome
	At             time.Time // when, by our clock
}

// Record writes outcomes. An outcome counts only while its attempt is the
// delivery's last; a late one stays in the record of attempts alone.
func (r *Road) Record(ctx context.Context, all []Done) error {
	if len(all) == 0 {
		return nil
	}
	ids, owners := make([]int64, len(all)), make([]int64, len(all))
	byDelivery := map[int64]Done{}
	attempts := make([]store.Attempt, len(all))
	for i, d := range all {
		ids[i], owners[i], byDelivery[d.DeliveryID] = d.DeliveryID, d.SubscriptionID, d
		attempts[i] = store.Attempt{DeliveryID: d.DeliveryID, N: d.Attempt, Outcome: string(d.Outcome.Result),
			Code: d.Outcome.Code, Enhanced: d.Outcome.Enhanced, Detail: d.Outcome.Detail}
	}
	return r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		subs, err := tx.LockSubscriptions(ctx, owners)
		if err != nil {
			return err
		}
		deliveries, err := tx.LockAttempted(ctx, ids)
		if err != nil {
			return err
		}
		if err := tx.EndAttempts(ctx, attempts); err != nil {
			return err
		}
		bySub := map[int64]*store.Subscription{}
		for i := range subs {
			bySub[subs[i].ID] = &subs[i]
		}
		var changed []store.Delivery
		var b batch
		for _, d := range deliveries {
			done := byDelivery[d.ID]
			if d.Attempt != done.Attempt || d.State != store.Attempting && d.State != store.Unknown {
				continue
			}
			if err := r.record(ctx, tx.Now, bySub[d.SubscriptionID], &d, done, &b); err != nil {
				return err
			}
			changed = append(changed, d)
		}
		if err := tx.SaveDeliveries(ctx, changed); err != nil {
			return err
		}
		b.subs = subs
		_, err = r.flush(ctx, tx, &b)
		return err
	})
}

// record changes the delivery, and its subscription where the way goes on.
func (r *Road) record(ctx context.Context, now time.Time, sub *store.Subscription, d *store.Delivery, done Done, b *batch) error {
	note := func(kind, why string) {
		e := store.Event{SubscriptionID: sub.ID, DeliveryID: &d.ID, Actor: string(ByWorker), Kind: kind,
			From: string(sub.State.Status), To: string(sub.State.Status), Why: why}
		if at := d.NextAttemptAt; !at.IsZero() {
			e.DueAt = &at
		}
		b.events = append(b.events, e)
	}
	switch done.Outcome.Result {
	case mailer.ResultSent:
		d.State, d.SentAt, d.EndedAt, d.NextAttemptAt = store.Sent, done.At, done.At, time.Time{}
		if d.Step == store.ConfirmStep {
			note("sent", "the mail that asks to confirm")
			return nil
		}
		e := Event{Event: pacing.Event{Kind: pacing.Sent, Mail: d.Mail}, By: ByWorker, Delivery: d.ID}
		_, err := r.step(ctx, done.At, sub, e, b)
		return err
	case mailer.ResultUnknown:
		d.State, d.NextAttemptAt = store.Unknown, r.nextAttempt(ctx, now.Add(time.Minute), sub, d)
		note("unknown", "the server went away after the mail was handed over: it may have gone, it goes once more under the same Message-ID")
	case mailer.ResultAbandoned:
		d.State, d.NextAttemptAt = store.Retry, now
	case mailer.ResultRefused:
		d.State, d.EndedAt, d.NextAttemptAt = store.GivenUp, now, time.Time{}
		note("given-up", "the server refused it for good")
	default:
		if d.Failures++; d.Failures >= maxFailures {
			d.State, d.EndedAt, d.NextAttemptAt = store.GivenUp, now, time.Time{}
			note("given-up", "the server put it off too often")
			return nil
		}
		d.State, d.NextAttemptAt = store.Retry, r.nextAttempt(ctx, now.Add(backoff(d.Failures, rand.Float64())), sub, d)
		note("retry", "the server did not take it this time")
	}
	return nil
}

// nextAttempt moves a next attempt that would lie outside the reader's window to
// the next allowed moment.
func (r *Road) nextAttempt(ctx context.Context, at time.Time, sub *store.Subscription, d *store.Delivery) time.Time {
	if d.Step == store.ConfirmStep {
		return at
	}
	c, err := r.shelf.version(ctx, sub.Version)
	if err != nil {
		return at // the look before the attempt decides again
	}
	if v := pacing.Look(c, sub.State, d.Mail, at); v.Decision == pacing.Later {
		return v.At
	}
	return at
}

// backoff is how long to wait after so many failures in a row: one minute,
// doubling to four hours at most, with up to a fifth of jitter (0 <= r < 1) so
// that a server that comes back is not met by everybody at once.
func backoff(failures int, r float64) time.Duration {
	d := time.Minute << min(failures-1, 8)
	d = min(d, 4*time.Hour)
	return d + time.Duration(r*0.2*float64(d))
}
