package store

import (
	"context"
	"encoding/json"
	"time"
)

// Intake is a sign-up as it came in, before a worker decides on it.
type Intake struct {
	ID         int64
	Fields     json.RawMessage
	How        string // form or api
	ReceivedAt time.Time
}

// AddIntake keeps a sign-up; every valid one costs exactly this row.
func (t *Tx) AddIntake(ctx context.Context, how string, fields json.RawMessage) (int64, error) {
	var id int64
	err := t.tx.GetContext(ctx, &id, `
		INSERT INTO intakes (fields, how, received_at, nudged_at, nudges) VALUES ($1::jsonb, $2, $3, $3, 1) RETURNING id`,
		string(fields), how, t.Now)
	return id, wrap("add intake", err)
}

// LockIntake gives a sign-up that nobody has decided and locks the row;
// ErrNotFound when it is decided or being decided.
func (t *Tx) LockIntake(ctx context.Context, id int64) (Intake, error) {
	var row struct {
		ID         int64     `db:"id"`
		Fields     []byte    `db:"fields"`
		How        string    `db:"how"`
		ReceivedAt time.Time `db:"received_at"`
	}
	err := t.tx.GetContext(ctx, &row, `
		SELECT id, fields, how, received_at FROM intakes WHERE id = $1 AND processed_at IS NULL FOR UPDATE SKIP LOCKED`, id)
	return Intake{ID: row.ID, Fields: row.Fields, How: row.How, ReceivedAt: row.ReceivedAt.UTC()}, one("intake", err)
}

// EndIntake notes what was decided and lets go of the fields.
func (t *Tx) EndIntake(ctx context.Context, id int64, outcome string) error {
	_, err := t.tx.ExecContext(ctx, `
		UPDATE intakes SET processed_at = $2, outcome = $3, fields = NULL WHERE id = $1`, id, t.Now, outcome)
	return wrap("end intake", err)
}

// IntakeOutcome tells what was decided on a sign-up; "" before.
func (r Reader) IntakeOutcome(ctx context.Context, id int64) (string, error) {
	var outcome string
	err := r.q.GetContext(ctx, &outcome, `SELECT outcome FROM intakes WHERE id = $1`, id)
	return outcome, one("intake", err)
}
