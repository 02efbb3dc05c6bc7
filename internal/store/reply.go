package store

import (
	"context"
	"time"

	"longroad/internal/token"
)

// Reply is a mail that came in, kept encrypted until it has been read.
type Reply struct {
	ID          int64
	Ref         token.Ref
	DeliveryID  *int64 // the letter that it answers; nil when it could not be matched
	ReceivedAt  time.Time
	Sealed      []byte
	ProcessedAt time.Time
	Intent      string // "" when it was not understood
	Effect      string
}

// AddReply keeps a mail that came in. A second copy of the same mail (the same
// digest) changes nothing and answers id 0.
func (t *Tx) AddReply(ctx context.Context, ref token.Ref, digest []byte, deliveryID *int64, sealed []byte) (int64, error) {
	var ids []int64
	err := t.tx.SelectContext(ctx, &ids, `
		INSERT INTO replies (ref, digest, delivery_id, received_at, sealed, nudged_at, nudges)
		VALUES ($1, $2, $3, $4, $5, $4, 1) ON CONFLICT ON CONSTRAINT replies_digest DO NOTHING RETURNING id`,
		ref[:], digest, deliveryID, t.Now, sealed)
	if err != nil || len(ids) == 0 {
		return 0, wrap("add reply", err)
	}
	return ids[0], nil
}

// LockReply gives a reply that nobody has read and locks the row; ErrNotFound
// when it is read or being read.
func (t *Tx) LockReply(ctx context.Context, id int64) (Reply, error) {
	var row struct {
		ID         int64     `db:"id"`
		Ref        []byte    `db:"ref"`
		DeliveryID *int64    `db:"delivery_id"`
		ReceivedAt time.Time `db:"received_at"`
		Sealed     []byte    `db:"sealed"`
	}
	err := t.tx.GetContext(ctx, &row, `
		SELECT id, ref, delivery_id, received_at, sealed
		FROM replies WHERE id = $1 AND processed_at IS NULL FOR UPDATE SKIP LOCKED`, id)
	return Reply{ID: row.ID, Ref: refOf(row.Ref), DeliveryID: row.DeliveryID,
		ReceivedAt: row.ReceivedAt.UTC(), Sealed: row.Sealed}, one("reply", err)
}

// EndReply notes what a reply was taken for. A reply that was understood is let
// go; one that was not stays, sealed, for a person to read.
func (t *Tx) EndReply(ctx context.Context, id int64, intent, effect string) error {
	_, err := t.tx.ExecContext(ctx, `
		UPDATE replies SET processed_at = $2, intent = $3, effect = $4,
			sealed = CASE WHEN $3 = '' THEN sealed END WHERE id = $1`, id, t.Now, intent, effect)
	return wrap("end reply", err)
}
