package journey

import (
	"context"
	"errors"
	"time"

	"longroad/internal/inbound/meant"
	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

// KeepAlerts is how long an alert is kept that an operator has seen, halted
// subscriptions aside.
const KeepAlerts = 90 * 24 * time.Hour

// Alert is what an operator may know of a mail that tells of danger.
type Alert struct {
	Ref          token.Ref // the arrival's, too
	At           time.Time
	Level        string     // alarm or gentle
	Category     string     // on the operator's page alone
	Subscription *token.Ref // nil: it could not be matched, and waits among the arrivals
	Halted       bool
	Help         string    // what became of the mail with help lines, a delivery's state; "" where none was owed
	SeenAt       time.Time // zero: nobody has said so
}

// Alerts lists up to limit alerts: those that nobody has seen first, then those
// that are kept.
func (r *Road) Alerts(ctx context.Context, limit int) ([]Alert, error) {
	rows, err := r.Store.Alerts(ctx, r.Now().Add(-KeepAlerts), limit)
	if err != nil {
		return nil, err
	}
	all := make([]Alert, len(rows))
	for i, a := range rows {
		all[i] = Alert{Ref: a.Ref, At: a.At, Level: a.Level, Category: a.Category, Subscription: a.Subscription,
			Halted: a.Status == string(pacing.Halted), Help: string(a.Resources), SeenAt: a.SeenAt}
	}
	return all, nil
}

// SeeAlert notes that an operator has seen an alert: nobody is told of it again.
// Seeing it once more changes nothing.
func (r *Road) SeeAlert(ctx context.Context, ref token.Ref) error {
	return r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		a, err := tx.LockAlert(ctx, ref)
		if err != nil || !a.SeenAt.IsZero() {
			return err
		}
		a.SeenAt = tx.Now
		return tx.SaveAlert(ctx, a, time.Time{})
	})
}

// Release ends a subscription's halt: the letters go on from where they were, in
// their own time. It reports whether there was a halt to end.
func (r *Road) Release(ctx context.Context, ref token.Ref, by Actor) (bool, error) {
	sub, err := r.Store.SubscriptionByRef(ctx, ref)
	if err != nil {
		return false, err
	}
	released := false
	err = r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		locked, err := tx.LockSubscription(ctx, sub.ID)
		if released = false; err != nil || locked.State.Status != pacing.Halted {
			return err
		}
		result, err := r.Apply(ctx, tx, sub.ID, Event{Event: pacing.Event{Kind: pacing.Release}, By: by})
		released = result.Effect == pacing.Applied
		return err
	})
	return released, err
}

// Channels are the ways by which an operator is told of alerts.
type Channels struct{ Mail, Post bool }

// Telling is an alert that the operator is to be told of now.
type Telling struct {
	store.UntoldAlert
	Channels
}

// Alarm reports whether it is more than a gentle verdict.
func (t Telling) Alarm() bool { return t.Level == meant.Alarm }

// How an operator is told again: after failures with growing delay, of an alarm
// that nobody has seen once a day.
const (
	tellAgainMost = 15 * time.Minute
	remindEvery   = 24 * time.Hour
)

// tellDelay is how long to wait after so many tries before the next.
func tellDelay(tries int) time.Duration {
	return min(time.Minute<<min(max(tries-1, 0), 10), tellAgainMost)
}

// TakeAlerts gives up to limit alerts that the operator is to be told of now. Who
// takes one and dies leaves it to be taken again a little later.
func (r *Road) TakeAlerts(ctx context.Context, limit int, by Channels) ([]Telling, error) {
	if by == (Channels{}) {
		return nil, nil
	}
	var taken []Telling
	err := r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		taken = nil
		rows, err := tx.LockUntold(ctx, limit)
		if err != nil {
			return err
		}
		for _, a := range rows {
			open := openChannels(a.Alert, by, tx.Now)
			next := nextTelling(a.Alert, by)
			if open != (Channels{}) {
				a.Tries++
				next = tx.Now.Add(tellDelay(a.Tries))
				taken = append(taken, Telling{a, open})
			}
			if err := tx.SaveAlert(ctx, a.Alert, next); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return taken, nil
}

// AlertTold notes by which ways the operator was told of an alert.
func (r *Road) AlertTold(ctx context.Context, t Telling, told, by Channels) error {
	if told == (Channels{}) {
		return nil // its next try stands already
	}
	return r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		a, err := tx.LockAlert(ctx, t.Ref)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if told.Mail {
			a.MailedAt = tx.Now
		}
		if told.Post {
			a.PostedAt = tx.Now
		}
		next := tx.Now.Add(tellDelay(a.Tries))
		if openChannels(a, by, tx.Now) == (Channels{}) {
			a.Tries, next = 0, nextTelling(a, by)
		}
		return tx.SaveAlert(ctx, a, next)
	})
}

// openChannels are the ways by which the operator still has to be told.
func openChannels(a store.Alert, by Channels, now time.Time) Channels {
	if !a.SeenAt.IsZero() {
		return Channels{}
	}
	again := a.Level == meant.Alarm && !a.MailedAt.IsZero() && now.Sub(a.MailedAt) >= remindEvery
	return Channels{Mail: by.Mail && (a.MailedAt.IsZero() || again), Post: by.Post && a.PostedAt.IsZero()}
}

// nextTelling is when to tell again of an alert that was told by all ways; zero
// for never.
func nextTelling(a store.Alert, by Channels) time.Time {
	if !by.Mail || a.Level != meant.Alarm || !a.SeenAt.IsZero() || a.MailedAt.IsZero() {
		return time.Time{}
	}
	return a.MailedAt.Add(remindEvery)
}
