package worker

import (
	"context"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// 10: removed, unsubscribed or bounced, and still sent, here because the mail had
// to wait for a connection.
func TestPeers10StoppedWhileWaiting(t *testing.T) {
	t.Parallel()
	for name, turn := range map[string]func(*stack, store.Subscription) error{
		"stopped": func(s *stack, sub store.Subscription) error {
			_, err := s.road.Stop(context.Background(), sub.Ref, "test")
			return err
		},
		"suppressed": func(s *stack, sub store.Subscription) error {
			return s.road.Suppress(context.Background(), sub.Email, "complaint", journey.ByOperator)
		},
		"paused": func(s *stack, sub store.Subscription) error {
			_, _, err := s.road.Answer(context.Background(), s.letter(sub, "confirm").Ref, pauseFor(30))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, trial(), noon)
			sub := s.readers(t, 1)[0]
			s.worker = s.newWorker("w1", waiting{s.post, func() { must(t, turn(s, sub)) }})
			s.worker.breath = 0
			s.run()
			s.settle()
			if n := len(s.post.all()); n != 0 {
				t.Errorf("%d mails went all the same", n)
			}
			if got := s.states(sub); got != "confirm cancelled, lesson/a cancelled" {
				t.Error(got)
			}
		})
	}
}

// waiting is a sender whose mails wait for a connection, until something happens.
type waiting struct {
	mailer.Sender
	meanwhile func()
}

func (w waiting) Send(ctx context.Context, e mailer.Envelope) mailer.Outcome {
	w.meanwhile()
	return w.Sender.Send(ctx, e)
}

// 11: 1,487 copies to 230 people. A server that takes each mail and never says so
// ends after a few, and an operator sees it.
func TestPeers11NoFlood(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	var tries atomic.Int32
	s.post.answer = func(posted) mailer.Outcome { tries.Add(1); return unknown }
	sub := s.readers(t, 1)[0]
	s.run()
	for range 40 {
		for range 5 {
			s.claim()
			d := s.letter(sub, "lesson/a")
			must(t, s.road.Nudger.NudgeDeliveries(t.Context(), []store.Nudge{{ID: d.ID, Queue: d.Queue}}))
		}
		s.settle()
		if !s.next(noon.AddDate(1, 0, 0)) {
			break
		}
	}
	if got := s.states(sub); got != "confirm cancelled, lesson/a given-up" {
		t.Error(got)
	}
	if n := tries.Load(); n != 5 {
		t.Errorf("%d copies", n)
	}
}

// 12: every overdue step in one minute after an outage.
func TestPeers12NoBurstAfterAnOutage(t *testing.T) {
	t.Parallel()
	s := newStack(t, trialOf("trial", "none"), noon)
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	s.stop()
	back := time.Date(2027, 3, 2, 13, 0, 0, 0, time.UTC) // a Tuesday, two months late
	s.clock.set(back)
	s.start(s.newWorker("w2", s.post))
	s.settle()
	if got := s.states(sub); got != "confirm sent, lesson/a sent, lesson/b sent" && got != "confirm sent, lesson/a sent" {
		t.Fatalf("after the outage: %s", got)
	}
	for s.next(back.AddDate(0, 1, 0)) {
	}
	b, c := s.letter(sub, "lesson/b"), s.letter(sub, "lesson/c")
	if b.SentAt.Before(back) || c.SentAt.Before(b.SentAt.AddDate(0, 0, 3).Truncate(24*time.Hour)) {
		t.Errorf("b at %v, c at %v", b.SentAt, c.SentAt)
	}
}

// 15: link scanners unsubscribed people. Looking changes nothing.
func TestPeers15LookingChangesNothing(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	before, events := s.subscription(sub.Email), s.events(sub)
	for range 3 {
		_, err := s.road.OpenSubscription(t.Context(), sub.Ref)
		must(t, err)
		_, err = s.road.OpenDelivery(t.Context(), s.letter(sub, "lesson/a").Ref)
		must(t, err)
	}
	after := s.subscription(sub.Email)
	if !reflect.DeepEqual(before.State, after.State) || !reflect.DeepEqual(events, s.events(sub)) {
		t.Errorf("before %+v, after %+v", before.State, after.State)
	}
}

