package journey

import (
	"context"
	"errors"
	"time"

	"longroad/internal/course"
	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

// ErrNotGivenUp means that nobody needs to decide about a mail: it has gone, or
// goes by itself.
var ErrNotGivenUp = errors.New("it was not given up")

// KindResend is the event of a mail that was given up and goes again.
const KindResend = "resend"

// MayNotGo says why a mail that was given up may not go any more.
type MayNotGo string

func (m MayNotGo) Error() string { return string(m) }

// Resend owes a mail anew that was given up: the same mail, step and occasion,
// under the same Message-ID, with as many attempts before it as a new one. It
// goes within the reader's window. MayNotGo says why it may not go any more.
func (r *Road) Resend(ctx context.Context, ref token.Ref, by Actor) error {
	return r.settleGivenUp(ctx, ref, func(tx *store.Tx, sub *store.Subscription, d *store.Delivery, b *batch) error {
		bad, err := r.suppressed(ctx, tx, []store.Subscription{*sub})
		if err != nil {
			return err
		}
		if bad[sub.ID] {
			return MayNotGo("the address is suppressed")
		}
		c, err := r.courseOf(ctx, tx.Reader, sub)
		if err != nil {
			return err
		}
		v := verdict(c, sub, *d, tx.Now)
		if v.Decision == pacing.Cancel {
			return MayNotGo("the reader's way has turned: " + v.Why)
		}
		d.State, d.Failures, d.NextAttemptAt, d.EndedAt = store.Owed, 0, tx.Now, time.Time{}
		if v.Decision == pacing.Later {
			d.NextAttemptAt = v.At
		}
		b.noteBy(by, sub, d, KindResend, "")
		return nil
	})
}

// LetGo leaves a mail behind that was given up: nobody gets it, and the reader's
// way goes on with what comes after. A question whether the reader is safe is
// never passed over: MayNotGo.
func (r *Road) LetGo(ctx context.Context, ref token.Ref, by Actor) error {
	return r.settleGivenUp(ctx, ref, func(tx *store.Tx, sub *store.Subscription, d *store.Delivery, b *batch) error {
		d.State, d.EndedAt = store.Cancelled, tx.Now
		if d.Account() {
			b.noteBy(by, sub, d, string(pacing.LetGo), "")
			return nil
		}
		c, err := r.courseOf(ctx, tx.Reader, sub)
		if err != nil {
			return err
		}
		if d.Mail.Kind == pacing.KindLesson && verdict(c, sub, *d, tx.Now).Decision != pacing.Cancel && asksSafety(lessonOf(c, sub.Track, d.Mail.Lesson)) {
			return MayNotGo("it asks whether the reader is safe, and must not be passed over: have it sent again")
		}
		e := Event{Event: pacing.Event{Kind: pacing.LetGo, Mail: d.Mail}, By: by, Delivery: d.ID}
		if _, err := r.step(ctx, tx, tx.Now, sub, e, b); err != nil {
			return err
		}
		b.subs = append(b.subs, *sub)
		return nil
	})
}

func lessonOf(c *course.Course, track, id string) *course.Lesson {
	t := c.Track(track)
	if t == nil {
		return nil
	}
	for _, p := range t.Places() {
		if p.Lesson.ID == id {
			return p.Lesson
		}
	}
	return nil
}

// settleGivenUp lets fn decide what becomes of a mail that was given up, and
// writes it down.
func (r *Road) settleGivenUp(ctx context.Context, ref token.Ref, fn func(*store.Tx, *store.Subscription, *store.Delivery, *batch) error) error {
	found, err := r.Store.DeliveryByRef(ctx, ref)
	if err != nil {
		return err
	}
	return r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		sub, err := tx.LockSubscription(ctx, found.SubscriptionID)
		if err != nil {
			return err
		}
		locked, err := tx.LockAttempted(ctx, []int64{found.ID})
		if err != nil {
			return err
		}
		if len(locked) != 1 || locked[0].State != store.GivenUp {
			return ErrNotGivenUp
		}
		d, b := locked[0], batch{}
		if err := fn(tx, &sub, &d, &b); err != nil {
			return err
		}
		if err := tx.SaveDeliveries(ctx, []store.Delivery{d}); err != nil {
			return err
		}
		_, err = r.flush(ctx, tx, &b)
		return err
	})
}

func (b *batch) noteBy(by Actor, sub *store.Subscription, d *store.Delivery, kind, why string) {
	b.note(sub, d, kind, why)
	b.events[len(b.events)-1].Actor = string(by)
}
