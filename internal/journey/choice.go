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
	"longroad/internal/token"
)

// An address that is on one track of a course signs up for another: couples share
// mailboxes, and people take the wrong form. Nobody but the mailbox may learn of
// it, so one mail asks there, and its page lets the reader choose. Doing nothing
// leaves everything as it is.

// Side is one of the two that a reader chooses between.
type Side string

// The sides.
const (
	Neither Side = ""
	First   Side = "first"  // the letters that came when somebody signed up for others
	Second  Side = "second" // the letters that were asked for then
)

// Choice is what the page of a choice may know. What somebody filled in on the
// second sign-up is not in it.
type Choice struct {
	View                        // of the way that is on; of the first where neither is
	FirstTrack    *course.Track // of the side of that name
	SecondTrack   *course.Track // nil where there is nothing to choose any more
	On            Side          // Neither where there is nothing to choose any more
	ChangeUntil   time.Time     // in the reader's zone; the page is gone after that
	JustChanged   bool          // by the call that gives this
	Begun         bool          // the second has been on before
	OtherWaysOpen bool          // with Neither: the reader gets, or may get, letters of this course all the same
}

// mayChoose reports whether a way that stands there may be left for another by a
// reader's choice. A halt for safety is not got round that way.
func mayChoose(s pacing.Status) bool {
	return !s.Ended() && s != pacing.Pending && s != pacing.Halted
}

// offerChoice owes the mail that asks which letters shall come, once in
// KeepChoices, and keeps the sign-up until the reader has chosen.
func (r *Road) offerChoice(ctx context.Context, tx *store.Tx, sub store.Subscription, s SignUp) (string, []int64, error) {
	last, err := tx.LastOf(ctx, sub.ID, store.ChoiceStep)
	occasion := last.Occasion + 1
	switch {
	case errors.Is(err, ErrNotFound):
		occasion = 0
	case err != nil:
		return "", nil, err
	case tx.Now.Sub(last.OwedAt) < KeepChoices:
		return "asked already", nil, nil
	}
	s.Email = "" // the person has it
	fields, err := json.Marshal(s)
	if err != nil {
		return "", nil, fmt.Errorf("choice: %w", err)
	}
	owed, err := tx.Owe(ctx, r.Domain, []store.Delivery{{SubscriptionID: sub.ID, Step: store.ChoiceStep, Occasion: occasion,
		Version: sub.Version, Queue: store.QueueAccount, DueAt: tx.Now}})
	if err != nil {
		return "", nil, err
	}
	if len(owed) != 1 {
		return "", nil, fmt.Errorf("choice of subscription %s: the mail on occasion %d is there already", sub.Ref, occasion)
	}
	if err := tx.AddChoice(ctx, owed[0], s.How, fields); err != nil {
		return "", nil, err
	}
	return "asked to choose", owed, tx.AddEvents(ctx, []store.Event{{SubscriptionID: sub.ID, DeliveryID: &owed[0], Actor: string(ByWorker),
		Kind: KindChoice, From: string(sub.State.Status), To: string(sub.State.Status), Why: "the address signed up for other letters of the course"}})
}

// KindChoice is the event of a sign-up that a reader is asked about.
const KindChoice = "choice"

// OpenChoice shows a choice, by the mail that asks; it changes nothing.
// ErrNotFound once the choice was let go.
func (r *Road) OpenChoice(ctx context.Context, ref token.Ref) (Choice, error) {
	found, err := r.Store.ChoiceByRef(ctx, ref)
	if err != nil {
		return Choice{}, err
	}
	w, err := r.waysOf(ctx, r.Store.Reader, found)
	if err != nil {
		return Choice{}, err
	}
	c := Choice{On: w.on, Begun: w.second != nil}
	shown := w.first
	if w.on == Second {
		shown = *w.second
	}
	if c.View, err = r.view(ctx, r.Store.Reader, shown, nil); err != nil {
		return Choice{}, err
	}
	c.ChangeUntil = found.CreatedAt.Add(KeepChoices).In(zoneOf(shown))
	if c.On == Neither {
		c.OtherWaysOpen, err = r.Store.OnTheWay(ctx, w.first.SubscriberID, w.first.Course)
		return c, err
	}
	first, err := r.courseOf(ctx, r.Store.Reader, &w.first)
	if err != nil {
		return Choice{}, err
	}
	c.FirstTrack, c.SecondTrack = first.Track(w.first.Track), w.track
	return c, nil
}

func zoneOf(s store.Subscription) *time.Location {
	if s.State.Reader.Zone == nil {
		return time.UTC
	}
	return s.State.Reader.Zone
}

// Choose lets the letters of one side come: those of the other end, silently.
// The second begin as if they had just been confirmed; who changes back, or once
// more, goes on where each of them was. What is so already stays as it is.
func (r *Road) Choose(ctx context.Context, ref token.Ref, side Side) (Choice, error) {
	found, err := r.Store.ChoiceByRef(ctx, ref)
	if err != nil {
		return Choice{}, err
	}
	changed := false
	err = r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		changed, err = r.choose(ctx, tx, ref, found.First, side)
		return err
	})
	if err != nil {
		return Choice{}, err
	}
	c, err := r.OpenChoice(ctx, ref)
	c.JustChanged = changed
	return c, err
}

