package worker

import (
	"context"
	"fmt"
	"testing"
	"time"

	"longroad/internal/mailer"
	"longroad/internal/store"
)

// nowhere takes every mail at once.
type nowhere struct{}

func (nowhere) Send(_ context.Context, e mailer.Envelope) mailer.Outcome {
	if err := e.Before(); err != nil {
		return mailer.Outcome{Result: mailer.ResultAbandoned, Detail: err.Error()}
	}
	return taken
}

// BenchmarkLetters claims, takes, composes and records the letters of 10,000
// readers who are all due at once; run it with -benchtime 1x.
func BenchmarkLetters(b *testing.B) {
	const readers = 10_000
	for b.Loop() {
		b.StopTimer()
		s := newStack(b, trial(), noon)
		s.multiply(b, s.readers(b, 1)[0], readers)
		s.worker = s.newWorker("w1", nowhere{})
		s.worker.Rate = 2000
		b.StartTimer()
		began := time.Now()
		stop := s.start(s.worker)
		pollFor(b, 5*time.Minute, "all letters have gone", func() bool {
			n, err := s.store.Unsettled(b.Context(), noon)
			must(b, err)
			return n == 0
		})
		b.ReportMetric(readers/time.Since(began).Seconds(), "letters/s")
		stop()
		counts, err := s.store.DeliveryCounts(b.Context())
		must(b, err)
		if counts[store.Sent] != readers {
			b.Fatalf("%v", counts)
		}
	}
}

// multiply makes n readers out of one.
func (s *stack) multiply(t testing.TB, sub store.Subscription, n int) {
	t.Helper()
	s.exec(t, fmt.Sprintf(`INSERT INTO subscribers (ref, email, email_key, created_at)
		SELECT decode(lpad(to_hex(i), 20, '0'), 'hex'), 'm' || i || '@example.org', 'm' || i || '@example.org', b.created_at
		FROM subscribers b, generate_series(2, %d) AS i`, n))
	s.exec(t, `INSERT INTO subscriptions (ref, subscriber_id, course, track, version, time_zone, status, pacing, next_due_at, created_at, confirmed_at)
		SELECT b.ref, b.id, s.course, s.track, s.version, s.time_zone, s.status, s.pacing, s.next_due_at, s.created_at, s.confirmed_at
		FROM subscriptions s, subscribers b WHERE s.id = $1 AND b.id <> s.subscriber_id`, sub.ID)
	s.exec(t, `ANALYZE`)
}
