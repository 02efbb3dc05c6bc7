package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/pressly/goose/v3"

	"longroad/migrations"
)

// ErrNewer means that the database was migrated by a newer binary than this.
var ErrNewer = errors.New("the database is newer than this longroad: install the newer version, or restore the backup that fits this one")

// ErrBehind means that migrations are waiting.
var ErrBehind = errors.New("the database is not migrated yet: run longroad migrate up")

// Migration is one numbered step of the schema.
type Migration struct {
	Version int64  `json:"version"`
	File    string `json:"file"`
	Applied bool   `json:"applied"`
}

// Migrate brings the schema up to date, one transaction a step, under an
// advisory lock so that many processes may try at once. It returns what it
// applied, and ErrNewer for a database from the future.
func Migrate(ctx context.Context, url string) ([]Migration, error) {
	db, err := sql.Open("postgres", url)
	if err != nil {
		return nil, wrap("database address", err)
	}
	defer db.Close()
	unlock, err := lockMigrations(ctx, db)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := SchemaReady(ctx, url); err == nil || errors.Is(err, ErrNewer) {
		return nil, err
	}
	p, err := provider(db)
	if err != nil {
		return nil, err
	}
	results, err := p.Up(ctx)
	if err != nil {
		return nil, wrap("migrate", err)
	}
	var done []Migration
	for _, r := range results {
		done = append(done, Migration{Version: r.Source.Version, File: r.Source.Path, Applied: true})
	}
	return done, nil
}

// lockMigrations waits until nobody else migrates, and keeps it so until unlock.
//
// The lock is a transaction's, not a session's, and who waits holds nothing: so
// it works behind PgBouncer in transaction mode too, where the next statement
// may find another session and connections are few.
func lockMigrations(ctx context.Context, db *sql.DB) (unlock func() error, err error) {
	key := fnv.New64a()
	key.Write([]byte("longroad migrate"))
	for {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return nil, wrap("database", err)
		}
		// It idles while the steps run beside it, and no server may end it for that.
		_, err = tx.ExecContext(ctx, `SET LOCAL idle_in_transaction_session_timeout = 0`)
		var got bool
		if err == nil {
			err = tx.QueryRowContext(ctx, `SELECT pg_try_advisory_xact_lock($1)`, int64(key.Sum64())).Scan(&got)
		}
		if err == nil && got {
			return tx.Rollback, nil
		}
		tx.Rollback()
		if err != nil {
			return nil, wrap("migration lock", err)
		}
		select {
		case <-ctx.Done():
			return nil, wrap("migration lock", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Migrations lists every step that this binary knows.
func Migrations(ctx context.Context, url string) ([]Migration, error) {
	db, err := sql.Open("postgres", url)
	if err != nil {
		return nil, wrap("database address", err)
	}
	defer db.Close()
	p, err := provider(db)
	if err != nil {
		return nil, err
	}
	states, err := p.Status(ctx)
	if err != nil {
		return nil, wrap("migration status", err)
	}
	var all []Migration
	for _, s := range states {
		all = append(all, Migration{Version: s.Source.Version, File: s.Source.Path, Applied: s.State == goose.StateApplied})
	}
	return all, nil
}

// SchemaReady reports whether the schema is exactly what this binary needs: nil,
// ErrBehind or ErrNewer.
func SchemaReady(ctx context.Context, url string) error {
	db, err := sql.Open("postgres", url)
	if err != nil {
		return wrap("database address", err)
	}
	defer db.Close()
	var exists bool
	if err := db.QueryRowContext(ctx, `SELECT to_regclass('goose_db_version') IS NOT NULL`).Scan(&exists); err != nil {
		return wrap("database", err)
	}
	if !exists {
		return ErrBehind
	}
	var have int64
	err = db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&have)
	if err != nil {
		return wrap("database", err)
	}
	p, err := provider(db)
	if err != nil {
		return err
	}
	sources := p.ListSources()
	want := sources[len(sources)-1].Version
	switch {
	case have > want:
		return fmt.Errorf("schema %d, known %d: %w", have, want, ErrNewer)
	case have < want:
		return ErrBehind
	}
	return nil
}

func provider(db *sql.DB) (*goose.Provider, error) {
	p, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS, goose.WithVerbose(false))
	if err != nil {
		return nil, wrap("migrations", err)
	}
	return p, nil
}
