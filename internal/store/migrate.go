package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"

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
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, wrap("database", err)
	}
	defer conn.Close()
	key := fnv.New64a()
	key.Write([]byte("longroad migrate"))
	id := int64(key.Sum64())
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, id); err != nil {
		return nil, wrap("migration lock", err)
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, id)

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
