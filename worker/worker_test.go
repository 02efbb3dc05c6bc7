package worker

import (
	"testing"
	"time"

	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// noon is a Friday in London.
var noon = time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)

func TestWholeWay(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	if got, want := s.states(sub), "confirm sent, lesson/a sent"; got != want {
		t.Fatalf("after confirming: %s; want %s", got, want)
	}
	s.clock.set(noon.Add(time.Hour))
	s.say(sub, pacing.Ready)
	for s.next(noon.AddDate(0, 0, 10)) {
	}
	if got, want := s.states(sub), "confirm sent, lesson/a sent, lesson/b sent"; got != want {
		t.Fatalf("after ready: %s; want %s", got, want)
	}
	all, err := s.store.DeliveriesOf(t.Context(), sub.ID)
	must(t, err)
	if got, want := all[2].SentAt, time.Date(2027, 1, 5, 9, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("the second letter went at %v, want Tuesday %v", got, want)
	}
	s.say(sub, pacing.Ready)
	for s.next(noon.AddDate(0, 1, 0)) {
	}
	if got := s.subscription("reader@example.org").State.Status; got != pacing.Completed {
		t.Errorf("the way is %s", got)
	}
	mails := s.post.all()
	if len(mails) != 5 || mails[4].subject != "All your letters have come" {
		t.Fatalf("%d mails, want a confirmation, three letters and the end: %+v", len(mails), mails)
	}
	for i, m := range mails {
		if m.to != "reader@example.org" || m.id != all[min(i, 2)].MessageID && i < 3 {
			t.Errorf("mail %d: to %s, Message-ID %s", i, m.to, m.id)
		}
	}
}

// A confirmation is one mail for one address, however often its owner signs up.
func TestSignUpTwice(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	again := s.signUp(" Reader@Example.org ", "one")
	s.settle()
	if again.ID != sub.ID || again.State.Status != pacing.Awaiting {
		t.Errorf("signing up again gave subscription %d, %s", again.ID, again.State.Status)
	}
	if n := len(s.post.all()); n != 2 {
		t.Errorf("%d mails, want the confirmation and the first letter", n)
	}
}

func TestStopWhileOwed(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	s.post.answer = func(m posted) mailer.Outcome {
		if m.subject == "Letter a" {
			return mailer.Outcome{Result: mailer.ResultRetry, Code: 451}
		}
		return mailer.Outcome{Result: mailer.ResultSent}
	}
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	if got, want := s.states(sub), "confirm sent, lesson/a retry"; got != want {
		t.Fatalf("%s; want %s", got, want)
	}
	_, err := s.road.Stop(t.Context(), sub.Ref, "test")
	must(t, err)
	if got, want := s.states(sub), "confirm sent, lesson/a cancelled"; got != want {
		t.Errorf("after stop: %s; want %s", got, want)
	}
	s.clock.set(noon.AddDate(0, 1, 0))
	s.settle()
	if n := len(s.post.all()); n != 1 {
		t.Errorf("%d mails, want the confirmation alone", n)
	}
}

// A pause before the letter goes brings it back after the pause, once.
func TestPauseWhileOwed(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	refuse := true
	s.post.answer = func(m posted) mailer.Outcome {
		if m.subject == "Letter b" && refuse {
			return mailer.Outcome{Result: mailer.ResultRetry, Code: 421}
		}
		return mailer.Outcome{Result: mailer.ResultSent}
	}
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	s.say(sub, pacing.Ready)
	for s.next(time.Date(2027, 1, 5, 9, 0, 1, 0, time.UTC)) {
	}
	before, err := s.store.DeliveriesOf(t.Context(), sub.ID)
	must(t, err)
	_, _, err = s.road.Answer(t.Context(), before[1].Ref, pauseFor(14))
	must(t, err)
	if got, want := s.states(sub), "confirm sent, lesson/a sent, lesson/b cancelled"; got != want {
		t.Fatalf("paused: %s; want %s", got, want)
	}
	refuse = false
	for s.next(noon.AddDate(0, 1, 0)) {
	}
	after, err := s.store.DeliveriesOf(t.Context(), sub.ID)
	must(t, err)
	b := after[2]
	if b.State != store.Sent || b.MessageID != before[2].MessageID {
		t.Errorf("after the pause: %s, Message-ID %s, was %s", b.State, b.MessageID, before[2].MessageID)
	}
	if want := time.Date(2027, 1, 19, 9, 0, 0, 0, time.UTC); !b.SentAt.Equal(want) {
		t.Errorf("sent at %v, want %v", b.SentAt, want)
	}
}

// Losing all of Redis loses and doubles nothing.
func TestRedisFlushed(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	var subs []store.Subscription
	for _, email := range []string{"a@example.org", "b@example.org", "c@example.org"} {
		subs = append(subs, s.signUpOwed(t, email))
	}
	must(t, s.redis.FlushDB(t.Context()).Err())
	s.run()
	s.clock.set(noon.Add(store.NudgeAfter))
	s.settle()
	for _, sub := range subs {
		if got := s.states(sub); got != "confirm sent" {
			t.Errorf("subscription %d: %s", sub.ID, got)
		}
	}
	if n := len(s.post.all()); n != 3 {
		t.Errorf("%d mails, want 3", n)
	}
}

// A lost worker's delivery is taken up again under the same Message-ID, and its
// late outcome still counts while nobody has taken over.
func TestDeadLease(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	sub := s.signUpOwed(t, "reader@example.org")
	all, err := s.store.DeliveriesOf(t.Context(), sub.ID)
	must(t, err)
	jobs, err := s.road.Take(t.Context(), "lost", []int64{all[0].ID})
	must(t, err)
	if len(jobs) != 1 || jobs[0].Delivery.Attempt != 1 {
		t.Fatalf("jobs: %+v", jobs)
	}
	if again, err := s.road.Take(t.Context(), "other", []int64{all[0].ID}); err != nil || len(again) != 0 {
		t.Fatalf("a living lease was taken from its worker: %v, %v", again, err)
	}
	s.exec(t, `UPDATE deliveries SET lease_until = clock_timestamp() - interval '1 second'`)
	s.run()
	s.settle()
	after, err := s.store.DeliveriesOf(t.Context(), sub.ID)
	must(t, err)
	if after[0].State != store.Sent || after[0].Attempt != 2 {
		t.Errorf("%s at attempt %d", after[0].State, after[0].Attempt)
	}
	if mails := s.post.all(); len(mails) != 1 || mails[0].id != all[0].MessageID {
		t.Errorf("mails: %v", mails)
	}
	// The lost worker comes back with an outcome of its own: too late to count.
	must(t, s.road.Record(t.Context(), []doneT{{DeliveryID: all[0].ID, SubscriptionID: sub.ID, Attempt: 1,
		Outcome: mailer.Outcome{Result: mailer.ResultRetry}, At: noon}}))
	if got := s.states(sub); got != "confirm sent" {
		t.Errorf("a late outcome changed the ledger: %s", got)
	}
}