// 16: concurrent sign-ups made duplicate rows; signing up again un-confirmed
// somebody.
func TestPeers16ConcurrentSignUps(t *testing.T) {
	t.Parallel()
	s := newStack(t, trialOf("trial", "ready", "one", "two"), noon)
	s.publish(trialOf("other", "ready"))
	for i := range 12 {
		up := signUpOf("reader@example.org", []string{"one", "two"}[i%2])
		if i%3 == 0 {
			up.Course, up.Track = "other", "one"
		}
		up.Email = []string{"reader@example.org", " Reader@Example.ORG"}[i%2]
		must(t, s.road.SignUp(t.Context(), up))
	}
	var all sync.WaitGroup
	for _, id := range s.intakes(t) {
		for range 2 {
			all.Go(func() {
				if err := s.road.Decide(context.Background(), id); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	person, err := s.store.SubscriberByAddress(t.Context(), "reader@example.org")
	must(t, err)
	subs, err := s.store.SubscriptionsOf(t.Context(), person.ID)
	must(t, err)
	if len(subs) != 2 || subs[0].Course == subs[1].Course {
		t.Fatalf("%d subscriptions: %+v", len(subs), subs)
	}
	s.run()
	s.settle()
	if n := len(s.post.all()); n != 2 {
		t.Errorf("%d mails ask to confirm, want one a course", n)
	}
	if open, err := s.store.OpenIntakes(t.Context()); err != nil || open != 0 {
		t.Errorf("%d sign-ups undecided, %v", open, err)
	}
}

// 23: a lock with a lifetime and no owner. A lease belongs to one attempt of one
// worker, and nobody else prolongs it.
func TestPeers23LeaseHasAnOwner(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	s.claimOne(t)
	sub := s.subscription("r0@example.org")
	d := s.letter(sub, "lesson/a")
	take := func(worker string) store.Lent {
		jobs, err := s.road.Take(t.Context(), worker, []int64{d.ID})
		must(t, err)
		if len(jobs) != 1 {
			t.Fatalf("%d jobs", len(jobs))
		}
		return lentOf(jobs[0])
	}
	first := take("w1")
	s.dropLeases(t)
	_, err := s.road.Sweep(t.Context(), 10)
	must(t, err)
	second := take("w1")
	for _, c := range []struct {
		worker string
		lent   store.Lent
		held   int
	}{{"w1", first, 0}, {"w2", second, 0}, {"w1", second, 1}} {
		must(t, s.store.InTx(t.Context(), noon, func(tx *store.Tx) error {
			held, err := tx.Renew(t.Context(), c.worker, []store.Lent{c.lent})
			if len(held) != c.held {
				t.Errorf("%s renewed %+v: %+v", c.worker, c.lent, held)
			}
			return err
		}))
	}
	// Both outcomes come in one batch: the second attempt's counts.
	must(t, s.road.Record(t.Context(), []doneT{
		{DeliveryID: d.ID, SubscriptionID: sub.ID, Attempt: second.Attempt, Outcome: taken, At: noon},
		{DeliveryID: d.ID, SubscriptionID: sub.ID, Attempt: first.Attempt, Outcome: putOff, At: noon},
	}))
	if got := s.states(sub); got != "confirm cancelled, lesson/a sent" {
		t.Error(got)
	}
}

// claimOne has one reader whose first letter is claimed.
func (s *stack) claimOne(t testing.TB) store.Subscription {
	t.Helper()
	sub := s.readers(t, 1)[0]
	s.claim()
	return sub
}

// 10: a suppressed address is met again right before sending.
func TestPeers10Suppressed(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	sub := s.signUpOwed(t, "reader@example.org")
	must(t, s.store.InTx(t.Context(), noon, func(tx *store.Tx) error {
		return tx.Suppress(t.Context(), s.road.Hasher.Address("reader@example.org"), "complaint")
	}))
	s.run()
	s.settle()
	if got, want := s.states(sub), "confirm cancelled"; got != want {
		t.Errorf("%s; want %s", got, want)
	}
	if got := s.subscription("reader@example.org").State.Status; got != pacing.Suppressed {
		t.Errorf("the subscription is %s", got)
	}
}

// 24: a nudge that comes late, doubled or for nothing does nothing.
func TestPeers24StaleNudges(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	all, err := s.store.DeliveriesOf(t.Context(), sub.ID)
	must(t, err)
	for range 5 {
		for _, d := range all {
			must(t, s.road.Nudger.NudgeDeliveries(t.Context(), []store.Nudge{{ID: d.ID, Queue: d.Queue}, {ID: 1 << 40, Queue: store.QueueLessons}}))
		}
	}
	poll(t, "the nudges are taken", func() bool { return s.idle() })
	s.settle()
	if n := len(s.post.all()); n != 2 {
		t.Errorf("%d mails, want 2", n)
	}
}
