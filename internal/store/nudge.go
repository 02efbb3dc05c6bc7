package store

import (
	"context"
	"time"

	"github.com/lib/pq"
)

// NudgeAfter is how long a nudge is trusted before the sweep gives another; it
// doubles with every nudge.
const NudgeAfter = 60 * time.Second

// Nudge names one delivery to nudge and its lane.
type Nudge struct {
	ID    int64 `db:"id"`
	Queue Queue `db:"queue"`
}

// The condition under which a row may be nudged (again) at $1: never nudged, or
// NudgeAfter ago, doubling up to an hour. A clock that went back counts as long ago.
const nudgeable = `(nudged_at IS NULL OR nudged_at > $1
	OR nudged_at + least(60 * power(2, least(nudges, 10) - 1), 3600) * interval '1 second' <= $1)`

// NudgeDeliveries picks up to limit deliveries that may be attempted now and have
// no fresh nudge, account mail first, and marks them as nudged.
func (t *Tx) NudgeDeliveries(ctx context.Context, limit int) ([]Nudge, error) {
	var due []Nudge
	err := t.tx.SelectContext(ctx, &due, `
		UPDATE deliveries d SET nudged_at = $1, nudges = d.nudges + 1
		FROM (SELECT id FROM deliveries
			WHERE state IN ('owed', 'retry', 'unknown') AND next_attempt_at <= $1 AND `+nudgeable+`
			ORDER BY queue <> 'account', next_attempt_at, id LIMIT $2 FOR UPDATE SKIP LOCKED) AS picked
		WHERE d.id = picked.id RETURNING d.id, d.queue`, t.Now, limit)
	return due, wrap("nudge deliveries", err)
}

// NudgeIntakes picks sign-ups that nobody has decided and marks them as nudged.
func (t *Tx) NudgeIntakes(ctx context.Context, limit int) ([]int64, error) {
	var ids []int64
	err := t.tx.SelectContext(ctx, &ids, `
		UPDATE intakes i SET nudged_at = $1, nudges = i.nudges + 1
		FROM (SELECT id FROM intakes WHERE processed_at IS NULL AND `+nudgeable+`
			ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED) AS picked
		WHERE i.id = picked.id RETURNING i.id`, t.Now, limit)
	return ids, wrap("nudge intakes", err)
}

// NudgeReplies picks replies that nobody has read and marks them as nudged.
func (t *Tx) NudgeReplies(ctx context.Context, limit int) ([]int64, error) {
	var ids []int64
	err := t.tx.SelectContext(ctx, &ids, `
		UPDATE arrivals r SET nudged_at = $1, nudges = r.nudges + 1
		FROM (SELECT id FROM arrivals WHERE processed_at IS NULL AND `+nudgeable+`
			ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED) AS picked
		WHERE r.id = picked.id RETURNING r.id`, t.Now, limit)
	return ids, wrap("nudge replies", err)
}

// MarkNudged notes that deliveries were nudged right after their commit.
func (t *Tx) MarkNudged(ctx context.Context, ids []int64) ([]Nudge, error) {
	var marked []Nudge
	err := t.tx.SelectContext(ctx, &marked, `
		UPDATE deliveries SET nudged_at = $1, nudges = nudges + 1 WHERE id = ANY($2) RETURNING id, queue`, t.Now, pq.Array(ids))
	return marked, wrap("mark nudges", err)
}

// Unnudge forgets nudges that never reached anybody, so that the next sweep need
// not wait for them.
func (t *Tx) Unnudge(ctx context.Context, ids []int64) error {
	_, err := t.tx.ExecContext(ctx, `
		UPDATE deliveries SET nudged_at = NULL, nudges = greatest(nudges - 1, 0)
		WHERE id IN (SELECT id FROM deliveries WHERE id = ANY($1) AND nudged_at IS NOT NULL
			ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)`, pq.Array(ids))
	return wrap("forget nudges", err)
}

// Backlog counts the deliveries that could go now, up to limit.
func (t *Tx) Backlog(ctx context.Context, limit int) (int, error) {
	var n int
	err := t.tx.GetContext(ctx, &n, `
		SELECT count(*) FROM (
			SELECT 1 FROM deliveries WHERE state IN ('owed', 'retry', 'unknown') AND next_attempt_at <= $1 LIMIT $2) AS b`,
		t.Now, limit)
	return n, wrap("backlog", err)
}

// Sendable lists up to limit deliveries that could go now, longest due first.
func (r Reader) Sendable(ctx context.Context, now time.Time, limit int) ([]int64, error) {
	var ids []int64
	err := r.q.SelectContext(ctx, &ids, `
		SELECT id FROM deliveries WHERE state IN ('owed', 'retry', 'unknown') AND next_attempt_at <= $1
		ORDER BY next_attempt_at, id LIMIT $2`, now, limit)
	return ids, wrap("sendable deliveries", err)
}

// NextMoment is the earliest moment at which anything falls due, after which
// Unsettled says whether all of it has an outcome. Zero when nothing will.
func (r Reader) NextMoment(ctx context.Context) (time.Time, error) {
	var at *time.Time
	err := r.q.GetContext(ctx, &at, `
		SELECT min(at) FROM (
			SELECT min(next_due_at) AS at FROM subscriptions WHERE next_due_at IS NOT NULL
			UNION ALL
			SELECT min(next_attempt_at) FROM deliveries WHERE state IN ('owed', 'retry', 'unknown')) AS moments`)
	return utc(at), wrap("next moment", err)
}

// Unsettled counts what is due at now and has no outcome yet: subscriptions to
// claim, deliveries to send or in the air, sign-ups and replies to decide.
func (r Reader) Unsettled(ctx context.Context, now time.Time) (int, error) {
	var n int
	err := r.q.GetContext(ctx, &n, `
		SELECT (SELECT count(*) FROM subscriptions WHERE next_due_at <= $1)
			+ (SELECT count(*) FROM deliveries WHERE state IN ('owed', 'retry', 'unknown') AND next_attempt_at <= $1)
			+ (SELECT count(*) FROM deliveries WHERE state = 'attempting')
			+ (SELECT count(*) FROM intakes WHERE processed_at IS NULL)
			+ (SELECT count(*) FROM arrivals WHERE processed_at IS NULL)`, now)
	return n, wrap("unsettled", err)
}
