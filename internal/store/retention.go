package store

import (
	"context"
	"time"

	"github.com/lib/pq"
)

// unconfirmed finds subscriptions s that wait for a confirmation and were last
// asked for it before $1. Who stopped a course before is remembered until $2, so
// that nobody can have them asked over and over.
const unconfirmed = `
	s.status = 'pending' AND s.created_at < $1
	AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.subscription_id = s.id
		AND (d.state IN ('owed', 'attempting', 'retry', 'unknown') OR coalesce(d.sent_at, d.owed_at) >= $1
			OR d.owed_at >= $2 AND EXISTS (SELECT 1 FROM subscriptions e WHERE e.subscriber_id = s.subscriber_id AND e.status = 'stopped')))`

// DropUnconfirmed removes up to limit subscriptions that were never confirmed,
// last asked before the moment asked (or stopped, for who stopped a course
// before), and the people whom nothing else hangs on. Replies to what asked them
// stay, for a person to read.
func (t *Tx) DropUnconfirmed(ctx context.Context, asked, stopped time.Time, limit int) (int, error) {
	var people, subs []int64
	if err := t.tx.SelectContext(ctx, &people, `
		SELECT id FROM subscribers WHERE id IN (
			SELECT s.subscriber_id FROM subscriptions s WHERE `+unconfirmed+` ORDER BY s.id LIMIT $3)
		ORDER BY id FOR UPDATE SKIP LOCKED`, asked.UTC(), stopped.UTC(), limit); err != nil || len(people) == 0 {
		return 0, wrap("drop unconfirmed", err)
	}
	if err := t.tx.SelectContext(ctx, &subs, `
		SELECT s.id FROM subscriptions s WHERE s.subscriber_id = ANY($3) AND `+unconfirmed+` ORDER BY s.id FOR UPDATE`,
		asked.UTC(), stopped.UTC(), pq.Array(people)); err != nil {
		return 0, wrap("drop unconfirmed", err)
	}
	var deliveries []int64
	if err := t.tx.SelectContext(ctx, &deliveries, `
		SELECT id FROM deliveries WHERE subscription_id = ANY($1) ORDER BY id FOR UPDATE`, pq.Array(subs)); err != nil {
		return 0, wrap("drop unconfirmed", err)
	}
	for _, step := range []struct {
		query string
		ids   []int64
	}{
		{`UPDATE arrivals SET delivery_id = NULL WHERE delivery_id = ANY($1)`, deliveries},
		{`UPDATE bounces SET delivery_id = NULL WHERE delivery_id = ANY($1)`, deliveries},
		{`DELETE FROM journals WHERE subscription_id = ANY($1)`, subs},
		{`DELETE FROM receipts WHERE delivery_id = ANY($1)`, deliveries},
		{`DELETE FROM alerts WHERE subscription_id = ANY($1)`, subs},
		{`DELETE FROM attempts WHERE delivery_id = ANY($1)`, deliveries},
		{`DELETE FROM events WHERE subscription_id = ANY($1)`, subs},
		{`DELETE FROM deliveries WHERE id = ANY($1)`, deliveries},
		{`DELETE FROM consents WHERE subscription_id = ANY($1)`, subs},
		{`DELETE FROM subscriptions WHERE id = ANY($1)`, subs},
		{`DELETE FROM subscribers b WHERE id = ANY($1)
			AND NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.subscriber_id = b.id)`, people},
	} {
		if _, err := t.tx.ExecContext(ctx, step.query, pq.Array(step.ids)); err != nil {
			return 0, wrap("drop unconfirmed", err)
		}
	}
	return len(subs), nil
}

// DropIntakes removes up to limit notes of sign-ups that were decided before a
// moment.
func (t *Tx) DropIntakes(ctx context.Context, decided time.Time, limit int) (int, error) {
	result, err := t.tx.ExecContext(ctx, `
		DELETE FROM intakes WHERE id IN (SELECT id FROM intakes WHERE processed_at < $1 ORDER BY id LIMIT $2)`, decided.UTC(), limit)
	if err != nil {
		return 0, wrap("drop sign-ups", err)
	}
	n, err := result.RowsAffected()
	return int(n), wrap("drop sign-ups", err)
}

