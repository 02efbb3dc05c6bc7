package worker

import (
	"bytes"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"longroad/internal/mailer"
	"longroad/internal/store"
)

// blackout is a mail server that refuses everything while it is dark, and a
// circuit whose clock a test moves.
type blackout struct {
	*stack
	real     *clock
	dark     atomic.Bool
	attempts atomic.Int32
}

func newBlackout(t *testing.T, readers int) (*blackout, []store.Subscription) {
	b := &blackout{stack: newStack(t, trial(), noon), real: &clock{now: noon}}
	b.dark.Store(true)
	b.worker.Circuit = mailer.NewCircuit(b.real.Now, func() float64 { return 0 })
	b.worker.look = 5 * time.Millisecond
	b.post.answer = func(posted) mailer.Outcome {
		b.attempts.Add(1)
		if b.dark.Load() {
			return mailer.Outcome{Result: mailer.ResultRetry, Code: 451, Enhanced: "4.3.2", Blame: mailer.BlameServer}
		}
		return mailer.Outcome{Result: mailer.ResultSent, Code: 250}
	}
	return b, b.readers(t, readers)
}

// pass lets time go by, for the readers and for the circuit.
func (b *blackout) pass(d time.Duration) {
	b.clock.set(b.clock.Now().Add(d))
	b.real.set(b.real.Now().Add(d))
}

// tried counts the attempts that are on record, and their deliveries.
func (b *blackout) tried(subs []store.Subscription) (attempts, deliveries int, all []store.Delivery) {
	b.t.Helper()
	for _, sub := range subs {
		d := b.letter(sub, "lesson/a")
		all = append(all, d)
		if attempts += d.Attempt; d.Attempt > 0 {
			deliveries++
		}
	}
	return attempts, deliveries, all
}

// TestServerDownForDays has the server refuse everything for three days. What is
// due waits as it is, nothing is given up, and when the server is back everything
// goes, once.
func TestServerDownForDays(t *testing.T) {
	t.Parallel()
	b, subs := newBlackout(t, 60)
	b.claim()
	b.run()
	poll(t, "the circuit opens", b.worker.Circuit.Open)
	poll(t, "all outcomes are on record", func() bool { return b.nothingInTheAir(t) })
	opened := int(b.attempts.Load())
	const tries = 24
	for i := range tries {
		before := b.attempts.Load()
		b.pass(3 * time.Hour)
		poll(t, "a mail tries", func() bool { return b.attempts.Load() > before })
		poll(t, "its outcome is on record", func() bool { return b.nothingInTheAir(t) })
		if n := b.attempts.Load() - before; n != 1 || !b.worker.Circuit.Open() {
			t.Fatalf("try %d: %d attempts, open %v", i, n, b.worker.Circuit.Open())
		}
	}
	attempts, _, all := b.tried(subs)
	if want := opened + tries; attempts != want || opened > len(subs) {
		t.Errorf("%d attempts on record, %d were made: %d before it opened", attempts, want, opened)
	}
	for _, d := range all {
		if d.State != store.Owed && d.State != store.Retry || d.Failures > 1 {
			t.Errorf("%s is %s after %d failures", d.Step, d.State, d.Failures)
		}
	}
	b.dark.Store(false)
	b.pass(5 * time.Minute)
	poll(t, "the circuit closes", func() bool { return !b.worker.Circuit.Open() })
	for range 3 { // those that were put off are due a minute later
		b.settle()
		b.pass(time.Minute)
	}
	b.settle()
	for _, sub := range subs {
		if d := b.letter(sub, "lesson/a"); d.State != store.Sent || b.post.copies()[d.MessageID] != 1 {
			t.Errorf("%s is %s, with %d copies", d.Step, d.State, b.post.copies()[d.MessageID])
		}
	}
}

func (b *blackout) nothingInTheAir(t *testing.T) bool {
	counts, err := b.store.DeliveryCounts(t.Context())
	must(t, err)
	return counts[store.Attempting] == 0
}

// TestOneMailWhileTheServerIsDown has nothing but one mail to try with, for longer
// than any server may put a mail off.
func TestOneMailWhileTheServerIsDown(t *testing.T) {
	t.Parallel()
	b, subs := newBlackout(t, 1)
	b.run()
	for range 30 {
		before := b.attempts.Load()
		poll(t, "the mail is tried", func() bool {
			b.pass(time.Minute)
			return b.attempts.Load() > before
		})
		poll(t, "its outcome is on record", func() bool { return b.nothingInTheAir(t) })
	}
	if d := b.letter(subs[0], "lesson/a"); d.State != store.Retry {
		t.Fatalf("the letter is %s", d.State)
	}
	b.dark.Store(false)
	poll(t, "the mail goes", func() bool {
		b.pass(time.Minute)
		return b.letter(subs[0], "lesson/a").State == store.Sent
	})
}

// TestRecipientsDoNotPause goes on to send where only recipients are refused.
func TestRecipientsDoNotPause(t *testing.T) {
	t.Parallel()
	b, subs := newBlackout(t, 30)
	b.post.answer = func(posted) mailer.Outcome {
		return mailer.Outcome{Result: mailer.ResultRefused, Code: 550, Enhanced: "5.1.1", BadRecipient: true, Blame: mailer.BlameMail}
	}
	b.run()
	b.settle()
	for _, sub := range subs {
		if d := b.letter(sub, "lesson/a"); d.State != store.GivenUp {
			t.Errorf("the letter is %s", d.State)
		}
	}
	if b.worker.Circuit.Open() {
		t.Error("sending pauses")
	}
}

// TestStopWhilePaused ends a worker whose tasks wait for the server.
func TestStopWhilePaused(t *testing.T) {
	t.Parallel()
	b, _ := newBlackout(t, 60)
	b.claim()
	b.run()
	poll(t, "the circuit opens", b.worker.Circuit.Open)
	began := time.Now()
	b.stop()
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestSigned signs what goes out, and keeps back what cannot be signed.
func TestSigned(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	var broken atomic.Bool
	s.worker.Sign = func(raw []byte) ([]byte, error) {
		if broken.Load() {
			return nil, errors.New("no key")
		}
		return append([]byte("DKIM-Signature: v=1\r\n"), raw...), nil
	}
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	for _, m := range s.post.all() {
		if !bytes.HasPrefix(m.raw, []byte("DKIM-Signature: v=1\r\n")) || m.subject == "" {
			t.Errorf("unsigned: %.200s", m.raw)
		}
	}
	broken.Store(true)
	other := s.signUp("other@example.org", "one")
	s.settle()
	if got := s.states(other); got != "confirm cancelled, lesson/a retry" {
		t.Errorf("unsigned, it is %s", got)
	}
	if got := s.states(sub); got != "confirm sent, lesson/a sent" {
		t.Errorf("signed, it is %s", got)
	}
}
