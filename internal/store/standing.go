package store

import (
	"context"
	"time"
)

// Standing is how things stand, in numbers that tell of nobody. Each costs a look
// at what is open, however much was sent before.
type Standing struct {
	Deliveries map[DeliveryState]int // open ones and given-up ones
	Overdue    int                   // deliveries that should have gone and have no outcome
	OldestDue  time.Time             // when the oldest of them should have gone; zero without any
	Backlog    int                   // deliveries that could be attempted now

	Due        int       // subscriptions whose time has come and that nobody has claimed
	OldestWait time.Time // when the first of them came due; zero without any

	IntakesOpen int
	RepliesOpen int            // that no worker has read
	Unread      int            // that a person has to read
	Quarantine  map[string]int // the same, by why
	Bounces     []BounceCount  // of the last 24 hours
	Alerts      []Unseen       // that nobody has seen
	Workers     int            // seen within their lease
}

// Standing counts how things stand at now.
func (r Reader) Standing(ctx context.Context, now time.Time) (Standing, error) {
	s := Standing{Deliveries: map[DeliveryState]int{Owed: 0, Attempting: 0, Retry: 0, Unknown: 0, GivenUp: 0}}
	var rows []struct {
		State   DeliveryState `db:"state"`
		N       int           `db:"n"`
		Overdue int           `db:"overdue"`
		Oldest  *time.Time    `db:"oldest"`
		Backlog int           `db:"backlog"`
	}
	// Each half has a partial index of its own.
	err := r.q.SelectContext(ctx, &rows, `
		SELECT state, count(*) AS n, count(*) FILTER (WHERE due_at <= $1) AS overdue,
			min(due_at) FILTER (WHERE due_at <= $1) AS oldest, count(*) FILTER (WHERE next_attempt_at <= $1) AS backlog
		FROM deliveries WHERE state IN ('owed', 'retry', 'unknown') GROUP BY state
		UNION ALL
		SELECT state, count(*), count(*) FILTER (WHERE due_at <= $1), min(due_at) FILTER (WHERE due_at <= $1), 0
		FROM deliveries WHERE state = 'attempting' GROUP BY state
		UNION ALL
		SELECT state, count(*), 0, NULL, 0 FROM deliveries WHERE state = 'given-up' GROUP BY state`, now.UTC())
	if err != nil {
		return s, wrap("standing of deliveries", err)
	}
	for _, row := range rows {
		s.Deliveries[row.State] = row.N
		s.Overdue += row.Overdue
		s.Backlog += row.Backlog
		if oldest := utc(row.Oldest); !oldest.IsZero() && (s.OldestDue.IsZero() || oldest.Before(s.OldestDue)) {
			s.OldestDue = oldest
		}
	}
	var due struct {
		N      int        `db:"n"`
		Oldest *time.Time `db:"oldest"`
	}
	err = r.q.GetContext(ctx, &due, `
		SELECT count(*) AS n, min(next_due_at) AS oldest FROM subscriptions WHERE next_due_at <= $1`, now.UTC())
	if err != nil {
		return s, wrap("standing of subscriptions", err)
	}
	s.Due, s.OldestWait = due.N, utc(due.Oldest)
	if s.IntakesOpen, err = r.OpenIntakes(ctx); err != nil {
		return s, err
	}
	if s.RepliesOpen, err = r.OpenReplies(ctx); err != nil {
		return s, err
	}
	if s.Quarantine, err = r.QuarantineCounts(ctx); err != nil {
		return s, err
	}
	for _, n := range s.Quarantine {
		s.Unread += n
	}
	if s.Bounces, err = r.BounceCounts(ctx, now.Add(-24*time.Hour)); err != nil {
		return s, err
	}
	if s.Alerts, err = r.UnseenAlerts(ctx); err != nil {
		return s, err
	}
	s.Workers, err = r.LiveWorkers(ctx)
	return s, err
}
