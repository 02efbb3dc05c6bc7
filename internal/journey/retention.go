package journey

import (
	"context"
	"fmt"
	"time"

	"longroad/internal/pacing"
	"longroad/internal/store"
)

const day = 24 * time.Hour

// How long things are kept that have a clock. The rest is kept as long as its
// person is, or let go at once: what came in by mail and was understood, what was
// typed into the form once a worker has decided.
const (
	// KeepUnconfirmed is how long a sign-up waits for its confirmation, counted
	// from the last mail that asked for it.
	KeepUnconfirmed = 7 * day
	// KeepDecisions is how long it is known what was decided on a sign-up; not on
	// whose.
	KeepDecisions = 30 * day
	// KeepChoices is how long a reader may choose between the letters that come and
	// those that a later sign-up asked for, and change back; and how long nobody is
	// asked to choose once more.
	KeepChoices = 30 * day
	// KeepResting is how long the letters rest before they stop for good.
	KeepResting = 365 * day
)

// Retain lets go of what has been kept for long enough, up to limit rows of each
// kind, and reports whether there may be more. One process at a time does.
func (r *Road) Retain(ctx context.Context, limit int) (more bool, err error) {
	err = r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		more = false
		mine, err := tx.TryLock(ctx, "retention")
		if err != nil || !mine {
			return err
		}
		dropped, err := tx.DropUnconfirmed(ctx, tx.Now.Add(-KeepUnconfirmed), tx.Now.Add(-askStoppedAfter), limit)
		if err != nil {
			return err
		}
		notes, err := tx.DropIntakes(ctx, tx.Now.Add(-KeepDecisions), limit)
		if err != nil {
			return err
		}
		choices, err := tx.DropChoices(ctx, tx.Now.Add(-KeepChoices), limit)
		if err != nil {
			return err
		}
		journals, err := tx.DropJournals(ctx, limit)
		if err != nil {
			return err
		}
		alerts, err := tx.DropAlerts(ctx, tx.Now.Add(-KeepAlerts), limit)
		if err != nil {
			return err
		}
		more = alerts == limit || journals == limit || dropped == limit || notes == limit || choices == limit
		return nil
	})
	if err != nil {
		return false, err
	}
	arrivals, err := r.retainArrivals(ctx, limit)
	if err != nil {
		return false, err
	}
	more = more || arrivals
	asleep, err := r.Store.Asleep(ctx, r.Now().Add(-KeepResting), limit)
	if err != nil {
		return false, err
	}
	for _, id := range asleep {
		if err := r.endRest(ctx, id); err != nil {
			return false, err
		}
	}
	return more || len(asleep) == limit, nil
}

// endRest stops a subscription that has rested for too long, silently, unless its
// reader has just turned to it.
func (r *Road) endRest(ctx context.Context, id int64) error {
	return r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		sub, err := tx.LockSubscription(ctx, id)
		if err != nil || sub.State.Status != pacing.Resting {
			return err
		}
		_, err = r.Apply(ctx, tx, id, Event{Event: pacing.Event{Kind: pacing.Stop}, By: ByWorker, Why: "it rested for a year"})
		return err
	})
}

// Clock is one thing that is kept for a time.
type Clock struct {
	What string `json:"what"`
	For  string `json:"kept"`
	Then string `json:"then"`
	Rows int    `json:"rows"` // -1 where they are not counted
	Past int    `json:"past"` // of the rows; the next hour lets go of them
}

// Clocks tells what is kept for how long, and how much of it there is now.
func (r *Road) Clocks(ctx context.Context) ([]Clock, error) {
	now := r.Now()
	k, err := r.Store.Retained(ctx, now.Add(-KeepUnconfirmed), now.Add(-askStoppedAfter), now.Add(-KeepDecisions),
		now.Add(-KeepChoices), now.Add(-KeepResting))
	if err != nil {
		return nil, err
	}
	a, err := r.Store.RetainedArrivals(ctx, now.Add(-KeepUnread), now.Add(-KeepQuarantine), now.Add(-KeepReadings), now.Add(-KeepBounces))
	if err != nil {
		return nil, err
	}
	alerts, alertsPast, err := r.Store.RetainedAlerts(ctx, now.Add(-KeepAlerts))
	if err != nil {
		return nil, err
	}
	hours := func(d time.Duration) string { return fmt.Sprintf("%d hours", d/time.Hour) }
	days := func(d time.Duration) string { return fmt.Sprintf("%d days", d/day) }
	return []Clock{
		{"sign-ups that nobody confirmed",
			days(KeepUnconfirmed) + " after the last mail that asked; " + days(askStoppedAfter) + " for who stopped a course before",
			"erased, and the person with them", k.Unconfirmed, k.UnconfirmedPast},
		{"what was typed into the form", "until a worker has decided", "erased", -1, 0},
		{"what was decided on a sign-up, without the person", days(KeepDecisions), "erased", k.Intakes, k.IntakesPast},
		{"resting subscriptions", days(KeepResting) + " without a sign of the reader", "stopped, silently", k.Resting, k.RestingPast},
		{"sign-ups for other letters than those that come", days(KeepChoices) + ", so that one can choose", "erased", k.Choices, k.ChoicesPast},
		{"mails that came in and were understood", "until they are read, encrypted: a moment, " + hours(KeepUnread) + " at most", "only what was asked for stays", a.Unread, a.UnreadPast},
		{"mails that came in and that nobody could use", days(KeepQuarantine) + ", encrypted, for an operator (longroad inbound list)", "erased", a.Quarantine, a.QuarantinePast},
		{"what a mail asked for, without its words", days(KeepReadings), "erased", a.Readings, a.ReadingsPast},
		{"that a mail came back", days(KeepBounces) + ", under a keyed hash of the address", "erased", a.Bounces, a.BouncesPast},
		{"that a reply told of danger, and of which kind; never its words", days(KeepAlerts) + " after an operator has seen it, halted letters aside", "erased", alerts, alertsPast},
		{"suppressed addresses", "for good, as a keyed hash", "", -1, 0},
		{"journals, which only their readers can open", "as long as the subscription, or until their reader destroys them; " + days(JournalWaits) + " after they asked without the passphrase", "erased with their key", -1, 0},
		{"proof of consent", "as long as the person", "", -1, 0},
		{"who signed up from where", "an hour at most, as a keyed hash, in Redis", "forgotten", -1, 0},
	}, nil
}
