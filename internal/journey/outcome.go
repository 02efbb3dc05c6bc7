package journey

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// maxFailures is how often a server may put a mail off before it is given up:
// with the growing delay, about three days.
const maxFailures = 25

// unknownCost is how many failures an unknown outcome weighs: each may be a copy
// in the reader's mailbox, so there are five at most.
const unknownCost = 5

// longestWait is the longest delay between two attempts, jitter aside.
const longestWait = 4 * time.Hour

// slowest is how many failures in a row make the delay its longest.
const slowest = 9

// Done is how one attempt ended.
type Done struct {
	DeliveryID     int64
	SubscriptionID int64
	Attempt        int
	Worker         string
	Outcome        mailer.Outcome
	Fault          bool      // we could not even compose it: no server has spoken
	Outage         bool      // the server refused everything just then: that says nothing of the mail
	At             time.Time // when, by our clock
}

// Record writes outcomes. An outcome counts only while its attempt is the
// delivery's last; a late one stays in the record of attempts alone.
func (r *Road) Record(ctx context.Context, all []Done) error {
	if len(all) == 0 {
		return nil
	}
	ids, owners := make([]int64, len(all)), make([]int64, len(all))
	type key struct {
		delivery int64
		attempt  int
	}
	byAttempt := map[key]Done{}
	attempts := make([]store.Attempt, len(all))
	for i, d := range all {
		ids[i], owners[i], byAttempt[key{d.DeliveryID, d.Attempt}] = d.DeliveryID, d.SubscriptionID, d
		attempts[i] = store.Attempt{DeliveryID: d.DeliveryID, N: d.Attempt, Outcome: string(d.Outcome.Result),
			Code: d.Outcome.Code, Enhanced: d.Outcome.Enhanced, Detail: d.Outcome.Detail}
	}
	var bad map[string]string // addresses that are suppressed by this, and why
	err := r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		bad = map[string]string{}
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
			done, ok := byAttempt[key{d.ID, d.Attempt}]
			if !ok || !awaits(d, done.Outcome.Result) {
				continue
			}
			sub := bySub[d.SubscriptionID]
			r.record(ctx, tx, sub, &d, done, &b)
			changed = append(changed, d)
			if done.Outcome.BadRecipient {
				why, err := r.badAddress(ctx, tx, sub, d, done.Outcome)
				if err != nil {
					return err
				}
				if why != "" {
					bad[sub.Email] = why
				}
			}
		}
		if err := tx.SaveDeliveries(ctx, changed); err != nil {
			return err
		}
		b.subs = last(b.subs)
		_, err = r.flush(ctx, tx, &b)
		return err
	})
	if err == nil {
		r.endSuppressed(ctx, bad)
	}
	return err
}

// awaits tells whether an outcome of the delivery's last attempt still counts. One
// whose lease ran out is unknown until its worker says more.
func awaits(d store.Delivery, result mailer.Result) bool {
	return d.State == store.Attempting || d.State == store.Unknown && result != mailer.ResultUnknown
}

// record changes the delivery, and its subscription where the way goes on.
func (r *Road) record(ctx context.Context, tx *store.Tx, sub *store.Subscription, d *store.Delivery, done Done, b *batch) {
	d.NextAttemptAt = time.Time{}
	switch o := done.Outcome; o.Result {
	case mailer.ResultSent:
		d.State, d.SentAt, d.EndedAt = store.Sent, done.At, done.At
		r.arrive(ctx, tx, sub, d, b)
		return
	case mailer.ResultAbandoned:
		d.State, d.NextAttemptAt = store.Retry, tx.Now
		b.note(sub, d, "retry", "it was not handed over: "+o.Detail)
		return
	case mailer.ResultRefused:
		d.State = store.GivenUp
		b.note(sub, d, "given-up", "the server refused it for good")
	case mailer.ResultUnknown:
		wait := min(time.Minute<<(3*(d.Failures/unknownCost)), longestWait) // 1, 8, 64, 240 minutes
		if d.Failures += unknownCost; d.Failures >= maxFailures {
			d.State = store.GivenUp
			b.note(sub, d, "given-up", "its outcome stayed unknown too often: it may have come, several times even")
			break
		}
		d.State, d.NextAttemptAt = store.Unknown, r.nextAttempt(ctx, tx, wait, sub, d)
		b.note(sub, d, "unknown", "the server went away after the mail was handed over: it may have gone, it goes once more under the same Message-ID")
	default:
		why, wait := putOff(d, done)
		if d.Failures >= maxFailures {
			d.State = store.GivenUp
			b.note(sub, d, "given-up", "the server put it off too often")
			break
		}
		d.State, d.NextAttemptAt = store.Retry, r.nextAttempt(ctx, tx, backoff(wait, rand.Float64()), sub, d)
		b.note(sub, d, "retry", why)
	}
	if d.State == store.GivenUp {
		d.EndedAt = tx.Now
	}
}

