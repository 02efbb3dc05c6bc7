package store

import (
	"context"
	"time"

	"github.com/lib/pq"
)

// Erased counts the rows that were removed with a person.
type Erased struct {
	Subscriptions int
	Deliveries    int
	Attempts      int
	Events        int
	Consents      int
	Replies       int
	Intakes       int // sign-ups of that address that no worker had decided
	InTheAir      int // of the deliveries: handed over right now, they may still arrive
}

// Erase removes a person and every row that hangs on them. It locks what others
// lock before they write (person, subscriptions, deliveries), so that whoever
// comes later finds nothing to write to.
func (t *Tx) Erase(ctx context.Context, subscriberID int64) (Erased, error) {
	var done Erased
	var key string
	err := t.tx.GetContext(ctx, &key, `SELECT email_key FROM subscribers WHERE id = $1`, subscriberID)
	if err := one("subscriber", err); err != nil {
		return done, err
	}
	// First, since deciding on a sign-up holds it while asking for the person.
	if done.Intakes, err = t.remove(ctx, `
		DELETE FROM intakes WHERE processed_at IS NULL AND lower(btrim(fields->>'email')) = $1`, key); err != nil {
		return done, err
	}
	var subs, deliveries []int64
	for _, lock := range []struct {
		ids   *[]int64
		query string
	}{
		{new([]int64), `SELECT id FROM subscribers WHERE id = $1 FOR UPDATE`},
		{&subs, `SELECT id FROM subscriptions WHERE subscriber_id = $1 ORDER BY id FOR UPDATE`},
		{&deliveries, `SELECT id FROM deliveries
			WHERE subscription_id IN (SELECT id FROM subscriptions WHERE subscriber_id = $1) ORDER BY id FOR UPDATE`},
	} {
		if err := t.tx.SelectContext(ctx, lock.ids, lock.query, subscriberID); err != nil {
			return done, wrap("erase", err)
		}
	}
	if err := t.tx.GetContext(ctx, &done.InTheAir, `
		SELECT count(*) FROM deliveries WHERE id = ANY($1) AND state = 'attempting'`, pq.Array(deliveries)); err != nil {
		return done, wrap("erase", err)
	}
	for _, step := range []struct {
		count *int
		query string
		ids   any
	}{
		{&done.Replies, `DELETE FROM arrivals WHERE delivery_id = ANY($1)`, pq.Array(deliveries)},
		{new(int), `DELETE FROM receipts WHERE delivery_id = ANY($1)`, pq.Array(deliveries)},
		{new(int), `DELETE FROM bounces WHERE delivery_id = ANY($1)`, pq.Array(deliveries)},
		{new(int), `DELETE FROM alerts WHERE subscription_id = ANY($1)`, pq.Array(subs)},
		{new(int), `DELETE FROM journals WHERE subscription_id = ANY($1)`, pq.Array(subs)},
		{&done.Attempts, `DELETE FROM attempts WHERE delivery_id = ANY($1)`, pq.Array(deliveries)},
		{&done.Events, `DELETE FROM events WHERE subscription_id = ANY($1)`, pq.Array(subs)},
		{new(int), `DELETE FROM choices WHERE delivery_id = ANY($1)`, pq.Array(deliveries)},
		{&done.Deliveries, `DELETE FROM deliveries WHERE id = ANY($1)`, pq.Array(deliveries)},
		{&done.Consents, `DELETE FROM consents WHERE subscription_id = ANY($1)`, pq.Array(subs)},
		{&done.Subscriptions, `DELETE FROM subscriptions WHERE id = ANY($1)`, pq.Array(subs)},
		{new(int), `DELETE FROM subscribers WHERE id = $1`, subscriberID},
	} {
		if *step.count, err = t.remove(ctx, step.query, step.ids); err != nil {
			return done, err
		}
	}
	return done, nil
}

func (t *Tx) remove(ctx context.Context, query string, args ...any) (int, error) {
	result, err := t.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, wrap("erase", err)
	}
	n, err := result.RowsAffected()
	return int(n), wrap("erase", err)
}

// Erase removes a person and every row that hangs on them, in one transaction;
// ErrNotFound when there is no such person.
func (s *Store) Erase(ctx context.Context, now time.Time, subscriberID int64) (Erased, error) {
	var done Erased
	err := s.InTx(ctx, now, func(tx *Tx) error {
		var err error
		done, err = tx.Erase(ctx, subscriberID)
		return err
	})
	return done, err
}
