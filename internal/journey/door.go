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

// Answer is what a reader said, on a page or by mail.
type Answer struct {
	pacing.Event
	// Safety is the answer to a safety question: yes comes with Ready, no and
	// unsure with Unsafe. It is kept with the subscription and shown to nobody.
	Safety course.Answer
	By     Actor
}

// SignUp keeps a sign-up and nudges a worker to decide on it: the same work for
// every address.
func (r *Road) SignUp(ctx context.Context, s SignUp) error {
	fields, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("sign-up: %w", err)
	}
	var id int64
	err = r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		id, err = tx.AddIntake(ctx, s.How, fields)
		return err
	})
	if err != nil {
		return err
	}
	r.lost(ctx, r.Nudger.NudgeIntake(ctx, id))
	return nil
}

// OpenSubscription shows a subscription; it changes nothing.
func (r *Road) OpenSubscription(ctx context.Context, ref token.Ref) (View, error) {
	sub, err := r.Store.SubscriptionByRef(ctx, ref)
	if err != nil {
		return View{}, err
	}
	return r.view(ctx, sub, nil)
}

// OpenDelivery shows a subscription and the letter that the link came with; it
// changes nothing.
func (r *Road) OpenDelivery(ctx context.Context, ref token.Ref) (View, error) {
	d, err := r.Store.DeliveryByRef(ctx, ref)
	if err != nil {
		return View{}, err
	}
	return r.deliveryView(ctx, d)
}

func (r *Road) deliveryView(ctx context.Context, d store.Delivery) (View, error) {
	sub, err := r.Store.Subscription(ctx, d.SubscriptionID)
	if err != nil {
		return View{}, err
	}
	return r.view(ctx, sub, &d)
}

// Confirm begins the way: the reader is pinned to the course's current version.
// Confirming again changes nothing.
func (r *Road) Confirm(ctx context.Context, ref token.Ref) (View, pacing.Result, error) {
	sub, err := r.Store.SubscriptionByRef(ctx, ref)
	if err != nil {
		return View{}, pacing.Result{}, err
	}
	current, err := r.Store.CurrentVersion(ctx, sub.Course)
	if err != nil {
		return View{}, pacing.Result{}, err
	}
	var result pacing.Result
	err = r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		locked, err := tx.LockSubscription(ctx, sub.ID)
		if err != nil {
			return err
		}
		if locked.State.Status == pacing.Pending {
			if err := tx.Repin(ctx, sub.ID, current); err != nil {
				return err
			}
			if err := tx.AddConsent(ctx, sub.ID, store.Consent{Kind: "confirmed", How: "link"}); err != nil {
				return err
			}
		}
		result, err = r.Apply(ctx, tx, sub.ID, Event{Event: pacing.Event{Kind: pacing.Confirm}, By: ByPage})
		return err
	})
	if err != nil {
		return View{}, result, err
	}
	view, err := r.OpenSubscription(ctx, ref)
	return view, result, err
}

// Stop ends a subscription at once and silently. Stopping again changes nothing.
func (r *Road) Stop(ctx context.Context, ref token.Ref, by Actor) (View, error) {
	sub, err := r.Store.SubscriptionByRef(ctx, ref)
	if err != nil {
		return View{}, err
	}
	err = r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		_, err := r.Apply(ctx, tx, sub.ID, Event{Event: pacing.Event{Kind: pacing.Stop}, By: by})
		return err
	})
	if err != nil {
		return View{}, err
	}
	return r.OpenSubscription(ctx, ref)
}

// Return takes a stop back, from the page that stopped: the way goes on from
// where it was. It changes nothing where the address is suppressed or the reader
// has set out anew.
func (r *Road) Return(ctx context.Context, ref token.Ref) (View, pacing.Result, error) {
	sub, err := r.Store.SubscriptionByRef(ctx, ref)
	if err != nil {
		return View{}, pacing.Result{}, err
	}
	var result pacing.Result
	err = r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		result, err = r.Apply(ctx, tx, sub.ID, Event{Event: pacing.Event{Kind: pacing.Return}, By: ByPage})
		return err
	})
	if errors.Is(err, store.ErrOnTheWay) {
		result, err = pacing.Result{Effect: pacing.Ended}, nil
	}
	if err != nil {
		return View{}, result, err
	}
	view, err := r.OpenSubscription(ctx, ref)
	return view, result, err
}

