package store

import (
	"context"
	"time"
)

// StatusCount is how many subscriptions of a course have a status.
type StatusCount struct {
	Course string `db:"course"`
	Status string `db:"status"`
	N      int    `db:"n"`
}

// StatusCounts counts subscriptions by course and status.
func (r Reader) StatusCounts(ctx context.Context) ([]StatusCount, error) {
	var all []StatusCount
	err := r.q.SelectContext(ctx, &all, `
		SELECT course, status, count(*) AS n FROM subscriptions GROUP BY course, status ORDER BY course, status`)
	return all, wrap("count subscriptions", err)
}

// DeliveryCounts counts deliveries by state; a state that no delivery has is
// not in the map.
func (r Reader) DeliveryCounts(ctx context.Context) (map[DeliveryState]int, error) {
	var rows []struct {
		State DeliveryState `db:"state"`
		N     int           `db:"n"`
	}
	err := r.q.SelectContext(ctx, &rows, `SELECT state, count(*) AS n FROM deliveries GROUP BY state`)
	counts := make(map[DeliveryState]int, len(rows))
	for _, r := range rows {
		counts[r.State] = r.N
	}
	return counts, wrap("count deliveries", err)
}

// Overdue counts the deliveries that should have gone at now and have no
// outcome, and says when the oldest of them should have; zero without any.
func (r Reader) Overdue(ctx context.Context, now time.Time) (int, time.Time, error) {
	var row struct {
		N      int        `db:"n"`
		Oldest *time.Time `db:"oldest"`
	}
	err := r.q.GetContext(ctx, &row, `
		SELECT count(*) AS n, min(due_at) AS oldest FROM deliveries
		WHERE state IN ('owed', 'attempting', 'retry', 'unknown') AND due_at <= $1`, now.UTC())
	return row.N, utc(row.Oldest), wrap("overdue deliveries", err)
}

// UnknownAttempts counts the attempts, ever, whose outcome nobody knows.
func (r Reader) UnknownAttempts(ctx context.Context) (int, error) {
	var n int
	err := r.q.GetContext(ctx, &n, `SELECT count(*) FROM attempts WHERE outcome = 'unknown'`)
	return n, wrap("count unknown outcomes", err)
}

// GivenUpDelivery is a delivery that was given up, with the server's last answer.
type GivenUpDelivery struct {
	Delivery
	Code     int
	Enhanced string
}

// GivenUpDeliveries lists up to limit deliveries that were given up, the newest
// first.
func (r Reader) GivenUpDeliveries(ctx context.Context, limit int) ([]GivenUpDelivery, error) {
	var rows []struct {
		deliveryRow
		Code     int    `db:"code"`
		Enhanced string `db:"enhanced"`
	}
	err := r.q.SelectContext(ctx, &rows, `
		SELECT `+deliveryColumns+`, coalesce(a.code, 0) AS code, coalesce(a.enhanced, '') AS enhanced
		FROM deliveries d LEFT JOIN attempts a ON a.delivery_id = d.id AND a.n = d.attempt
		WHERE d.state = 'given-up' ORDER BY d.ended_at DESC, d.id DESC LIMIT $1`, limit)
	all := make([]GivenUpDelivery, len(rows))
	for i, r := range rows {
		all[i] = GivenUpDelivery{Delivery: r.delivery(), Code: r.Code, Enhanced: r.Enhanced}
	}
	return all, wrap("given-up deliveries", err)
}

// OpenIntakes counts the sign-ups that no worker has decided yet.
func (r Reader) OpenIntakes(ctx context.Context) (int, error) {
	var n int
	err := r.q.GetContext(ctx, &n, `SELECT count(*) FROM intakes WHERE processed_at IS NULL`)
	return n, wrap("open sign-ups", err)
}
