// Package journey takes subscriptions along: it applies an event to one (lock,
// pace, record, save), claims what is due, and writes down what sending came to.
// Its one rule: whatever happens to a subscription happens in one transaction,
// with its story.
package journey

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"longroad/internal/pacing"
	"longroad/internal/seal"
	"longroad/internal/store"
	"longroad/internal/token"
)

// ErrNotFound means that there is no such course, letter or subscription.
var ErrNotFound = store.ErrNotFound

// Nudger tells workers that something waits for them. A nudge may be lost at any
// time: the sweep gives another.
type Nudger interface {
	NudgeIntake(ctx context.Context, id int64) error
	NudgeReply(ctx context.Context, id int64) error
	NudgeDeliveries(ctx context.Context, due []store.Nudge) error
}

// Options is what a Road needs.
type Options struct {
	Store  *store.Store
	Nudger Nudger
	Tokens *token.Ring
	Box    *seal.Box
	Hasher *seal.Hasher
	Domain string // right side of Message-IDs
	Now    func() time.Time
	Log    *slog.Logger
}

// Road is the one way for doors to subscriptions and what they are owed.
type Road struct {
	Options
	shelf *shelf
}

// New makes a Road.
func New(o Options) *Road { return &Road{Options: o, shelf: newShelf(o.Store, o.Now)} }

// Event is what happened to a subscription, and who or what made it happen.
type Event struct {
	pacing.Event
	By       Actor
	Delivery int64 // the letter that it came with or is about; 0 for none
	Why      string
}

// Apply applies an event to a subscription within the caller's transaction:
// locks the row, asks pacing, records the transition and saves.
func (r *Road) Apply(ctx context.Context, tx *store.Tx, id int64, e Event) (pacing.Result, error) {
	sub, err := tx.LockSubscription(ctx, id)
	if err != nil {
		return pacing.Result{}, err
	}
	var b batch
	result, err := r.step(ctx, tx.Now, &sub, e, &b)
	if err != nil {
		return result, err
	}
	if err := r.cancelWhatMayNotGo(ctx, tx, &sub, &b); err != nil {
		return result, err
	}
	result.State = sub.State
	b.subs = append(b.subs, sub)
	_, err = r.flush(ctx, tx, &b)
	return result, err
}

// batch gathers what a transaction writes, so that many subscriptions cost as
// many statements as one.
type batch struct {
	subs   []store.Subscription
	owe    []store.Delivery
	events []store.Event
}

// flush writes the batch and gives the ids of what is newly owed.
func (r *Road) flush(ctx context.Context, tx *store.Tx, b *batch) ([]int64, error) {
	if err := tx.SaveSubscriptions(ctx, b.subs); err != nil {
		return nil, err
	}
	owed, err := tx.Owe(ctx, r.Domain, b.owe)
	if err != nil {
		return nil, err
	}
	return owed, tx.AddEvents(ctx, b.events)
}

// step asks pacing what an event leads to, changes sub to it and notes the
// transition and what is owed.
func (r *Road) step(ctx context.Context, now time.Time, sub *store.Subscription, e Event, b *batch) (pacing.Result, error) {
	c, err := r.shelf.version(ctx, sub.Version)
	if err != nil {
		return pacing.Result{}, err
	}
	before := sub.State
	result, err := pacing.Step(c, before, e.Event, now)
	if err != nil {
		return result, fmt.Errorf("subscription %s: %w", sub.Ref, err)
	}
	sub.State = result.State
	sub.State.Reader = before.Reader
	if before.Status == pacing.Pending && sub.State.Status != pacing.Pending && e.Kind == pacing.Confirm {
		sub.ConfirmedAt = now
	}
	sub.EndedAt = time.Time{}
	if ended(sub.State.Status) {
		sub.EndedAt = now
	}
	if result.Send != nil {
		b.owe = append(b.owe, owed(sub, *result.Send, before.DueAt))
	}
	b.events = append(b.events, storyOf(sub, before.Status, e, result))
	return result, nil
}

func ended(s pacing.Status) bool {
	return s == pacing.Completed || s == pacing.Stopped || s == pacing.Suppressed
}

func owed(sub *store.Subscription, m pacing.Mail, due time.Time) store.Delivery {
	queue := store.QueueReminders
	if m.Kind == pacing.KindLesson {
		queue = store.QueueLessons
	}
	return store.Delivery{SubscriptionID: sub.ID, Step: m.Step(), Occasion: m.Occasion, Mail: m,
		Version: sub.Version, Queue: queue, DueAt: due}
}

func storyOf(sub *store.Subscription, from pacing.Status, e Event, result pacing.Result) store.Event {
	story := store.Event{
		SubscriptionID: sub.ID, Actor: string(e.By), Kind: string(e.Kind), Effect: string(result.Effect),
		From: string(from), To: string(sub.State.Status), Why: e.Why,
	}
	if e.Delivery != 0 {
		story.DeliveryID = &e.Delivery
	}
	if due := sub.State.DueAt; !due.IsZero() {
		story.DueAt = &due
	}
	return story
}

// cancelWhatMayNotGo cancels claimed mail that the new state no longer allows,
// unless it is in the air already, and lets pacing plan it anew.
func (r *Road) cancelWhatMayNotGo(ctx context.Context, tx *store.Tx, sub *store.Subscription, b *batch) error {
	open, err := tx.LockOpen(ctx, sub.ID)
	if err != nil {
		return err
	}
	c, err := r.shelf.version(ctx, sub.Version)
	if err != nil {
		return err
	}
	var gone []store.Delivery
	for _, d := range open {
		if d.Step == store.ConfirmStep {
			if sub.State.Status == pacing.Pending {
				continue
			}
		} else if pacing.Look(c, sub.State, d.Mail, tx.Now).Decision != pacing.Cancel {
			continue
		} else if _, err := r.step(ctx, tx.Now, sub, cancelledEvent(d), b); err != nil {
			return err
		}
		d.State, d.NextAttemptAt, d.EndedAt = store.Cancelled, time.Time{}, tx.Now
		gone = append(gone, d)
	}
	return tx.SaveDeliveries(ctx, gone)
}

func cancelledEvent(d store.Delivery) Event {
	return Event{Event: pacing.Event{Kind: pacing.Cancelled, Mail: d.Mail}, By: ByWorker, Delivery: d.ID,
		Why: "the reader's way turned before it was sent"}
}

// nudge tells workers of deliveries; a lost nudge costs only time.
func (r *Road) nudge(ctx context.Context, due []store.Nudge) {
	if len(due) == 0 {
		return
	}
	if err := r.Nudger.NudgeDeliveries(ctx, due); err != nil && !errors.Is(err, context.Canceled) {
		r.Log.WarnContext(ctx, "nudge lost, the sweep will give another", slog.Int("deliveries", len(due)), slog.Any("error", err))
	}
}
