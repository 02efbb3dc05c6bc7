package store

import (
	"context"
	"errors"
	"time"

	"github.com/lib/pq"
)

// Suppression is an address that gets nothing any more, known by a keyed hash.
type Suppression struct {
	Reason string    `db:"reason"`
	At     time.Time `db:"at"`
}

// Suppress adds an address's hash; an older entry stays as it is.
func (t *Tx) Suppress(ctx context.Context, hash []byte, reason string) error {
	_, err := t.tx.ExecContext(ctx, `
		INSERT INTO suppressions (address_hash, reason, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, hash, reason, t.Now)
	return wrap("suppress", err)
}

// Suppressed looks an address's hash up; nil when it is not suppressed.
func (t *Tx) Suppressed(ctx context.Context, hash []byte) (*Suppression, error) {
	var s Suppression
	err := one("suppression", t.tx.GetContext(ctx, &s, `
		SELECT reason, at FROM suppressions WHERE address_hash = $1`, hash))
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return &s, err
}

// SuppressedAmong tells which of the address hashes are suppressed.
func (t *Tx) SuppressedAmong(ctx context.Context, hashes [][]byte) (map[string]bool, error) {
	var rows [][]byte
	err := t.tx.SelectContext(ctx, &rows, `
		SELECT address_hash FROM suppressions WHERE address_hash = ANY($1)`, pq.ByteaArray(hashes))
	found := make(map[string]bool, len(rows))
	for _, h := range rows {
		found[string(h)] = true
	}
	return found, wrap("suppressions", err)
}

// Suppression looks an address's hash up; ErrNotFound when it is not suppressed.
func (r Reader) Suppression(ctx context.Context, hash []byte) (Suppression, error) {
	var found Suppression
	err := r.q.GetContext(ctx, &found, `SELECT reason, at FROM suppressions WHERE address_hash = $1`, hash)
	return found, one("suppression", err)
}

// Unsuppress takes an address's hash off the list; false when it was not on it.
func (t *Tx) Unsuppress(ctx context.Context, hash []byte) (bool, error) {
	n, err := t.changed(ctx, "lift suppression", `DELETE FROM suppressions WHERE address_hash = $1`, hash)
	return n > 0, err
}