// Answer applies what a reader said to the letter of that ref.
func (r *Road) Answer(ctx context.Context, ref token.Ref, a Answer) (View, pacing.Result, error) {
	d, err := r.Store.DeliveryByRef(ctx, ref)
	if err != nil {
		return View{}, pacing.Result{}, err
	}
	var result pacing.Result
	err = r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		result, err = r.answer(ctx, tx, d, a)
		return err
	})
	if errors.Is(err, store.ErrOnTheWay) {
		// An ended way stays ended once the reader is on another one.
		result, err = pacing.Result{Effect: pacing.Ended}, nil
	}
	if err != nil {
		return View{}, result, err
	}
	view, err := r.OpenDelivery(ctx, ref)
	return view, result, err
}

func (r *Road) answer(ctx context.Context, tx *store.Tx, d store.Delivery, a Answer) (pacing.Result, error) {
	e := a.Event
	if d.Mail.Lesson != "" {
		e.Lesson, e.Occasion = d.Mail.Lesson, d.Occasion
	}
	if a.Safety == course.AnswerNo || a.Safety == course.AnswerUnsure {
		e.Kind = pacing.Unsafe
	}
	if e.Kind == pacing.Ready && a.Safety != course.AnswerYes {
		view, err := r.deliveryView(ctx, d)
		if err != nil || asksSafety(view.Lesson) {
			return pacing.Result{Effect: pacing.Unchanged}, err // a yes must be said in its own word
		}
	}
	if a.Safety != "" {
		if err := tx.SetSafe(ctx, d.SubscriptionID, string(a.Safety)); err != nil {
			return pacing.Result{}, err
		}
	}
	if err := r.arrived(ctx, tx, d); err != nil {
		return pacing.Result{}, err
	}
	by := a.By
	if by == "" {
		by = ByPage
	}
	return r.Apply(ctx, tx, d.SubscriptionID, Event{Event: e, By: by, Delivery: d.ID, Why: pauseWords(e)})
}

// pauseWords tells a pause's length in the story.
func pauseWords(e pacing.Event) string {
	switch {
	case e.Kind != pacing.Pause:
		return ""
	case e.Until != "":
		return "until " + e.Until
	case !e.For.IsZero():
		return "for " + e.For.String()
	}
	return "for " + pacing.DefaultPause.String()
}

func (r *Road) view(ctx context.Context, sub store.Subscription, d *store.Delivery) (View, error) {
	c, err := r.shelf.version(ctx, sub.Version)
	if err != nil {
		return View{}, err
	}
	v := View{Course: c, Track: c.Track(sub.Track), Country: sub.Country, Name: sub.Name, Lang: sub.Language,
		State: sub.State, Subscription: sub.Ref}
	if v.Track == nil {
		return v, fmt.Errorf("track of subscription %s: %w", sub.Ref, ErrNotFound)
	}
	if d != nil && d.Mail.Lesson != "" {
		v.State, v.Occasion = r.inHand(c, sub.State, *d), d.Occasion
		for _, p := range v.Track.Places() {
			if p.Lesson.ID == d.Mail.Lesson {
				v.Lesson = p.Lesson
			}
		}
	}
	return v, nil
}

// Suppress adds an address to the suppression list and ends all its
// subscriptions at once.
func (r *Road) Suppress(ctx context.Context, email, reason string, by Actor) error {
	return r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		if err := tx.Suppress(ctx, r.Hasher.Address(store.AddressKey(email)), reason); err != nil {
			return err
		}
		person, err := tx.LockSubscriber(ctx, email)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		ids, err := tx.SubscriptionIDsOf(ctx, person.ID)
		if err != nil {
			return err
		}
		for _, id := range ids {
			e := Event{Event: pacing.Event{Kind: pacing.Suppress}, By: by, Why: reason}
			if _, err := r.Apply(ctx, tx, id, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// Ready reports whether the database answers and is what this binary needs.
func (r *Road) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return r.Store.Ping(ctx)
}
