package journey

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"longroad/internal/pacing"
	"longroad/internal/store"
)

// faultDelay is how long a subscription is left alone that cannot be claimed,
// for example because its lesson is missing from its version.
const faultDelay = time.Hour

// Claim takes up to limit subscriptions whose time has come, writes into the
// ledger what they are owed, and nudges. One process at a time claims; false
// means that another one does. It returns how many were due.
func (r *Road) Claim(ctx context.Context, limit int) (int, bool, error) {
	var due []store.Nudge
	var n int
	var mine bool
	err := r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		due, n = nil, 0
		var err error
		if mine, err = tx.TryLock(ctx, "tick"); err != nil || !mine {
			return err
		}
		backlog, err := tx.Backlog(ctx, limit)
		if err != nil || backlog >= limit {
			return err
		}
		subs, err := tx.LockDue(ctx, limit-backlog)
		if err != nil {
			return err
		}
		n = len(subs)
		var b batch
		for i := range subs {
			if err := r.claim(ctx, tx, &subs[i], &b); err != nil {
				r.setAside(ctx, tx.Now, &subs[i], err, &b)
			}
		}
		b.subs = subs
		owed, err := r.flush(ctx, tx, &b)
		if err != nil {
			return err
		}
		if len(owed) < len(b.owe) {
			if err := tx.DueAgain(ctx, waitingOwners(b.owe), owed); err != nil {
				return err
			}
		}
		due, err = tx.MarkNudged(ctx, owed)
		return err
	})
	if err != nil {
		return 0, mine, err
	}
	r.nudge(ctx, due) // the sweep says again what is lost
	return n, mine, nil
}

// claim moves one due subscription on. One that waits for an outcome and is due
// all the same was set aside when that outcome came, or the ledger had the step
// already: the ledger knows what became of the mail.
func (r *Road) claim(ctx context.Context, tx *store.Tx, sub *store.Subscription, b *batch) error {
	if err := r.claimPractice(ctx, tx, sub, b); err != nil {
		return err
	}
	e, at := Event{Event: pacing.Event{Kind: pacing.Due}, By: ByWorker}, tx.Now
	m := sub.State.Sending
	if m == nil || sub.State.Status == pacing.Paused || sub.Fault != nil {
		_, err := r.step(ctx, tx, at, sub, e, b)
		return err
	}
	d, err := tx.LockStep(ctx, sub.ID, m.Step(), m.Occasion)
	switch {
	case errors.Is(err, ErrNotFound):
		d.Mail = *m
		e = cancelledEvent(d)
	case err != nil:
		return err
	case d.State == store.Sent:
		e, at = sentEvent(d), d.SentAt
	case d.State == store.Cancelled:
		e = cancelledEvent(d)
	default: // on its way, or given up: its outcome sets the due time anew
		sub.State.DueAt = time.Time{}
		return nil
	}
	_, err = r.step(ctx, tx, at, sub, e, b)
	return err
}

// claimPractice takes the outcome of a practice letter from the ledger, where it
// could not be followed when it came. The due time is that of the way all along.
func (r *Road) claimPractice(ctx context.Context, tx *store.Tx, sub *store.Subscription, b *batch) error {
	m := sub.State.Practice.Sending
	if m == nil || sub.Fault != nil {
		return nil
	}
	d, err := tx.LockStep(ctx, sub.ID, m.Step(), m.Occasion)
	switch {
	case errors.Is(err, ErrNotFound):
		d.Mail = *m
		_, err = r.step(ctx, tx, tx.Now, sub, cancelledEvent(d), b)
	case err != nil:
	case d.State == store.Sent:
		_, err = r.step(ctx, tx, d.SentAt, sub, sentEvent(d), b)
	case d.State == store.Cancelled:
		_, err = r.step(ctx, tx, tx.Now, sub, cancelledEvent(d), b)
	}
	return err
}

