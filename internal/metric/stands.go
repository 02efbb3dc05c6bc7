package metric

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"longroad/internal/store"
)

const (
	fresh    = 5 * time.Second // how long an answer of the database serves
	patience = 3 * time.Second // how long it may take
)

// Source is where the numbers of how things stand come from.
type Source struct {
	Standing func(ctx context.Context, now time.Time) (store.Standing, error)
	Redis    func(ctx context.Context) error // asks whether it answers
	Now      func() time.Time                // the clock of pacing
}

// stands tells how things stand. All processes see the same numbers, so a sum
// over them makes no sense.
type stands struct {
	Source

	mu     sync.Mutex
	asked  time.Time
	last   store.Standing
	failed bool
	redis  bool
}

func newStands(s Source) *stands { return &stands{Source: s} }

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("longroad_"+name, help, labels, nil)
}

var (
	databaseUp = desc("database_up", "1 where the database answers; without it, how things stand is not told.")
	redisUp    = desc("redis_up", "1 where Redis answers. Nothing is lost without it; mails wait for the sweep.")
	overdue    = desc("overdue", "What should have happened by now: deliveries without an outcome, subscriptions that nobody has claimed.", "what")
	oldest     = desc("overdue_oldest_seconds", "How long the oldest of what is overdue has been so; 0 without any.", "what")
	deliveries = desc("deliveries", "Deliveries that are open or were given up, by state. A given-up one waits for an operator.", "state")
	backlog    = desc("backlog", "Deliveries that could be attempted now.")
	workers    = desc("workers", "Workers that gave a sign of life within their lease.")
	intakes    = desc("intakes_open", "Sign-ups that no worker has decided yet.")
	replies    = desc("replies", "Replies that wait: for a worker to read, or for a person.", "for")
	quarantine = desc("quarantine", "What came in and stays for a person, by why.", "why")
	alerts     = desc("alerts_unseen", "Replies that tell of danger and that nobody has looked at, by level.", "level")
	alertsAge  = desc("alerts_oldest_seconds", "How long the oldest of them has waited; 0 without any.", "level")
	bounces    = desc("bounces", "Mails that came back in the last 24 hours, by who says so, type and reason. Spam, blocked, auth, rate-limit and the like speak of the mail server, and not of addresses.", "source", "type", "reason")
)

// Describe tells which numbers there are.
func (s *stands) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{databaseUp, redisUp, overdue, oldest, deliveries, backlog, workers, intakes, replies, quarantine, bounces, alerts, alertsAge} {
		out <- d
	}
}

// Collect gives the numbers, at most a few seconds old.
func (s *stands) Collect(out chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked.IsZero() || time.Since(s.asked) > fresh {
		s.ask()
		s.asked = time.Now()
	}
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	gauge(databaseUp, number(!s.failed))
	gauge(redisUp, number(s.redis))
	if s.failed {
		return
	}
	now, k := s.Now(), s.last
	since := func(t time.Time) float64 {
		if t.IsZero() {
			return 0
		}
		return max(0, now.Sub(t).Seconds())
	}
	gauge(overdue, float64(k.Overdue), "delivery")
	gauge(oldest, since(k.OldestDue), "delivery")
	gauge(overdue, float64(k.Due), "subscription")
	gauge(oldest, since(k.OldestWait), "subscription")
	for state, n := range k.Deliveries {
		gauge(deliveries, float64(n), string(state))
	}
	gauge(backlog, float64(k.Backlog))
	gauge(workers, float64(k.Workers))
	gauge(intakes, float64(k.IntakesOpen))
	gauge(replies, float64(k.RepliesOpen), "worker")
	gauge(replies, float64(k.Unread), "person")
	for why, n := range k.Quarantine {
		gauge(quarantine, float64(n), why)
	}
	for _, level := range []string{"alarm", "gentle"} { // told when there are none, too: an alert rests on it
		n, first := 0, time.Time{}
		for _, a := range k.Alerts {
			if a.Level == level {
				n, first = a.N, a.Oldest
			}
		}
		gauge(alerts, float64(n), level)
		gauge(alertsAge, since(first), level)
	}
	for _, b := range k.Bounces {
		gauge(bounces, float64(b.N), b.Source, b.Type, b.Reason)
	}
}

// ask asks database and Redis at once: each may keep silent.
func (s *stands) ask() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	answers := make(chan error, 1)
	go func() { answers <- s.Redis(ctx) }()
	var err error
	s.last, err = s.Standing(ctx, s.Now())
	s.failed = err != nil
	select {
	case err := <-answers:
		s.redis = err == nil
	case <-ctx.Done():
		s.redis = false
	}
}
