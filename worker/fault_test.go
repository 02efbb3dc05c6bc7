package worker

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// The database goes away while mails are in the air: their outcomes wait for it.
func TestDatabaseAwayDuringSending(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	subs := s.readers(t, 20)
	var once sync.Once
	gone, goOn := make(chan struct{}), make(chan struct{})
	s.post.answer = func(posted) mailer.Outcome {
		once.Do(func() { close(gone) })
		<-goOn
		return taken
	}
	s.run()
	<-gone
	giveBack := s.cutOff(t)
	close(goOn)
	poll(t, "mails have gone", func() bool { return len(s.post.all()) > 0 })
	giveBack()
	s.settle()
	for _, sub := range subs {
		d := s.letter(sub, "lesson/a")
		if d.State != store.Sent || s.post.copies()[d.MessageID] != 1 {
			t.Errorf("%s: %s at attempt %d, %d copies", sub.Email, d.State, d.Attempt, s.post.copies()[d.MessageID])
		}
	}
}

// A commit whose answer is lost leaves a lease without a mail: the place in the
// air is free again, and the mail goes once.
func TestTakeCommitLost(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	sub := s.claimOne(t)
	s.exec(t, `CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'lost'; END $$;
		CREATE CONSTRAINT TRIGGER lose AFTER INSERT ON attempts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lose()`)
	jobs, err := s.road.Take(t.Context(), "w1", []int64{s.letter(sub, "lesson/a").ID})
	if err == nil || jobs != nil {
		t.Fatalf("a take that failed gave %d jobs, %v", len(jobs), err)
	}
	s.run()
	poll(t, "the worker has tried in vain", func() bool { return s.idle() })
	s.exec(t, `DROP TRIGGER lose ON attempts`)
	s.clock.set(noon.Add(store.NudgeAfter))
	s.settle()
	s.stop()
	if n := len(s.worker.air.slots); n != 0 {
		t.Errorf("%d places in the air are lost", n)
	}
	if n := len(s.post.all()); n != 1 {
		t.Errorf("%d mails", n)
	}
}

// An outcome that the database refuses holds up no other.
func TestOutcomeRefused(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	subs := s.readers(t, 8)
	s.exec(t, `ALTER TABLE attempts ADD CONSTRAINT wholesome CHECK (detail <> 'poison')`)
	s.post.answer = func(m posted) mailer.Outcome {
		out := taken
		if out.Detail = "fine \xff\x00"; m.to == subs[3].Email {
			out.Detail = "poison"
		}
		return out
	}
	s.run()
	poll(t, "the others are on record", func() bool {
		counts, err := s.store.DeliveryCounts(t.Context())
		must(t, err)
		return counts[store.Sent] == 7 && counts[store.Attempting] == 1
	})
	s.exec(t, `ALTER TABLE attempts DROP CONSTRAINT wholesome`)
	s.settle()
	if n := s.post.copies()[s.letter(subs[3], "lesson/a").MessageID]; n != 1 {
		t.Errorf("%d copies", n)
	}
}

// A slip in composing or sending is one mail's fault and ends no process.
func TestSlips(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	sub := s.readers(t, 1)[0]
	s.worker.Composer = nil // composing slips on it
	s.run()
	s.settle()
	d := s.letter(sub, "lesson/a")
	if d.State != store.Retry || !d.NextAttemptAt.After(noon) {
		t.Fatalf("%s, next at %v", d.State, d.NextAttemptAt)
	}
	s.stop()
	slips := true
	s.post.answer = func(posted) mailer.Outcome {
		if slips {
			slips = false
			panic("slip")
		}
		return taken
	}
	s.start(s.newWorker("w2", s.post))
	for s.next(noon.Add(8 * time.Hour)) {
	}
	if d = s.letter(sub, "lesson/a"); d.State != store.Sent || d.Attempt != 3 {
		t.Errorf("%s at attempt %d", d.State, d.Attempt)
	}
	if got := s.events(sub); got["retry"] != 1 || got["unknown"] != 1 {
		t.Errorf("the story: %v", got)
	}
}

// A worker that ends waits for what is in the air, and breaks off what does not
// come to its end.
func TestStopWithMailInTheAir(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		grace time.Duration
		state store.DeliveryState
	}{{"it comes to its end", time.Minute, store.Sent}, {"it does not", time.Millisecond, store.Unknown}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, trial(), noon)
			sub := s.readers(t, 1)[0]
			began, goOn := make(chan struct{}), make(chan struct{})
			s.worker = s.newWorker("w1", hanging{began, goOn})
			s.worker.grace = c.grace
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- s.worker.Run(ctx) }()
			<-began
			cancel()
			if c.state == store.Sent {
				close(goOn)
			}
			must(t, <-done)
			if got := s.letter(sub, "lesson/a").State; got != c.state {
				t.Errorf("it is %s", got)
			}
			if n, err := s.store.LiveWorkers(t.Context()); err != nil || n != 0 {
				t.Errorf("%d workers live, %v", n, err)
			}
		})
	}
}

// hanging is a sender whose server does not answer until goOn.
type hanging struct{ began, goOn chan struct{} }

