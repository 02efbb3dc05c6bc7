package store

import (
	"context"
	"encoding/json"
	"time"

	"longroad/internal/token"
)

// Choice is a sign-up of somebody who was on another track of the same course.
type Choice struct {
	DeliveryID int64 // the mail that asks
	First      int64 // the subscription that was on
	Second     int64 // the one that was begun by this sign-up; 0 before
	Fields     json.RawMessage
	How        string // form or api
	CreatedAt  time.Time
}

// AddChoice keeps a sign-up for the page that a mail leads to.
func (t *Tx) AddChoice(ctx context.Context, deliveryID int64, how string, fields json.RawMessage) error {
	_, err := t.tx.ExecContext(ctx, `
		INSERT INTO choices (delivery_id, fields, how, created_at) VALUES ($1, $2::jsonb, $3, $4)`,
		deliveryID, string(fields), how, t.Now)
	return wrap("add choice", err)
}

// UseChoice notes the way that was begun by a choice and lets go of the fields.
func (t *Tx) UseChoice(ctx context.Context, deliveryID, subscriptionID int64) error {
	_, err := t.tx.ExecContext(ctx, `
		UPDATE choices SET subscription_id = $2, fields = NULL WHERE delivery_id = $1`, deliveryID, subscriptionID)
	return wrap("use choice", err)
}

// ChoiceByRef finds a choice by the public name of the mail that asks.
func (r Reader) ChoiceByRef(ctx context.Context, ref token.Ref) (Choice, error) {
	var row struct {
		DeliveryID int64     `db:"delivery_id"`
		First      int64     `db:"first"`
		Second     int64     `db:"second"`
		Fields     []byte    `db:"fields"`
		How        string    `db:"how"`
		CreatedAt  time.Time `db:"created_at"`
	}
	err := r.q.GetContext(ctx, &row, `
		SELECT c.delivery_id, d.subscription_id AS first, coalesce(c.subscription_id, 0) AS second, c.fields, c.how, c.created_at
		FROM choices c JOIN deliveries d ON d.id = c.delivery_id WHERE d.ref = $1`, ref[:])
	return Choice{DeliveryID: row.DeliveryID, First: row.First, Second: row.Second, Fields: row.Fields, How: row.How,
		CreatedAt: row.CreatedAt.UTC()}, one("choice", err)
}

// DropChoices removes up to limit choices that were offered before a moment.
func (t *Tx) DropChoices(ctx context.Context, offered time.Time, limit int) (int, error) {
	result, err := t.tx.ExecContext(ctx, `
		DELETE FROM choices WHERE delivery_id IN (
			SELECT delivery_id FROM choices WHERE created_at < $1 ORDER BY created_at LIMIT $2)`, offered.UTC(), limit)
	if err != nil {
		return 0, wrap("drop choices", err)
	}
	n, err := result.RowsAffected()
	return int(n), wrap("drop choices", err)
}