// asleep finds subscriptions s that rest and of which nothing was heard since $1.
const asleep = `
	s.status = 'resting' AND (SELECT e.at FROM events e WHERE e.subscription_id = s.id ORDER BY e.id DESC LIMIT 1) < $1`

// Asleep lists up to limit subscriptions that rest and whose last event came
// before a moment.
func (r Reader) Asleep(ctx context.Context, since time.Time, limit int) ([]int64, error) {
	var ids []int64
	err := r.q.SelectContext(ctx, &ids, `SELECT s.id FROM subscriptions s WHERE `+asleep+` ORDER BY s.id LIMIT $2`, since.UTC(), limit)
	return ids, wrap("resting subscriptions", err)
}

// Retained counts what is kept for a time, and how much of it is past that.
type Retained struct {
	Unconfirmed, UnconfirmedPast int
	Intakes, IntakesPast         int // decided ones
	Choices, ChoicesPast         int
	Resting, RestingPast         int
}

// Retained counts what is kept for a time; the moments are those of Retain.
func (r Reader) Retained(ctx context.Context, asked, stopped, decided, offered, since time.Time) (Retained, error) {
	var k Retained
	for _, count := range []struct {
		into  *int
		query string
		args  []any
	}{
		{&k.Unconfirmed, `SELECT count(*) FROM subscriptions WHERE status = 'pending'`, nil},
		{&k.UnconfirmedPast, `SELECT count(*) FROM subscriptions s WHERE ` + unconfirmed, []any{asked.UTC(), stopped.UTC()}},
		{&k.Intakes, `SELECT count(*) FROM intakes WHERE processed_at IS NOT NULL`, nil},
		{&k.IntakesPast, `SELECT count(*) FROM intakes WHERE processed_at < $1`, []any{decided.UTC()}},
		{&k.Choices, `SELECT count(*) FROM choices`, nil},
		{&k.ChoicesPast, `SELECT count(*) FROM choices WHERE created_at < $1`, []any{offered.UTC()}},
		{&k.Resting, `SELECT count(*) FROM subscriptions WHERE status = 'resting'`, nil},
		{&k.RestingPast, `SELECT count(*) FROM subscriptions s WHERE ` + asleep, []any{since.UTC()}},
	} {
		if err := r.q.GetContext(ctx, count.into, count.query, count.args...); err != nil {
			return k, wrap("count what is kept", err)
		}
	}
	return k, nil
}

// RetainedArrivals counts what came in and is kept for a time.
type RetainedArrivals struct {
	Unread, UnreadPast         int
	Quarantine, QuarantinePast int
	Readings, ReadingsPast     int
	Bounces, BouncesPast       int
}

// RetainedArrivals counts what came in and is kept for a time, and how much of it
// came before the moments.
func (r Reader) RetainedArrivals(ctx context.Context, unread, quarantine, readings, bounces time.Time) (RetainedArrivals, error) {
	var k RetainedArrivals
	for _, count := range []struct {
		all, past *int
		what, at  string
		before    time.Time
	}{
		{&k.Unread, &k.UnreadPast, `arrivals WHERE processed_at IS NULL`, `received_at`, unread},
		{&k.Quarantine, &k.QuarantinePast, `arrivals WHERE kept <> ''`, `received_at`, quarantine},
		{&k.Readings, &k.ReadingsPast, `arrivals WHERE processed_at IS NOT NULL AND kept = ''`, `processed_at`, readings},
		{&k.Bounces, &k.BouncesPast, `bounces`, `at`, bounces},
	} {
		var n struct {
			All  int `db:"all"`
			Past int `db:"past"`
		}
		err := r.q.GetContext(ctx, &n, `SELECT count(*) AS "all", count(*) FILTER (WHERE `+count.at+` < $1) AS past FROM `+count.what, count.before.UTC())
		if err != nil {
			return k, wrap("count what came in", err)
		}
		*count.all, *count.past = n.All, n.Past
	}
	return k, nil
}

// OpenReplies counts the replies that no worker has read yet.
func (r Reader) OpenReplies(ctx context.Context) (int, error) {
	var n int
	err := r.q.GetContext(ctx, &n, `SELECT count(*) FROM arrivals WHERE processed_at IS NULL`)
	return n, wrap("open replies", err)
}
