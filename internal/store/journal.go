package store

import (
	"context"
	"time"

	"longroad/internal/seal"
)

// Journal is what a reader wrote and asked to have kept. Nobody but the reader
// can open it.
type Journal struct {
	seal.Diary
	BeganAt  time.Time
	Resting  bool      // nothing more is added
	ForgetAt time.Time // when it is destroyed without having been opened; zero: never
	Entries  int
}

// JournalEntry is one piece of writing, sealed.
type JournalEntry struct {
	DeliveryID *int64    `db:"delivery_id"`
	At         time.Time `db:"at"`
	Sealed     []byte    `db:"sealed"`
}

// Journal gives a subscription's journal; ErrNotFound where none is kept.
func (r Reader) Journal(ctx context.Context, subscriptionID int64) (Journal, error) {
	var row struct {
		Public   string     `db:"public"`
		Locked   []byte     `db:"locked"`
		BeganAt  time.Time  `db:"began_at"`
		Resting  bool       `db:"resting"`
		ForgetAt *time.Time `db:"forget_at"`
		Entries  int        `db:"entries"`
	}
	err := r.q.GetContext(ctx, &row, `
		SELECT public, locked, began_at, resting, forget_at,
			(SELECT count(*) FROM journal_entries e WHERE e.subscription_id = j.subscription_id) AS entries
		FROM journals j WHERE subscription_id = $1`, subscriptionID)
	return Journal{Diary: seal.Diary{Public: row.Public, Locked: row.Locked}, BeganAt: row.BeganAt.UTC(), Resting: row.Resting,
		ForgetAt: utc(row.ForgetAt), Entries: row.Entries}, one("journal", err)
}

// JournalEntries lists what was written, oldest first.
func (r Reader) JournalEntries(ctx context.Context, subscriptionID int64) ([]JournalEntry, error) {
	var all []JournalEntry
	err := r.q.SelectContext(ctx, &all, `
		SELECT delivery_id, at, sealed FROM journal_entries WHERE subscription_id = $1 ORDER BY id`, subscriptionID)
	return all, wrap("journal entries", err)
}

// BeginJournal begins a journal; false where there is one already.
func (t *Tx) BeginJournal(ctx context.Context, subscriptionID int64, d seal.Diary) (bool, error) {
	done, err := t.tx.ExecContext(ctx, `
		INSERT INTO journals (subscription_id, public, locked, began_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		subscriptionID, d.Public, d.Locked, t.Now)
	if err != nil {
		return false, wrap("begin journal", err)
	}
	n, err := done.RowsAffected()
	return n > 0, wrap("begin journal", err)
}

// AddJournalEntry adds a sealed entry.
func (t *Tx) AddJournalEntry(ctx context.Context, subscriptionID int64, e JournalEntry) error {
	_, err := t.tx.ExecContext(ctx, `
		INSERT INTO journal_entries (subscription_id, delivery_id, at, sealed) VALUES ($1, $2, $3, $4)`,
		subscriptionID, e.DeliveryID, t.Now, e.Sealed)
	return wrap("add journal entry", err)
}

// RestJournal keeps a journal from growing, or lets it grow again.
func (t *Tx) RestJournal(ctx context.Context, subscriptionID int64, resting bool) error {
	_, err := t.tx.ExecContext(ctx, `UPDATE journals SET resting = $2 WHERE subscription_id = $1`, subscriptionID, resting)
	return wrap("rest journal", err)
}

// ForgetJournal destroys a journal, key and entries, at once.
func (t *Tx) ForgetJournal(ctx context.Context, subscriptionID int64) error {
	_, err := t.tx.ExecContext(ctx, `DELETE FROM journals WHERE subscription_id = $1`, subscriptionID)
	return wrap("forget journal", err)
}

// ForgetJournalAt sets when a journal is destroyed; the zero time takes it back.
// A moment that was set before stays.
func (t *Tx) ForgetJournalAt(ctx context.Context, subscriptionID int64, at time.Time) error {
	_, err := t.tx.ExecContext(ctx, `
		UPDATE journals SET forget_at = CASE WHEN $2::timestamptz IS NULL THEN NULL ELSE coalesce(forget_at, $2) END
		WHERE subscription_id = $1`, subscriptionID, nullTime(at))
	return wrap("forget journal later", err)
}

// DropJournals destroys up to limit journals whose moment has come.
func (t *Tx) DropJournals(ctx context.Context, limit int) (int, error) {
	done, err := t.tx.ExecContext(ctx, `
		DELETE FROM journals WHERE subscription_id IN (
			SELECT subscription_id FROM journals WHERE forget_at <= $1 ORDER BY forget_at LIMIT $2)`, t.Now, limit)
	if err != nil {
		return 0, wrap("drop journals", err)
	}
	n, err := done.RowsAffected()
	return int(n), wrap("drop journals", err)
}
