package main

import (
	"slices"
	"syscall"
	"testing"
	"time"

	"longroad/internal/devstack/stacktest"
	"longroad/internal/store"
)

// A worker is killed while its mails are in the air: some were taken and it never
// noted so, for others the server has not answered yet. Another worker takes all
// of them up when the leases have run out, each under its own Message-ID, once.
func TestWorkerKilled(t *testing.T) {
	t.Parallel()
	s := newProcesses(t, stacktest.Postgres(t, migrated), stacktest.Redis(t))
	s.serve()
	first := s.worker()
	taken, hanging := readers("taken", 3), readers("hanging", 3)
	all := slices.Concat(taken, hanging)
	s.signUp(all...)
	answers, never := make(chan struct{}), make(chan struct{})
	s.sink.holding(func(m caught) <-chan struct{} {
		switch {
		case m.confirms():
			return nil
		case slices.Contains(taken, m.to):
			return answers
		}
		return never
	})
	s.confirm(all...)
	s.letters(1, all...)
	s.sink.holding(nil)

	// It stands still, so that it surely notes nothing, while the server says 250.
	first.signal(syscall.SIGSTOP)
	close(answers)
	s.sink.await("the answers", func(mails []caught) bool {
		n := 0
		for _, m := range mails {
			if m.answered && !m.confirms() {
				n++
			}
		}
		return n == len(taken)
	})
	first.kill()
	killed := time.Now()
	for _, address := range all {
		if l := s.why(address).Letters[1]; l.State != string(store.Attempting) || l.tries() != "" || len(l.Attempts) != 1 {
			t.Fatalf("%s: the letter is %s, its attempts ended %q", address, l.State, l.tries())
		}
	}

	second := s.worker()
	s.letters(2, all...)
	if took := time.Since(killed); took > 2*store.Lease {
		t.Errorf("the second worker took up after %s; a lease is %s", took, store.Lease)
	}
	s.settled("after@example.org")
	second.signal(syscall.SIGTERM)
	second.finish()
	for _, address := range all {
		confirms, letters := s.sink.to(address)
		if len(confirms) != 1 || len(letters) != 2 {
			t.Fatalf("%s: %d mails to confirm, %d copies of the letter; want 1 and 2", address, len(confirms), len(letters))
		}
		if letters[0].id == "" || letters[0].id != letters[1].id || letters[0].text != letters[1].text {
			t.Errorf("%s: the copies are %s and %s", address, letters[0].id, letters[1].id)
		}
		told := s.why(address)
		if len(told.Letters) != 2 {
			t.Fatalf("%s: %d letters", address, len(told.Letters))
		}
		l := told.Letters[1]
		if l.State != string(store.Sent) || l.tries() != "unknown, sent" || "<"+l.MessageID+">" != letters[0].id {
			t.Errorf("%s: the letter is %s, its attempts ended %q, its Message-ID is %s", address, l.State, l.tries(), l.MessageID)
		}
		if l.Attempts[0].Worker == l.Attempts[1].Worker {
			t.Errorf("%s: both attempts are by %s", address, l.Attempts[0].Worker)
		}
	}
}

// A worker that is asked to end finishes what is in the air, while another one
// is at work already: nothing is lost and nothing doubled.
func TestWorkerTerminated(t *testing.T) {
	t.Parallel()
	s := newProcesses(t, stacktest.Postgres(t, migrated), stacktest.Redis(t))
	s.serve()
	first := s.worker()
	all := readers("reader", 12) // more than the connections that it has
	s.signUp(all...)
	answers := make(chan struct{})
	s.sink.holding(func(m caught) <-chan struct{} {
		if m.confirms() {
			return nil
		}
		return answers
	})
	s.confirm(all...)
	s.sink.await("letters on every connection", func(mails []caught) bool {
		n := 0
		for _, m := range mails {
			if !m.confirms() {
				n++
			}
		}
		return n == 8
	})
	first.signal(syscall.SIGTERM)
	first.await(`msg="worker stops`)
	s.worker()
	close(answers)
	first.finish()
	s.settled("after@example.org")
	for _, address := range all {
		confirms, letters := s.sink.to(address)
		if len(confirms) != 1 || len(letters) != 1 {
			t.Errorf("%s: %d mails to confirm, %d letters; want one of each", address, len(confirms), len(letters))
		}
		if l := s.why(address).Letters[1]; l.State != string(store.Sent) || l.tries() != "sent" {
			t.Errorf("%s: the letter is %s, its attempts ended %q", address, l.State, l.tries())
		}
	}
}