func (h hanging) Send(ctx context.Context, e mailer.Envelope) mailer.Outcome {
	if err := e.Before(); err != nil {
		return mailer.Outcome{Result: mailer.ResultAbandoned, Detail: err.Error()}
	}
	close(h.began)
	select {
	case <-h.goOn:
		return taken
	case <-ctx.Done():
		return unknown
	}
}

// Every connection holds a transaction, and none needs a second one.
func TestTransactionsNeedOneConnection(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	subs := s.readers(t, 24)
	s.claim()
	refs := make([]store.Delivery, len(subs))
	for i, sub := range subs {
		refs[i] = s.letter(sub, "lesson/a")
	}
	cold := s.newRoad() // has read no version yet
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var ready, all sync.WaitGroup
	ready.Add(len(subs))
	for i, sub := range subs {
		all.Go(func() {
			err := s.store.InTx(ctx, noon, func(tx *store.Tx) error {
				ready.Done()
				ready.Wait()
				_, err := cold.Apply(ctx, tx, sub.ID, journey.Event{Event: pacing.Event{Kind: pacing.Slower}, By: journey.ByPage})
				return err
			})
			if err != nil {
				t.Errorf("apply: %v", err)
			}
			_, _, err = cold.Answer(ctx, refs[i].Ref, journey.Answer{Event: pacing.Event{Kind: pacing.Ready}})
			if err != nil {
				t.Errorf("answer: %v", err)
			}
		})
	}
	all.Wait()
}

// Mail that cannot be delivered keeps neither claims nor confirmations from going.
func TestServerDownStarvesNobody(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	subs := s.readers(t, 40)
	s.post.answer = func(m posted) mailer.Outcome {
		if m.subject == "Letter a" {
			return putOff
		}
		return taken
	}
	s.worker.Rate = 1 // a claim takes 30 at most
	s.run()
	s.settle()
	for _, sub := range subs {
		if got := s.states(sub); got != "confirm cancelled, lesson/a retry" {
			t.Fatalf("%s: %s", sub.Email, got)
		}
	}
	must(t, s.road.SignUp(t.Context(), signUpOf("new@example.org", "one")))
	s.settle()
	if got := s.states(s.subscription("new@example.org")); got != "confirm sent" {
		t.Error(got)
	}
}

// A server that hangs with lessons holds up neither a confirmation nor a stop.
func TestServerHangsWithLessonsAlone(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	sub := s.readers(t, 1)[0]
	hung := hanging{make(chan struct{}), make(chan struct{})}
	s.worker.Sender = hung
	s.run()
	<-hung.began
	must(t, s.road.SignUp(t.Context(), signUpOf("new@example.org", "one")))
	poll(t, "the confirmation has gone", func() bool { return len(s.post.all()) == 1 })
	s.reply(s.letter(sub, "lesson/a").Ref, "stop")
	poll(t, "the stop is heard", func() bool { return s.subscription(sub.Email).State.Status == pacing.Stopped })
	close(hung.goOn)
	s.settle()
	if got := s.subscription(sub.Email); got.State.Status != pacing.Stopped || got.EndedAt.IsZero() {
		t.Errorf("%s, ended %v", got.State.Status, got.EndedAt)
	}
}

// Of what waits for a nudge, account mail gets it first.
func TestAccountMailIsNudgedFirst(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	s.readers(t, 5)
	s.claim()
	s.clock.set(noon.Add(time.Second))
	confirm := s.letter(s.signUpOwed(t, "new@example.org"), "confirm")
	s.exec(t, `UPDATE deliveries SET nudged_at = NULL, nudges = 0`)
	must(t, s.store.InTx(t.Context(), noon.Add(time.Minute), func(tx *store.Tx) error {
		due, err := tx.NudgeDeliveries(t.Context(), 1)
		if len(due) != 1 || due[0].ID != confirm.ID {
			t.Errorf("nudged first: %+v, want %d", due, confirm.ID)
		}
		return err
	}))
}

// Redis away costs no nudge its turn: what reached nobody is nudged by the next
// sweep after Redis is back.
func TestRedisAwayAndBack(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	away := s.newRoad()
	away.Nudger = deaf{}
	s.readers(t, 3)
	for range 6 {
		_, _, err := away.Claim(t.Context(), 100)
		must(t, err)
		_, err = away.Sweep(t.Context(), 100)
		must(t, err)
	}
	s.run()
	s.settle()
	if n := len(s.post.all()); n != 3 {
		t.Errorf("%d mails", n)
	}
}

// deaf is a Nudger whose Redis is away.
type deaf struct{}

func (deaf) NudgeIntake(context.Context, int64) error             { return fmt.Errorf("away") }
func (deaf) NudgeReply(context.Context, int64) error              { return fmt.Errorf("away") }
func (deaf) NudgeDeliveries(context.Context, []store.Nudge) error { return fmt.Errorf("away") }

// Two workers' clocks are never quite the same.
func TestClockBehindIsNotTooEarly(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	sub := s.claimOne(t)
	s.clock.set(noon.Add(-20 * time.Millisecond))
	jobs, err := s.road.Take(t.Context(), "behind", []int64{s.letter(sub, "lesson/a").ID})
	if err != nil || len(jobs) != 1 {
		t.Errorf("%d jobs, %v", len(jobs), err)
	}
}