func (r *Road) choose(ctx context.Context, tx *store.Tx, ref token.Ref, firstID int64, side Side) (bool, error) {
	// The person's row first, as everywhere: whoever presses twice waits here.
	owner, err := tx.Subscription(ctx, firstID)
	if err != nil {
		return false, err
	}
	if _, err := tx.LockSubscriber(ctx, owner.Email); err != nil {
		return false, err
	}
	found, err := tx.ChoiceByRef(ctx, ref)
	if err != nil {
		return false, err
	}
	if _, err := tx.LockSubscriptions(ctx, []int64{found.First, found.Second}); err != nil {
		return false, err
	}
	w, err := r.waysOf(ctx, tx.Reader, found)
	if err != nil || w.on == Neither || w.on == side || side != First && side != Second {
		return false, err
	}
	suppressed, err := tx.Suppressed(ctx, r.Hasher.Address(store.AddressKey(owner.Email)))
	if err != nil || suppressed != nil {
		return false, err
	}
	switch {
	case side == First:
		return true, r.change(ctx, tx, w.second.ID, w.first.ID)
	case w.second != nil:
		return true, r.change(ctx, tx, w.first.ID, w.second.ID)
	}
	return true, r.beginSecond(ctx, tx, found, w)
}

// Why a way ends or goes on by a choice, in the story.
const (
	whyLeft  = "by choosing other letters of the course"
	whyTaken = "by choosing these letters"
)

// change ends one way and takes the other one up where it was.
func (r *Road) change(ctx context.Context, tx *store.Tx, from, to int64) error {
	if _, err := r.Apply(ctx, tx, from, Event{Event: pacing.Event{Kind: pacing.Stop}, By: ByPage, Why: whyLeft}); err != nil {
		return err
	}
	_, err := r.Apply(ctx, tx, to, Event{Event: pacing.Event{Kind: pacing.Return}, By: ByPage, Why: whyTaken})
	return err
}

// beginSecond ends the first way and begins the second, from the sign-up.
func (r *Road) beginSecond(ctx context.Context, tx *store.Tx, found store.Choice, w ways) error {
	if _, err := r.Apply(ctx, tx, w.first.ID, Event{Event: pacing.Event{Kind: pacing.Stop}, By: ByPage, Why: whyLeft}); err != nil {
		return err
	}
	sub := newSubscription(w.first.SubscriberID, w.course, w.signUp)
	if err := tx.AddSubscription(ctx, &sub); err != nil {
		return err
	}
	consents := append(consentsOf(w.signUp), store.Consent{Kind: "confirmed", How: "link", At: tx.Now})
	ids := make([]int64, len(consents))
	for i := range consents {
		ids[i] = sub.ID
		if consents[i].At.IsZero() {
			consents[i].At = found.CreatedAt
		}
	}
	if err := tx.AddConsents(ctx, ids, consents); err != nil {
		return err
	}
	if err := tx.UseChoice(ctx, found.DeliveryID, sub.ID); err != nil {
		return err
	}
	_, err := r.Apply(ctx, tx, sub.ID, Event{Event: pacing.Event{Kind: pacing.Confirm}, By: ByPage, Why: whyTaken})
	return err
}

// ways are the two that a choice is between, as they stand.
type ways struct {
	first  store.Subscription
	second *store.Subscription // nil before it was begun
	on     Side                // Neither where there is nothing to choose any more

	// What the second is of; the last two only before it was begun.
	track  *course.Track
	course *course.Course
	signUp SignUp
}

func (r *Road) waysOf(ctx context.Context, from store.Reader, found store.Choice) (w ways, err error) {
	if w.first, err = from.Subscription(ctx, found.First); err != nil {
		return w, err
	}
	if found.Second != 0 {
		second, err := from.Subscription(ctx, found.Second)
		if err != nil {
			return w, err
		}
		w.second = &second
		switch first := w.first.State.Status; {
		case mayChoose(second.State.Status) && first == pacing.Stopped:
			w.on = Second
		case mayChoose(first) && second.State.Status == pacing.Stopped:
			w.on = First
		default:
			return w, nil
		}
		c, err := r.courseOf(ctx, from, &second)
		if err != nil {
			return w, err
		}
		w.track = c.Track(second.Track)
		return w, nil
	}
	if err := json.Unmarshal(found.Fields, &w.signUp); err != nil {
		return w, fmt.Errorf("choice %d: %w", found.DeliveryID, err)
	}
	w.signUp.How = found.How
	if w.course, err = r.currentCourse(ctx, from, w.first.Course); err != nil {
		return w, err
	}
	w.track = w.course.Track(w.signUp.Track)
	if w.track != nil && mayChoose(w.first.State.Status) {
		w.on = First
	}
	return w, nil
}
