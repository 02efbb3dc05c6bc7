package main

import (
	"bytes"
	"net/http"
	"slices"
	"syscall"
	"testing"
	"time"

	"longroad/internal/devstack/stacktest"
	"longroad/internal/store"
)

// Redis loses everything while nudges wait in it, then dies while more is
// claimed, then comes back empty. It holds nudges only, so that the sweep gives
// them anew: nothing is lost, nothing doubled.
func TestRedisLost(t *testing.T) {
	t.Parallel()
	redis := stacktest.OwnRedis(t)
	s := newProcesses(t, stacktest.Postgres(t, migrated), redis.URL())
	s.serve()
	before, waiting, after := readers("before", 3), readers("waiting", 3), readers("after", 3)
	worker := s.worker()
	s.signUp(before...)
	s.askedToConfirm(before...)
	worker.signal(syscall.SIGTERM)
	worker.finish()

	s.signUp(waiting...)
	must(t, redis.Flush(t.Context()))
	flushed := time.Now()
	worker = s.worker()

	redis.Kill()
	s.confirm(before...)
	worker.await(`msg="nudge lost, the sweep will give another"`)
	must(t, redis.Restart(t.Context()))

	// What comes now goes at once: the processes have found Redis again.
	s.signUp(after...)
	s.confirm(after...)
	s.letters(1, after...)
	for _, address := range waiting {
		if confirms, _ := s.sink.to(address); len(confirms) != 0 && time.Since(flushed) < store.NudgeAfter {
			t.Errorf("%s was nudged by a Redis that had lost everything", address)
		}
	}
	// What was lost comes with the sweep, a minute after its nudge.
	s.confirm(waiting...)
	s.letters(1, slices.Concat(before, waiting)...)
	s.settled("last@example.org")
	s.onceEach(slices.Concat(before, waiting, after))
}

// PostgreSQL is away when the service starts, and again while a letter is in the
// air: the service waits, says so, and goes on.
func TestPostgresAway(t *testing.T) {
	t.Parallel()
	postgres := stacktest.OwnPostgres(t)
	must(t, postgres.CreateDatabase(t.Context(), "longroad"))
	s := newProcesses(t, postgres.URL("longroad"), stacktest.Redis(t))
	longroad(t, t.TempDir(), s.env, "migrate", "up")

	postgres.Kill(t.Context())
	serve, worker := s.start("serve"), s.start("worker")
	for _, p := range []*program{serve, worker} {
		p.await(`msg="the database does not answer yet, waiting"`)
	}
	must(t, postgres.Restart(t.Context()))
	s.served(serve)
	worker.await(`msg="worker started"`)

	all := readers("reader", 3)
	s.signUp(all...)
	answers := make(chan struct{})
	s.sink.holding(func(m caught) <-chan struct{} {
		if m.confirms() {
			return nil
		}
		return answers
	})
	s.confirm(all...)
	s.letters(1, all...)
	postgres.Kill(t.Context())
	close(answers) // taken, and for now there is nowhere to write that down
	worker.await(`msg="outcomes not on record yet"`)
	status, _ := s.post("/api/v1/subscriptions", "application/json",
		bytes.NewReader([]byte(`{"track": "offender", "email": "early@example.org", "time_zone": "Europe/London", "adult": true, "consent": true}`)))
	if status != http.StatusServiceUnavailable {
		t.Errorf("a sign-up without a database is answered with %d", status)
	}
	if status := s.get("/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("/readyz answers %d without a database", status)
	}
	if status := s.get("/healthz"); status != http.StatusOK {
		t.Errorf("/healthz answers %d without a database", status)
	}
	must(t, postgres.Restart(t.Context()))
	eventually(t, "the pages are ready again", func() bool { return s.get("/readyz") == http.StatusOK })
	s.settled("last@example.org")
	s.onceEach(all)
	if confirms, _ := s.sink.to("early@example.org"); len(confirms) != 0 {
		t.Error("a sign-up that was refused had an effect")
	}
}

// onceEach expects one mail to confirm and one letter each, sent at the first
// attempt.
func (s *processes) onceEach(addresses []string) {
	s.t.Helper()
	for _, address := range addresses {
		confirms, letters := s.sink.to(address)
		if len(confirms) != 1 || len(letters) != 1 {
			s.t.Errorf("%s: %d mails to confirm, %d letters; want one of each", address, len(confirms), len(letters))
		}
		for _, l := range s.why(address).Letters {
			if l.State != string(store.Sent) || l.tries() != "sent" {
				s.t.Errorf("%s: %s is %s, its attempts ended %q", address, l.Kind, l.State, l.tries())
			}
		}
	}
}
