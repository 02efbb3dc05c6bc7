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

	"longroad/internal/course"
	"longroad/internal/inbound/meant"
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
	Store   *store.Store
	Nudger  Nudger
	Tokens  *token.Ring
	Box     *seal.Box
	Hasher  *seal.Hasher
	Meaning *meant.Reader // what replies mean; nil: nothing is meant
	Domain  string        // right side of Message-IDs
	Now     func() time.Time
	Log     *slog.Logger

	Arrived func(way, result string)     // counts what came in (see Receive); may be nil
	Heard   func(way, kind, kept string) // counts what was read (see Read); may be nil

	AuthServID string                    // of our own mail server (RFC 8601); "": nobody is known by From
	Bounces    BouncePolicy              // when an address has failed often enough
	Ours       func(Job) (string, error) // the plain text of a mail as we sent it; nil: not known
}

// Road is the one way for doors to subscriptions and what they are owed.
type Road struct {
	Options
	shelf *shelf
}

// New makes a Road.
func New(o Options) *Road { return &Road{Options: o, shelf: newShelf(o.Now, o.Log)} }

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
	before := sub
	result, err := r.step(ctx, tx, tx.Now, &sub, e, &b)
	if err != nil {
		return result, err
	}
	if before.State.Status.Ended() && !sub.State.Status.Ended() {
		// An ended way stays ended once the reader is on another one.
		busy, err := tx.OnTheWay(ctx, sub.SubscriberID, sub.Course)
		if err != nil {
			return result, err
		}
		if busy {
			sub, result = before, pacing.Result{State: before.State, Effect: pacing.Ended}
			b = batch{events: []store.Event{storyOf(&sub, sub.State.Status, e, result)}}
		}
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
// transition and what is owed. An error leaves sub as it was.
func (r *Road) step(ctx context.Context, tx *store.Tx, now time.Time, sub *store.Subscription, e Event, b *batch) (pacing.Result, error) {
	c, err := r.courseOf(ctx, tx.Reader, sub)
	if err != nil && !needsNoCourse(e.Kind, sub.State.Status) {
		return pacing.Result{State: sub.State}, err
	}
	before := sub.State
	result, err := pace(c, before, e.Event, now)
	if err != nil {
		return result, fmt.Errorf("subscription %s: %w", sub.Ref, err)
	}
	sub.State = result.State
	sub.State.Reader = before.Reader
	if before.Status == pacing.Pending && sub.State.Status != pacing.Pending && e.Kind == pacing.Confirm {
		sub.ConfirmedAt = now
	}
	switch {
	case !sub.State.Status.Ended():
		sub.EndedAt = time.Time{}
	case !before.Status.Ended():
		sub.EndedAt = now
	}
	if result.Send != nil {
		b.owe = append(b.owe, owed(sub, *result.Send, before.DueAt))
	}
	story := storyOf(sub, before.Status, e, result)
	story.At = now
	if practiceMissed(before, e, result, now) {
		story.Why = "the hour of the practice letter had passed"
	}
	b.events = append(b.events, story)
	return result, nil
}

// courseOf gives the course version that a subscription is pinned to.
func (r *Road) courseOf(ctx context.Context, from store.Reader, sub *store.Subscription) (*course.Course, error) {
	if sub.Fault != nil {
		return nil, sub.Fault
	}
	return r.shelf.version(ctx, from, sub.Version)
}

// needsNoCourse tells what must go even where the course version cannot be read:
// nobody is kept from stopping by a fault of ours.
func needsNoCourse(k pacing.EventKind, s pacing.Status) bool {
	return k == pacing.Stop || k == pacing.Suppress || k == pacing.Halt || k == pacing.Cancelled && s.Ended()
}

// pace asks pacing. A slip in it is one subscription's fault and must not take
// the whole process along.
func pace(c *course.Course, s pacing.State, e pacing.Event, now time.Time) (result pacing.Result, err error) {
	defer func() {
		if slip := recover(); slip != nil {
			result, err = pacing.Result{State: s}, fmt.Errorf("pace %s: %v", e.Kind, slip)
		}
	}()
	return pacing.Step(c, s, e, now)
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
	// A practice letter that lies before what is due tells its own story.
	if _, due := sub.State.Ahead(); !due.IsZero() && result.Send == nil {
		story.DueAt = &due
	}
	return story
}

// practiceMissed reports whether a practice letter was due and found no worker on
// its day.
func practiceMissed(before pacing.State, e Event, result pacing.Result, now time.Time) bool {
	_, due := before.Ahead()
	return e.Kind == pacing.Due && result.Effect == pacing.Applied && result.Send == nil &&
		before.Next != nil && before.Next.Kind == pacing.KindPractice && now.Before(due)
}

// nudge tells workers of deliveries. A nudge that reaches nobody costs only time,
// and that little: the next sweep need not wait for it.
func (r *Road) nudge(ctx context.Context, due []store.Nudge) error {
	if len(due) == 0 {
		return nil
	}
	err := r.Nudger.NudgeDeliveries(ctx, due)
	if err == nil {
		return nil
	}
	r.lost(ctx, err)
	ids := make([]int64, len(due))
	for i, d := range due {
		ids[i] = d.ID
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if e := r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error { return tx.Unnudge(ctx, ids) }); e != nil {
		r.lost(ctx, e)
	}
	return err
}

// lost tells of a nudge that reached nobody.
func (r *Road) lost(ctx context.Context, err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		r.Log.WarnContext(ctx, "nudge lost, the sweep will give another", slog.Any("error", err))
	}
}
