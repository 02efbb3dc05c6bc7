package store

import (
	"context"
	"time"
)

// Bounce is something that was said against an address.
type Bounce struct {
	Hash       []byte // of the address, as in suppressions
	DeliveryID *int64
	At         time.Time // zero for the transaction's now, when adding
	Source     string    // report, provider, server
	Type       string    // hard, soft, delayed, complaint
	Reason     string
	Status     string // RFC 3463, or ""
}

// AddBounce keeps what was said against an address.
func (t *Tx) AddBounce(ctx context.Context, b Bounce) error {
	at := b.At
	if at.IsZero() {
		at = t.Now
	}
	_, err := t.tx.ExecContext(ctx, `
		INSERT INTO bounces (address_hash, delivery_id, at, source, type, reason, status) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		b.Hash, b.DeliveryID, at.UTC(), b.Source, b.Type, b.Reason, b.Status)
	return wrap("add bounce", err)
}

// BouncesOf lists what was said against an address since a moment, in order.
func (r Reader) BouncesOf(ctx context.Context, hash []byte, since time.Time) ([]Bounce, error) {
	var rows []struct {
		DeliveryID *int64    `db:"delivery_id"`
		At         time.Time `db:"at"`
		Source     string    `db:"source"`
		Type       string    `db:"type"`
		Reason     string    `db:"reason"`
		Status     string    `db:"status"`
	}
	err := r.q.SelectContext(ctx, &rows, `
		SELECT delivery_id, at, source, type, reason, status FROM bounces
		WHERE address_hash = $1 AND at > $2 ORDER BY at, id`, hash, since.UTC())
	all := make([]Bounce, len(rows))
	for i, b := range rows {
		all[i] = Bounce{Hash: hash, DeliveryID: b.DeliveryID, At: b.At.UTC(), Source: b.Source, Type: b.Type, Reason: b.Reason, Status: b.Status}
	}
	return all, wrap("bounces", err)
}

// HeardOf is when a person last said something themselves, on a page or by mail;
// zero for never.
func (r Reader) HeardOf(ctx context.Context, subscriberID int64) (time.Time, error) {
	var at *time.Time
	err := r.q.GetContext(ctx, &at, `
		SELECT max(at) FROM (
			SELECT max(e.at) AS at FROM events e JOIN subscriptions s ON s.id = e.subscription_id
			WHERE s.subscriber_id = $1 AND e.actor IN ('reader:page', 'reader:mail')
			UNION ALL
			SELECT max(a.processed_at) FROM arrivals a JOIN deliveries d ON d.id = a.delivery_id
			JOIN subscriptions s ON s.id = d.subscription_id
			WHERE s.subscriber_id = $1 AND a.kind = 'reply' AND a.kept = '') AS heard`, subscriberID)
	return utc(at), wrap("last heard", err)
}

// ForgiveBounces forgets all that was said against an address.
func (t *Tx) ForgiveBounces(ctx context.Context, hash []byte) error {
	_, err := t.tx.ExecContext(ctx, `DELETE FROM bounces WHERE address_hash = $1`, hash)
	return wrap("forgive bounces", err)
}

// DropBounces removes up to limit rows from before a moment.
func (t *Tx) DropBounces(ctx context.Context, before time.Time, limit int) (int, error) {
	return t.changed(ctx, "bounces", `
		DELETE FROM bounces WHERE id IN (SELECT id FROM bounces WHERE at < $1 ORDER BY at LIMIT $2)`, before.UTC(), limit)
}

// BounceCount is how many mails came back for one reason.
type BounceCount struct {
	Source string `db:"source"`
	Type   string `db:"type"`
	Reason string `db:"reason"`
	N      int    `db:"n"`
}

// BounceCounts counts what was said since a moment, by source, type and reason,
// the most frequent first.
func (r Reader) BounceCounts(ctx context.Context, since time.Time) ([]BounceCount, error) {
	var all []BounceCount
	err := r.q.SelectContext(ctx, &all, `
		SELECT source, type, reason, count(*) AS n FROM bounces WHERE at > $1
		GROUP BY source, type, reason ORDER BY n DESC, type, reason, source`, since.UTC())
	return all, wrap("count bounces", err)
}