// waitingOwners are the subscriptions that wait for the outcome of what they are
// owed. None waits for a practice letter, so none is made due for one.
func waitingOwners(all []store.Delivery) []int64 {
	var owners []int64
	for _, d := range all {
		if d.Mail.Kind != pacing.KindPractice {
			owners = append(owners, d.SubscriptionID)
		}
	}
	return owners
}

// setAside leaves a subscription that cannot be moved for later, with its reason
// on record: it must not hold up the others.
func (r *Road) setAside(ctx context.Context, now time.Time, sub *store.Subscription, why error, b *batch) {
	r.Log.ErrorContext(ctx, "subscription cannot be followed", slog.String("subscription", sub.Ref.String()), slog.Any("error", why))
	at := now.Add(faultDelay)
	if !sub.State.Status.Ended() {
		sub.State.DueAt = at
	}
	b.events = append(b.events, faultOf(sub, nil, at))
}

func faultOf(sub *store.Subscription, delivery *int64, at time.Time) store.Event {
	return store.Event{SubscriptionID: sub.ID, DeliveryID: delivery, Actor: string(ByWorker), Kind: "fault",
		From: string(sub.State.Status), To: string(sub.State.Status), DueAt: &at,
		Why: "its course version cannot be followed; tried again later"}
}

// Sweep nudges again what was committed and not done: deliveries, sign-ups and
// replies whose nudge was lost, and attempts whose worker has died. It returns
// how many it nudged.
func (r *Road) Sweep(ctx context.Context, limit int) (int, error) {
	return r.sweep(ctx, limit, limit, true)
}

// SweepNudges is Sweep but for the attempts. After an outage of the database the
// leases of the living have run out too: they need time to renew them.
func (r *Road) SweepNudges(ctx context.Context, limit int) (int, error) {
	return r.sweep(ctx, limit, limit, false)
}

// SweepInbox sweeps sign-ups and replies alone, while no mail can go.
func (r *Road) SweepInbox(ctx context.Context, limit int) (int, error) {
	return r.sweep(ctx, limit, 0, false)
}

func (r *Road) sweep(ctx context.Context, limit, deliveries int, dead bool) (int, error) {
	var due []store.Nudge
	var intakes, replies []int64
	err := r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		due, intakes, replies = nil, nil, nil
		mine, err := tx.TryLock(ctx, "sweep")
		if err != nil || !mine {
			return err
		}
		if dead {
			dropped, err := tx.DropDeadLeases(ctx, limit)
			if err != nil {
				return err
			}
			if err := tx.AddEvents(ctx, unknowns(dropped)); err != nil {
				return err
			}
		}
		if due, err = tx.NudgeDeliveries(ctx, deliveries); err != nil {
			return err
		}
		if intakes, err = tx.NudgeIntakes(ctx, limit); err != nil {
			return err
		}
		replies, err = tx.NudgeReplies(ctx, limit)
		return err
	})
	if err != nil {
		return 0, err
	}
	if err := r.nudgeAll(ctx, due, intakes, replies); err != nil {
		r.lost(ctx, err)
	}
	return len(due) + len(intakes) + len(replies), nil
}

// nudgeAll stops at the first nudge that reaches nobody: where Redis is away each
// of the others would wait in vain too.
func (r *Road) nudgeAll(ctx context.Context, due []store.Nudge, intakes, replies []int64) error {
	for _, id := range intakes {
		if err := r.Nudger.NudgeIntake(ctx, id); err != nil {
			return err
		}
	}
	for _, id := range replies {
		if err := r.Nudger.NudgeReply(ctx, id); err != nil {
			return err
		}
	}
	return r.nudge(ctx, due)
}

func unknowns(dead []store.Delivery) []store.Event {
	events := make([]store.Event, len(dead))
	for i, d := range dead {
		events[i] = store.Event{SubscriptionID: d.SubscriptionID, DeliveryID: &d.ID, Actor: string(ByWorker), Kind: "unknown",
			Why: "its worker went silent during the attempt: the mail may have gone, it goes once more under the same Message-ID"}
	}
	return events
}
