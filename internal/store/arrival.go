package store

import (
	"context"
	"time"

	"longroad/internal/token"
)

// Arrival is something that came in, kept encrypted until it has been read.
type Arrival struct {
	ID         int64
	Ref        token.Ref
	Way        string
	DeliveryID *int64 // the mail of ours that it is about; nil while that is not known
	ReceivedAt time.Time
	Sealed     []byte
	Copy       []byte // hash of the mail alone, the same for copies by two ways; nil of a note
}

// Reading is what an arrival was taken for, and what came of it.
type Reading struct {
	DeliveryID *int64 // the mail of ours that it is about; nil when it could not be matched
	Kind       string // reply, bounce, complaint, auto-reply, challenge, unknown
	Intent     string // of a reply; "none" when nothing was asked for
	Effect     string // what it did
	Kept       string // why it stays, sealed, for a person; "" lets it go
}

// AddArrival keeps something that came in. A second copy of the same (the same
// digest) changes nothing and answers id 0.
func (t *Tx) AddArrival(ctx context.Context, a Arrival, digest []byte) (int64, error) {
	var ids []int64
	err := t.tx.SelectContext(ctx, &ids, `
		INSERT INTO arrivals (ref, digest, way, delivery_id, received_at, sealed, copy, nudged_at, nudges)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $5, 1) ON CONFLICT ON CONSTRAINT arrivals_digest DO NOTHING RETURNING id`,
		a.Ref[:], digest, a.Way, a.DeliveryID, t.Now, a.Sealed, a.Copy)
	if err != nil || len(ids) == 0 {
		return 0, wrap("add arrival", err)
	}
	return ids[0], nil
}

// LockArrival gives an arrival that nobody has read and locks the row;
// ErrNotFound when it is read or being read.
func (t *Tx) LockArrival(ctx context.Context, id int64) (Arrival, error) {
	var row struct {
		ID         int64     `db:"id"`
		Ref        []byte    `db:"ref"`
		Way        string    `db:"way"`
		DeliveryID *int64    `db:"delivery_id"`
		ReceivedAt time.Time `db:"received_at"`
		Sealed     []byte    `db:"sealed"`
		Copy       []byte    `db:"copy"`
	}
	err := t.tx.GetContext(ctx, &row, `
		SELECT id, ref, way, delivery_id, received_at, sealed, copy
		FROM arrivals WHERE id = $1 AND processed_at IS NULL FOR UPDATE SKIP LOCKED`, id)
	return Arrival{ID: row.ID, Ref: refOf(row.Ref), Way: row.Way, DeliveryID: row.DeliveryID,
		ReceivedAt: row.ReceivedAt.UTC(), Sealed: row.Sealed, Copy: row.Copy}, one("arrival", err)
}

// EndArrival notes what an arrival was taken for. What need not be kept for a
// person is let go.
func (t *Tx) EndArrival(ctx context.Context, id int64, r Reading) error {
	_, err := t.tx.ExecContext(ctx, `
		UPDATE arrivals SET processed_at = $2, delivery_id = $3, kind = $4, intent = $5, effect = $6, kept = $7,
			sealed = CASE WHEN $7 <> '' THEN sealed END WHERE id = $1`,
		id, t.Now, r.DeliveryID, r.Kind, r.Intent, r.Effect, r.Kept)
	return wrap("end arrival", err)
}

// SecondCopy reports whether another copy of an arrival, about the same mail of
// ours, was read before. Of two that are read at once, one waits for the other.
func (t *Tx) SecondCopy(ctx context.Context, a Arrival, deliveryID int64) (bool, error) {
	if a.Copy == nil {
		return false, nil
	}
	if _, err := t.tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('longroad copy ' || encode($1, 'hex'), 0))`, a.Copy); err != nil {
		return false, wrap("copies", err)
	}
	var second bool
	err := t.tx.GetContext(ctx, &second, `
		SELECT EXISTS (SELECT 1 FROM arrivals
			WHERE copy = $1 AND id <> $2 AND delivery_id = $3 AND processed_at IS NOT NULL AND kept = '')`, a.Copy, a.ID, deliveryID)
	return second, wrap("copies", err)
}
