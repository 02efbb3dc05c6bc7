package journey

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"longroad/internal/course"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// askAgainAfter is how long a sign-up waits for its confirmation before signing
// up once more sends another mail.
const askAgainAfter = 24 * time.Hour

// mostAsked is how many mails ask one sign-up to be confirmed, however often it is
// made again.
const mostAsked = 3

// askStoppedAfter is how long somebody who has stopped is not asked again after
// one more sign-up: who keeps signing them up is not always they.
const askStoppedAfter = 30 * 24 * time.Hour

// Decide decides on a sign-up: who is new gets one mail that asks to confirm, who
// is on another track of the course one that asks which letters shall come; who
// is known otherwise or suppressed gets nothing that anybody could notice.
// Deciding again changes nothing.
func (r *Road) Decide(ctx context.Context, id int64) error {
	var due []store.Nudge
	err := r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		due = nil
		in, err := tx.LockIntake(ctx, id)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		var s SignUp
		if err := json.Unmarshal(in.Fields, &s); err != nil {
			return fmt.Errorf("intake %d: %w", id, err)
		}
		s.How = in.How
		outcome, owed, err := r.decide(ctx, tx, s)
		if err != nil {
			return err
		}
		if due, err = tx.MarkNudged(ctx, owed); err != nil {
			return err
		}
		return tx.EndIntake(ctx, id, outcome)
	})
	if err != nil {
		return err
	}
	r.nudge(ctx, due) // the sweep says again what is lost
	return nil
}

func (r *Road) decide(ctx context.Context, tx *store.Tx, s SignUp) (string, []int64, error) {
	suppressed, err := tx.Suppressed(ctx, r.Hasher.Address(store.AddressKey(s.Email)))
	if err != nil || suppressed != nil {
		return "suppressed", nil, err
	}
	if _, err := time.LoadLocation(s.TimeZone); err != nil {
		return "no such time zone", nil, nil
	}
	c, err := r.currentCourse(ctx, tx.Reader, s.Course)
	if errors.Is(err, ErrNotFound) {
		return "no such course", nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	if c.Track(s.Track) == nil {
		return "no such track", nil, nil
	}
	person, err := tx.FindOrAddSubscriber(ctx, s.Email)
	if err != nil {
		return "", nil, err
	}
	if asked, err := tx.AskedSince(ctx, person.ID, tx.Now.Add(-askStoppedAfter)); err != nil || asked {
		return "asked already", nil, err
	}
	sub := newSubscription(person.ID, c, s)
	err = tx.AddSubscription(ctx, &sub)
	if errors.Is(err, store.ErrOnTheWay) {
		return r.decideKnown(ctx, tx, person, c.ID, s)
	}
	if err != nil {
		return "", nil, err
	}
	for _, consent := range consentsOf(s) {
		if err := tx.AddConsent(ctx, sub.ID, consent); err != nil {
			return "", nil, err
		}
	}
	owed, err := r.oweConfirm(ctx, tx, sub, 0)
	return "new", owed, err
}

// newSubscription is what a sign-up asks for.
func newSubscription(personID int64, c *course.Course, s SignUp) store.Subscription {
	sub := store.Subscription{
		SubscriberID: personID, Course: c.ID, Track: s.Track, Version: c.Hash, Name: s.Name, Language: s.Language,
		TimeZone: s.TimeZone, SendHour: s.SendHour, Country: s.Country, Safe: s.Safe, Mailbox: s.Mailbox,
		CrisisMail: s.CrisisMail, State: pacing.NewState(s.Track),
	}
	sub.State.Practice.Off = sub.Solo()
	return sub
}

// consentsOf is what a sign-up agreed to.
func consentsOf(s SignUp) []store.Consent {
	return []store.Consent{
		{Kind: "consent", TextVersion: s.ConsentVersion, How: s.How},
		{Kind: "adult", TextVersion: s.AdultVersion, How: s.How},
	}
}

// decideKnown meets a person who is on the way already: a second sign-up never
// lowers a state. One that still waits for its confirmation is asked once more
// after a day, and mostAsked times in all; one for another track than the one
// that is on asks which letters shall come.
func (r *Road) decideKnown(ctx context.Context, tx *store.Tx, person store.Subscriber, courseID string, s SignUp) (string, []int64, error) {
	sub, err := tx.LockOpenSubscription(ctx, person.ID, courseID)
	if err != nil {
		return "", nil, err
	}
	if s.Track != sub.Track && mayChoose(sub.State.Status) {
		return r.offerChoice(ctx, tx, sub, s)
	}
	if sub.State.Status != pacing.Pending {
		return "on the way already", nil, nil
	}
	last, err := tx.LastOf(ctx, sub.ID, store.ConfirmStep)
	if err != nil {
		return "", nil, err
	}
	if last.EndedAt.IsZero() || tx.Now.Sub(last.EndedAt) < askAgainAfter {
		return "asked already", nil, nil
	}
	if last.Occasion+1 >= mostAsked {
		return "asked often enough", nil, nil
	}
	owed, err := r.oweConfirm(ctx, tx, sub, last.Occasion+1)
	return "asked again", owed, err
}

func (r *Road) oweConfirm(ctx context.Context, tx *store.Tx, sub store.Subscription, occasion int) ([]int64, error) {
	owed, err := tx.Owe(ctx, r.Domain, []store.Delivery{{SubscriptionID: sub.ID, Step: store.ConfirmStep, Occasion: occasion,
		Version: sub.Version, Queue: store.QueueAccount, DueAt: tx.Now}})
	if err != nil {
		return nil, err
	}
	return owed, tx.AddEvents(ctx, []store.Event{{SubscriptionID: sub.ID, Actor: string(ByWorker), Kind: "sign-up",
		To: string(pacing.Pending), Why: "asked to confirm"}})
}
