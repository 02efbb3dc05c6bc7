package journey

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"longroad/internal/course"
	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

// Answer is what a reader said, on a page or by mail.
type Answer struct {
	pacing.Event
	// Safety is the answer to a safety question: yes and alone come with Ready, no
	// and unsure with Unsafe. It is kept with the subscription and shown to nobody.
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
	return r.view(ctx, r.Store.Reader, sub, nil)
}

// OpenDelivery shows a subscription and the letter that the link came with; it
// changes nothing.
func (r *Road) OpenDelivery(ctx context.Context, ref token.Ref) (View, error) {
	d, err := r.Store.DeliveryByRef(ctx, ref)
	if err != nil {
		return View{}, err
	}
	return r.deliveryView(ctx, r.Store.Reader, d)
}

func (r *Road) deliveryView(ctx context.Context, from store.Reader, d store.Delivery) (View, error) {
	sub, err := from.Subscription(ctx, d.SubscriptionID)
	if err != nil {
		return View{}, err
	}
	return r.view(ctx, from, sub, &d)
}

// pin moves a subscription to its course's current version, unless that cannot
// be followed or has lost its track: then the version of the sign-up goes on.
func (r *Road) pin(ctx context.Context, tx *store.Tx, sub store.Subscription) error {
	c, err := r.currentCourse(ctx, tx.Reader, sub.Course)
	if err != nil || c.Track(sub.Track) == nil {
		r.Log.WarnContext(ctx, "confirmed to the version of the sign-up, the current one does not fit", slog.String("subscription", sub.Ref.String()))
		return nil
	}
	return tx.Repin(ctx, sub.ID, c.Hash)
}

// Answer applies what a reader said to the letter of that ref.
func (r *Road) Answer(ctx context.Context, ref token.Ref, a Answer) (View, pacing.Result, error) {
	d, err := r.Store.DeliveryByRef(ctx, ref)
	if err != nil {
		return View{}, pacing.Result{}, err
	}
	var result pacing.Result
	var back change
	err = r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		result, back, err = r.answerToUndo(ctx, tx, d, a)
		return err
	})
	if errors.Is(err, store.ErrOnTheWay) {
		// An ended way stays ended once the reader is on another one.
		back = change{}
		result, err = pacing.Result{Effect: pacing.Ended}, nil
	}
	if err != nil {
		return View{}, result, err
	}
	view, err := r.OpenDelivery(ctx, ref)
	if err != nil {
		return view, result, err
	}
	view.Back, err = r.sealBack(d, back)
	return view, result, err
}

// noLesson stands for the lesson of a mail that is about none: a ready to the
// confirmation answers no letter, whichever has become the current one meanwhile.
const noLesson = "(none)"

func (r *Road) answer(ctx context.Context, tx *store.Tx, d store.Delivery, a Answer) (pacing.Result, error) {
	e := a.Event
	e.Lesson, e.Occasion = d.Mail.Lesson, d.Occasion
	if e.Lesson == "" {
		e.Lesson = noLesson
	}
	if a.Safety == course.AnswerNo || a.Safety == course.AnswerUnsure {
		e.Kind = pacing.Unsafe
	}
	if e.Kind == pacing.Ready && a.Safety != course.AnswerYes && a.Safety != course.AnswerAlone {
		view, err := r.deliveryView(ctx, tx.Reader, d)
		if err != nil || asksSafety(view.Lesson) {
			return pacing.Result{Effect: pacing.Unchanged}, err // a yes must be said in its own word
		}
	}
	if a.Safety != "" {
		if err := tx.SetSafe(ctx, d.SubscriptionID, string(a.Safety)); err != nil {
			return pacing.Result{}, err
		}
	}
	if e.Kind != pacing.Stop {
		if err := r.arrived(ctx, tx, d); err != nil {
			return pacing.Result{}, err
		}
	}
	by := a.By
	if by == "" {
		by = ByPage
	}
	happened := Event{Event: e, By: by, Delivery: d.ID, Why: pauseWords(e)}
	if e.Kind == pacing.Stop {
		return r.stop(ctx, tx, d.SubscriptionID, happened)
	}
	return r.Apply(ctx, tx, d.SubscriptionID, happened)
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

func (r *Road) view(ctx context.Context, from store.Reader, sub store.Subscription, d *store.Delivery) (View, error) {
	c, err := r.shelf.version(ctx, from, sub.Version)
	if err != nil {
		return View{}, err
	}
	v := View{Course: c, Track: c.Track(sub.Track), Country: sub.Country, Name: sub.Name, Lang: sub.Language,
		State: sub.State, Subscription: sub.Ref, Preferences: preferencesOf(sub)}
	if v.Track == nil {
		return v, fmt.Errorf("track of subscription %s: %w", sub.Ref, ErrNotFound)
	}
	if d != nil && d.Mail.Lesson != "" {
		v.State, v.Occasion = r.inHand(c, sub.State, *d), d.Occasion
		letter := d.Mail.Lesson
		if d.Mail.Kind == pacing.KindPractice { // what is said to it is meant for the lesson
			letter, v.Occasion = v.State.Lesson, v.State.Occasion
		}
		v.Lesson = lessonOf(c, sub.Track, letter)
	}
	return v, nil
}

// Ready reports whether the database answers and is what this binary needs.
func (r *Road) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return r.Store.Ping(ctx)
}
