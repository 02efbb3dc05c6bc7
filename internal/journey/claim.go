package journey

import (
	"context"
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
			r.claim(ctx, tx.Now, &subs[i], &b)
		}
		b.subs = subs
		owed, err := r.flush(ctx, tx, &b)
		if err != nil || len(owed) == 0 {
			return err
		}
		due, err = tx.MarkNudged(ctx, owed)
		return err
	})
	if err != nil {
		return 0, mine, err
	}
	r.nudge(ctx, due)
	return n, mine, nil
}

// claim moves one due subscription on. One that cannot be moved is set aside
// with its reason on record: it must not hold up the others.
func (r *Road) claim(ctx context.Context, now time.Time, sub *store.Subscription, b *batch) {
	e := Event{Event: pacing.Event{Kind: pacing.Due}, By: ByWorker}
	if _, err := r.step(ctx, now, sub, e, b); err != nil {
		r.Log.ErrorContext(ctx, "cannot claim", slog.String("subscription", sub.Ref.String()), slog.Any("error", err))
		sub.State.DueAt = now.Add(faultDelay)
		b.events = append(b.events, store.Event{SubscriptionID: sub.ID, Actor: string(ByWorker), Kind: "fault",
			From: string(sub.State.Status), To: string(sub.State.Status), DueAt: &sub.State.DueAt,
			Why: "its course version cannot be followed; tried again later"})
	}
}

// Sweep nudges again what was committed and not done: deliveries, sign-ups and
// replies whose nudge was lost, and attempts whose worker has died. It returns
// how many it nudged.
func (r *Road) Sweep(ctx context.Context, limit int) (int, error) {
	var due []store.Nudge
	var intakes, replies []int64
	err := r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		mine, err := tx.TryLock(ctx, "sweep")
		if err != nil || !mine {
			return err
		}
		dead, err := tx.DropDeadLeases(ctx, limit)
		if err != nil {
			return err
		}
		if err := tx.AddEvents(ctx, unknowns(dead)); err != nil {
			return err
		}
		if due, err = tx.NudgeDeliveries(ctx, limit); err != nil {
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
	r.nudge(ctx, due)
	for _, id := range intakes {
		r.lost(ctx, r.Nudger.NudgeIntake(ctx, id))
	}
	for _, id := range replies {
		r.lost(ctx, r.Nudger.NudgeReply(ctx, id))
	}
	return len(due) + len(intakes) + len(replies), nil
}

func unknowns(dead []store.Delivery) []store.Event {
	events := make([]store.Event, len(dead))
	for i, d := range dead {
		events[i] = store.Event{SubscriptionID: d.SubscriptionID, DeliveryID: &d.ID, Actor: string(ByWorker), Kind: "unknown",
			Why: "its worker went silent during the attempt: the mail may have gone, it goes once more under the same Message-ID"}
	}
	return events
}

func (r *Road) lost(ctx context.Context, err error) {
	if err != nil {
		r.Log.WarnContext(ctx, "nudge lost, the sweep will give another", slog.Any("error", err))
	}
}
