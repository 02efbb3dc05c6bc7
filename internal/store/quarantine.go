package store

import (
	"context"
	"time"

	"github.com/lib/pq"

	"longroad/internal/token"
)

// Quarantined is an arrival that stays, sealed, for a person.
type Quarantined struct {
	Ref        token.Ref
	ReceivedAt time.Time
	Way        string
	Kind       string
	Why        string
	Delivery   *token.Ref // the mail of ours that it is about; nil when it could not be matched
	Size       int        // sealed, in octets
}

// Quarantine lists up to limit arrivals that stay for a person, the oldest first.
func (r Reader) Quarantine(ctx context.Context, limit int) ([]Quarantined, error) {
	var rows []struct {
		Ref        []byte    `db:"ref"`
		ReceivedAt time.Time `db:"received_at"`
		Way        string    `db:"way"`
		Kind       string    `db:"kind"`
		Why        string    `db:"kept"`
		Delivery   []byte    `db:"delivery"`
		Size       int       `db:"size"`
	}
	err := r.q.SelectContext(ctx, &rows, `
		SELECT r.ref, r.received_at, r.way, r.kind, r.kept, d.ref AS delivery, coalesce(length(r.sealed), 0) AS size
		FROM arrivals r LEFT JOIN deliveries d ON d.id = r.delivery_id
		WHERE r.kept <> '' ORDER BY r.received_at, r.id LIMIT $1`, limit)
	all := make([]Quarantined, len(rows))
	for i, r := range rows {
		all[i] = Quarantined{Ref: refOf(r.Ref), ReceivedAt: r.ReceivedAt.UTC(), Way: r.Way, Kind: r.Kind, Why: r.Why, Size: r.Size}
		if r.Delivery != nil {
			ref := refOf(r.Delivery)
			all[i].Delivery = &ref
		}
	}
	return all, wrap("quarantine", err)
}

// KeptArrival gives an arrival that stays for a person; ErrNotFound when there is
// none of that name.
func (r Reader) KeptArrival(ctx context.Context, ref token.Ref) (Arrival, error) {
	var row struct {
		ID         int64     `db:"id"`
		Way        string    `db:"way"`
		ReceivedAt time.Time `db:"received_at"`
		Sealed     []byte    `db:"sealed"`
	}
	err := r.q.GetContext(ctx, &row, `SELECT id, way, received_at, sealed FROM arrivals WHERE ref = $1 AND kept <> ''`, ref[:])
	return Arrival{ID: row.ID, Ref: ref, Way: row.Way, ReceivedAt: row.ReceivedAt.UTC(), Sealed: row.Sealed}, one("arrival", err)
}

// Replay makes arrivals that stay for a person unread again: those of the names,
// or all for none. It returns the names of those that were.
func (t *Tx) Replay(ctx context.Context, refs []token.Ref) ([]token.Ref, error) {
	return t.settleKept(ctx, refs, len(refs) == 0, `
		UPDATE arrivals SET processed_at = NULL, kept = '', nudged_at = NULL, nudges = 0`)
}

// DropKept lets go of arrivals that stay for a person. It returns the names of
// those that did.
func (t *Tx) DropKept(ctx context.Context, refs []token.Ref) ([]token.Ref, error) {
	return t.settleKept(ctx, refs, false, `UPDATE arrivals SET sealed = NULL, kept = '', effect = 'dropped'`)
}

func (t *Tx) settleKept(ctx context.Context, refs []token.Ref, all bool, update string) ([]token.Ref, error) {
	names := make([][]byte, len(refs))
	for i := range refs {
		names[i] = refs[i][:]
	}
	var rows [][]byte
	err := t.tx.SelectContext(ctx, &rows, update+` WHERE kept <> '' AND (ref = ANY($1) OR $2) RETURNING ref`, pq.ByteaArray(names), all)
	done := make([]token.Ref, len(rows))
	for i, r := range rows {
		done[i] = refOf(r)
	}
	return done, wrap("quarantine", err)
}

// QuarantineCounts counts what stays for a person, by why.
func (r Reader) QuarantineCounts(ctx context.Context) (map[string]int, error) {
	var rows []struct {
		Why string `db:"kept"`
		N   int    `db:"n"`
	}
	err := r.q.SelectContext(ctx, &rows, `SELECT kept, count(*) AS n FROM arrivals WHERE kept <> '' GROUP BY kept`)
	counts := make(map[string]int, len(rows))
	for _, row := range rows {
		counts[row.Why] = row.N
	}
	return counts, wrap("count the quarantine", err)
}

// KeepUnread moves up to limit arrivals into the quarantine that came before a
// moment and that no worker could read, however often it tried.
func (t *Tx) KeepUnread(ctx context.Context, before time.Time, tries int, why string, limit int) (int, error) {
	return t.changed(ctx, "unread arrivals", `
		UPDATE arrivals SET processed_at = $1, kept = $2 WHERE id IN (
			SELECT id FROM arrivals WHERE processed_at IS NULL AND received_at < $3 AND nudges >= $4
			ORDER BY id LIMIT $5 FOR UPDATE SKIP LOCKED)`, t.Now, why, before.UTC(), tries, limit)
}

// DropQuarantined lets go of up to limit arrivals that stayed for a person, came
// before a moment and were never looked after.
func (t *Tx) DropQuarantined(ctx context.Context, before time.Time, limit int) (int, error) {
	return t.changed(ctx, "quarantine", `
		UPDATE arrivals SET sealed = NULL, kept = '', effect = 'expired' WHERE id IN (
			SELECT id FROM arrivals WHERE kept <> '' AND received_at < $1 ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
		before.UTC(), limit)
}

// BoundQuarantine lets go of up to limit arrivals that stay for a person and belong
// to none of our mails, the oldest, where the newer ones of these take more than
// so many octets. Those of the reason spared stay.
func (t *Tx) BoundQuarantine(ctx context.Context, octets int64, spared string, limit int) (int, error) {
	return t.changed(ctx, "quarantine", `
		UPDATE arrivals SET sealed = NULL, kept = '', effect = 'crowded out' WHERE id IN (
			SELECT id FROM (
				SELECT id, received_at, sum(length(sealed)) OVER (ORDER BY received_at DESC, id DESC) AS octets
				FROM arrivals WHERE kept <> '' AND kept <> $2 AND delivery_id IS NULL) AS sizes
			WHERE octets > $1 ORDER BY received_at, id LIMIT $3)`, octets, spared, limit)
}

// DropReadings removes up to limit notes of what was read before a moment.
func (t *Tx) DropReadings(ctx context.Context, before time.Time, limit int) (int, error) {
	return t.changed(ctx, "readings", `
		DELETE FROM arrivals WHERE id IN (
			SELECT id FROM arrivals WHERE processed_at < $1 AND kept = '' ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)`, before.UTC(), limit)
}

// changed runs a statement and counts the rows that it changed.
func (t *Tx) changed(ctx context.Context, what, query string, args ...any) (int, error) {
	result, err := t.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, wrap(what, err)
	}
	n, err := result.RowsAffected()
	return int(n), wrap(what, err)
}
