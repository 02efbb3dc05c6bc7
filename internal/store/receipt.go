package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lib/pq"

	"longroad/internal/pacing"
)

// Receipt is what our short answer to a reply is made of; the mail itself is the
// delivery.
type Receipt struct {
	DeliveryID int64
	Answer     string // what was understood, or none; of a safety question only that it was answered
	Effect     string // what it did
	Detail     string
	ReplyID    string // Message-ID of the mail that it answers, without angle brackets; "" where that has none

	// EventID is the last event of the change that the receipt's page can take
	// back, and Before where the subscription stood before it; zero for none.
	EventID  int64
	Before   pacing.State // with Status and DueAt
	UndoneAt time.Time    // zero before
}

// stood is a state as a receipt keeps it.
type stood struct {
	Status pacing.Status `json:"status"`
	DueAt  time.Time     `json:"due_at,omitzero"`
	State  pacing.State  `json:"state"`
}

// AddReceipt keeps what a receipt is made of, beside its delivery.
func (t *Tx) AddReceipt(ctx context.Context, r Receipt) error {
	var event *int64
	var before *string
	if r.EventID != 0 {
		kept, err := json.Marshal(stood{r.Before.Status, r.Before.DueAt, r.Before})
		if err != nil {
			return wrap("add receipt", err)
		}
		text := string(kept)
		event, before = &r.EventID, &text
	}
	_, err := t.tx.ExecContext(ctx, `
		INSERT INTO receipts (delivery_id, answer, effect, detail, reply_id, event_id, before)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, r.DeliveryID, r.Answer, r.Effect, r.Detail, r.ReplyID, event, before)
	return wrap("add receipt", err)
}

// Receipt gives what a receipt is made of, by its delivery.
func (r Reader) Receipt(ctx context.Context, deliveryID int64) (Receipt, error) {
	all, err := r.Receipts(ctx, []int64{deliveryID})
	if err != nil {
		return Receipt{}, err
	}
	if len(all) == 0 {
		return Receipt{}, fmt.Errorf("receipt: %w", ErrNotFound)
	}
	return all[0], nil
}

// Receipts gives what those of the deliveries are made of that are receipts.
func (r Reader) Receipts(ctx context.Context, deliveryIDs []int64) ([]Receipt, error) {
	var rows []struct {
		DeliveryID int64      `db:"delivery_id"`
		Answer     string     `db:"answer"`
		Effect     string     `db:"effect"`
		Detail     string     `db:"detail"`
		ReplyID    string     `db:"reply_id"`
		EventID    *int64     `db:"event_id"`
		Before     []byte     `db:"before"`
		UndoneAt   *time.Time `db:"undone_at"`
	}
	err := r.q.SelectContext(ctx, &rows, `
		SELECT delivery_id, answer, effect, detail, reply_id, event_id, before, undone_at
		FROM receipts WHERE delivery_id = ANY($1) ORDER BY delivery_id`, pq.Array(deliveryIDs))
	if err != nil {
		return nil, wrap("receipts", err)
	}
	all := make([]Receipt, len(rows))
	for i, row := range rows {
		all[i] = Receipt{DeliveryID: row.DeliveryID, Answer: row.Answer, Effect: row.Effect, Detail: row.Detail,
			ReplyID: row.ReplyID, UndoneAt: utc(row.UndoneAt)}
		if row.EventID == nil {
			continue
		}
		var before stood
		if err := json.Unmarshal(row.Before, &before); err != nil {
			return nil, wrap("receipts", err)
		}
		all[i].EventID, all[i].Before = *row.EventID, before.State
		all[i].Before.Status, all[i].Before.DueAt = before.Status, before.DueAt
	}
	return all, nil
}

// EndUndo notes that what a receipt is about was taken back.
func (t *Tx) EndUndo(ctx context.Context, deliveryID int64) error {
	_, err := t.tx.ExecContext(ctx, `UPDATE receipts SET undone_at = $2 WHERE delivery_id = $1`, deliveryID, t.Now)
	return wrap("end undo", err)
}

// CountReceipts counts the receipts that a person was owed since a moment, over
// all subscriptions.
func (r Reader) CountReceipts(ctx context.Context, subscriberID int64, since time.Time) (int, error) {
	var n int
	err := r.q.GetContext(ctx, &n, `
		SELECT count(*) FROM deliveries d JOIN subscriptions s ON s.id = d.subscription_id
		WHERE s.subscriber_id = $1 AND d.kind = 'receipt' AND d.owed_at >= $2`, subscriberID, since.UTC())
	return n, wrap("count receipts", err)
}

// LastEvent is the id of a subscription's newest event; 0 without any.
func (r Reader) LastEvent(ctx context.Context, subscriptionID int64) (int64, error) {
	var id int64
	err := r.q.GetContext(ctx, &id, `SELECT coalesce(max(id), 0) FROM events WHERE subscription_id = $1`, subscriptionID)
	return id, wrap("last event", err)
}

// MovedSince reports whether anything has changed a subscription after that event
// of its story, or whether a mail on its way is claimed and has no outcome.
func (r Reader) MovedSince(ctx context.Context, subscriptionID, eventID int64) (bool, error) {
	var moved bool
	err := r.q.GetContext(ctx, &moved, `
		SELECT EXISTS (SELECT 1 FROM events WHERE subscription_id = $1 AND id > $2 AND effect = 'applied')
			OR EXISTS (SELECT 1 FROM deliveries WHERE subscription_id = $1 AND kind <> ALL($3)
				AND state IN ('owed', 'attempting', 'retry', 'unknown'))`,
		subscriptionID, eventID, pq.Array(accountKinds))
	return moved, wrap("later events", err)
}
