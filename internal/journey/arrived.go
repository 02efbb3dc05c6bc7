package journey

import (
	"context"
	"time"

	"longroad/internal/course"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// Who answers a letter holds it in hand. Between the server's word and its
// record lie some hundred milliseconds, and much more when a worker has died: an
// answer that comes in that time must count, so it stands for the outcome.

// unrecorded tells whether a letter, or the end, was tried and is not known to have
// gone.
func unrecorded(d store.Delivery) bool {
	tried := d.State == store.Attempting || d.State == store.Unknown || d.State == store.Retry || d.State == store.GivenUp
	return tried && d.Attempt > 0 && (d.Mail.Kind == pacing.KindLesson || d.Mail.Kind == pacing.KindEnd)
}

// arrived records a letter as sent that its reader answers before its attempt
// has an outcome on record. The outcome, when it comes, changes nothing more.
func (r *Road) arrived(ctx context.Context, tx *store.Tx, d store.Delivery) error {
	if !unrecorded(d) {
		return nil
	}
	sub, err := tx.LockSubscription(ctx, d.SubscriptionID)
	if err != nil {
		return err
	}
	locked, err := tx.LockAttempted(ctx, []int64{d.ID})
	if err != nil || len(locked) != 1 || !unrecorded(locked[0]) {
		return err
	}
	d = locked[0]
	if d.State == store.Attempting {
		attempt := store.Attempt{DeliveryID: d.ID, N: d.Attempt, Outcome: string(mailer.ResultSent), Detail: "the reader answered it"}
		if err := tx.EndAttempts(ctx, []store.Attempt{attempt}); err != nil {
			return err
		}
	}
	d.State, d.SentAt, d.EndedAt, d.NextAttemptAt = store.Sent, tx.Now, tx.Now, time.Time{}
	if err := tx.SaveDeliveries(ctx, []store.Delivery{d}); err != nil {
		return err
	}
	var b batch
	e := Event{Event: pacing.Event{Kind: pacing.Sent, Mail: d.Mail}, By: ByWorker, Delivery: d.ID,
		Why: "its reader answered it before its attempt had an outcome"}
	if _, err := r.step(ctx, tx, tx.Now, &sub, e, &b); err != nil {
		return err
	}
	b.subs = append(b.subs, sub)
	_, err = r.flush(ctx, tx, &b)
	return err
}

// inHand is the state as the reader of that letter sees it: with the letter
// arrived, even if the record does not say so yet.
func (r *Road) inHand(c *course.Course, s pacing.State, d store.Delivery) pacing.State {
	if !unrecorded(d) {
		return s
	}
	result, err := pace(c, s, pacing.Event{Kind: pacing.Sent, Mail: d.Mail}, r.Now())
	if err != nil {
		return s // answering will say what is wrong
	}
	result.State.Reader = s.Reader
	return result.State
}
