// Package store keeps the truth in PostgreSQL: all of the service's SQL, one
// file a table. Its one rule: reads hang on Reader, which a Store and a Tx both
// are, writes hang on Tx, and a transaction brings its own now; the database
// never tells the time, leases and heartbeats excepted (lease.go), which run on
// its clock on purpose.
//
// Who holds a transaction reads through it: a second connection, asked for while
// holding one, may be the one that everybody waits for. Rows are locked in one
// order everywhere: subscriber, subscriptions by id, deliveries by id.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// ErrNotFound means that there is no such row.
var ErrNotFound = errors.New("not found")

// Reader reads what is kept, through the pool or within a transaction.
type Reader struct {
	q interface {
		GetContext(ctx context.Context, dest any, query string, args ...any) error
		SelectContext(ctx context.Context, dest any, query string, args ...any) error
	}
}

// Store is the database.
type Store struct {
	Reader
	db *sqlx.DB
}

// Tx is one transaction. Now is the moment that everything in it happens at, in
// UTC and whole microseconds, as PostgreSQL keeps time.
type Tx struct {
	Reader
	tx  *sqlx.Tx
	Now time.Time
}

// Connect opens the database and asks once whether it answers.
func Connect(ctx context.Context, url string) (*Store, error) {
	db, err := sqlx.Open("postgres", url)
	if err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	db.SetMaxOpenConns(24)
	db.SetMaxIdleConns(12)
	db.SetConnMaxIdleTime(5 * time.Minute)
	s := &Store{Reader: Reader{db}, db: db}
	if err := s.Ping(ctx); err != nil {
		db.Close()
		return nil, err
	}
	return s, nil
}

// Ping asks whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.db.PingContext(ctx); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return nil
}

// Close lets go of all connections.
func (s *Store) Close() error { return s.db.Close() }

// InTx runs fn in one transaction at the moment now, commits when fn returns
// nil and rolls back otherwise. A deadlock or serialisation failure is tried
// again, so fn must have no effect but through tx.
func (s *Store) InTx(ctx context.Context, now time.Time, fn func(*Tx) error) error {
	const tries = 5
	var err error
	for range tries {
		if err = s.try(ctx, now, fn); !again(err) {
			return err
		}
	}
	return err
}

func (s *Store) try(ctx context.Context, now time.Time, fn func(*Tx) error) error {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback()
	if err := fn(&Tx{Reader: Reader{tx}, tx: tx, Now: now.UTC().Truncate(time.Microsecond)}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func again(err error) bool {
	return pq.As(err, pqerror.TRDeadlockDetected, pqerror.TRSerializationFailure) != nil
}

// Rejected reports whether the database refused what was written, and will refuse
// it again: bad data, a broken constraint, a wrong statement. All other errors
// pass, sooner or later.
func Rejected(err error) bool {
	var e *pq.Error
	if !errors.As(err, &e) {
		return false
	}
	class := string(e.Code.Class())
	return class == "22" || class == "23" || class == "42"
}

// TryLock takes the advisory lock of that name until the transaction ends, or
// reports that somebody else has it.
func (t *Tx) TryLock(ctx context.Context, name string) (bool, error) {
	var got bool
	err := t.tx.GetContext(ctx, &got, `SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))`, "longroad "+name)
	if err != nil {
		return false, fmt.Errorf("lock %s: %w", name, err)
	}
	return got, nil
}

// one turns "no rows" into ErrNotFound and names what was looked for.
func one(what string, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", what, ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// wrap adds what was tried to an error.
func wrap(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