// putOff counts a failure. It tells why the mail was put off, and after how many
// failures the delay is to be. An outage, ours or the server's, gives nobody up;
// while it lasts for everybody the mail is tried again soon.
func putOff(d *store.Delivery, done Done) (why string, failures int) {
	switch o := done.Outcome; {
	case done.Outage:
		return "the server refuses everything for now", 1
	case done.Fault:
		d.Failures = max(d.Failures, min(d.Failures+1, slowest))
		return "it could not be composed", d.Failures
	case o.Code == 0 || o.Blame == mailer.BlameServer:
		d.Failures = max(d.Failures, min(d.Failures+1, slowest))
	default:
		d.Failures++
	}
	return "the server did not take it this time", d.Failures
}

// arrive takes the reader along after a mail was sent. What cannot be followed now
// is set aside: that the mail has gone is on record in any case.
func (r *Road) arrive(ctx context.Context, tx *store.Tx, sub *store.Subscription, d *store.Delivery, b *batch) {
	if d.Account() {
		why := "the mail that asks to confirm"
		if d.Step == store.ChoiceStep {
			why = "the mail that asks which letters shall come"
		}
		if d.Kind() == store.ReceiptStep {
			why = "the short answer to a reply"
		}
		if d.Kind() == store.ResourcesStep {
			why = "the mail with help lines"
		}
		b.note(sub, d, "sent", why)
		return
	}
	_, err := r.step(ctx, tx, d.SentAt, sub, sentEvent(*d), b)
	switch {
	case err != nil && d.Mail.Kind == pacing.KindPractice:
		// The way does not wait for it and keeps its due time; the next claim looks.
		r.Log.ErrorContext(ctx, "practice letter cannot be followed", slog.String("delivery", d.Ref.String()), slog.Any("error", err))
	case err != nil:
		r.setAside(ctx, tx.Now, sub, err, b)
	}
	b.subs = append(b.subs, *sub)
}

func sentEvent(d store.Delivery) Event {
	return Event{Event: pacing.Event{Kind: pacing.Sent, Mail: d.Mail}, By: ByWorker, Delivery: d.ID}
}

// note tells what became of a delivery, where that does not move the reader.
func (b *batch) note(sub *store.Subscription, d *store.Delivery, kind, why string) {
	e := store.Event{SubscriptionID: sub.ID, DeliveryID: &d.ID, Actor: string(ByWorker), Kind: kind,
		From: string(sub.State.Status), To: string(sub.State.Status), Why: why}
	if at := d.NextAttemptAt; !at.IsZero() {
		e.DueAt = &at
	}
	b.events = append(b.events, e)
}

// nextAttempt is the moment that lies so far ahead, or where that is outside the
// reader's window, the next allowed one.
func (r *Road) nextAttempt(ctx context.Context, tx *store.Tx, wait time.Duration, sub *store.Subscription, d *store.Delivery) time.Time {
	at := tx.Now.Add(wait)
	c, err := r.courseOf(ctx, tx.Reader, sub)
	if err != nil {
		return at // the look before the attempt decides again
	}
	if v := verdict(c, sub, *d, at); v.Decision == pacing.Later {
		return v.At
	}
	return at
}

// backoff is how long to wait after so many failures in a row: one minute,
// doubling to four hours at most, with up to a fifth of jitter (0 <= r < 1) so
// that a server that comes back is not met by everybody at once.
func backoff(failures int, r float64) time.Duration {
	d := min(time.Minute<<min(failures-1, slowest-1), longestWait)
	return d + time.Duration(r*0.2*float64(d))
}
