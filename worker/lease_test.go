package worker

import (
	"testing"
	"time"

	"longroad/internal/mailer"
	"longroad/internal/store"
)

// What a dead worker held is with another one within a lease of its last sign of
// life. Here that sign is a renewal, the worst case, and the other one is at work.
func TestTakenUpWithinALease(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	sub := s.claimOne(t)
	d := s.letter(sub, "lesson/a")
	jobs, err := s.road.Take(t.Context(), "dead", []int64{d.ID})
	must(t, err)
	if len(jobs) != 1 {
		t.Fatalf("%d jobs", len(jobs))
	}
	must(t, s.store.InTx(t.Context(), noon, func(tx *store.Tx) error {
		_, err := tx.Renew(t.Context(), "dead", []store.Lent{lentOf(jobs[0])})
		return err
	}))
	died := time.Now()
	s.worker.Tick = time.Second // as it is for readers
	s.post.arrived = make(chan posted, 1)
	s.run()
	<-s.post.arrived
	took := time.Since(died)
	if took > store.Lease {
		t.Errorf("taken up after %s, want %s at most", took, store.Lease)
	}
	if least := store.Lease - store.Handover; took < least {
		t.Errorf("taken up after %s, and its worker had the lease for %s", took, least)
	}
}

// A worker whose mail server takes longer than a lease keeps its mail, however
// many others sweep meanwhile.
func TestNothingTakenFromTheLiving(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	sub := s.claimOne(t)
	mail := hanging{make(chan struct{}), make(chan struct{})}
	stop := s.start(s.newWorker("slow", mail))
	<-mail.began
	other := s.newWorker("other", s.post)
	other.settled = 0
	s.start(other)
	held := time.NewTimer(store.Lease + 2*time.Second) // real time: leases know no other
	defer held.Stop()
	<-held.C
	if d := s.letter(sub, "lesson/a"); d.State != store.Attempting || d.Attempt != 1 {
		t.Errorf("the delivery is %s at attempt %d", d.State, d.Attempt)
	}
	if n := len(s.post.all()); n != 0 {
		t.Errorf("%d copies went while the first was in the air", n)
	}
	close(mail.goOn)
	stop()
	if got := s.states(sub); got != "confirm cancelled, lesson/a sent" {
		t.Error(got)
	}
}

// The database is away for longer than a lease, while mails are in the air. When
// it is back all leases have run out, and still nothing is taken from a worker
// that lives: it writes down what it knows.
func TestDatabaseAwayLongerThanALease(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	subs := s.readers(t, 20)
	gone, goOn := make(chan struct{}, len(subs)), make(chan struct{})
	s.post.answer = func(posted) mailer.Outcome {
		gone <- struct{}{}
		<-goOn
		return taken
	}
	s.run()
	for range subs {
		<-gone
	}
	s.start(s.newWorker("w2", s.post))
	giveBack := s.cutOff(t)
	close(goOn)
	ranOut := time.NewTimer(store.Lease) // real time: leases know no other
	defer ranOut.Stop()
	<-ranOut.C
	giveBack()
	s.settle()
	for _, sub := range subs {
		d := s.letter(sub, "lesson/a")
		if d.State != store.Sent || d.Attempt != 1 || s.post.copies()[d.MessageID] != 1 {
			t.Errorf("%s: %s at attempt %d, %d copies", sub.Email, d.State, d.Attempt, s.post.copies()[d.MessageID])
		}
	}
}
