package main

import (
	"database/sql"
	"slices"
	"sync"
	"testing"

	"longroad/internal/devstack/stacktest"
	"longroad/internal/store"
)

// Many processes migrate at once through a PgBouncer that has fewer connections
// than there are of them: one does it all, and leaves no lock behind.
func TestMigrateBehindPgBouncer(t *testing.T) {
	t.Parallel()
	direct := stacktest.Postgres(t, nil)
	bouncer := stacktest.PgBouncer(t, direct)
	through := config{DatabaseURL: bouncer.URL()}.databaseURL()
	var all sync.WaitGroup
	applied := make(chan int, 2*bouncer.Pool())
	for range cap(applied) {
		all.Go(func() {
			done, err := store.Migrate(t.Context(), through)
			if err != nil {
				t.Error(err)
			}
			applied <- len(done)
		})
	}
	all.Wait()
	close(applied)
	busy := 0
	for n := range applied {
		if n > 0 {
			busy++
		}
	}
	if busy != 1 {
		t.Errorf("%d processes applied migrations", busy)
	}
	must(t, store.SchemaReady(t.Context(), through))
	db, err := sql.Open("postgres", direct)
	must(t, err)
	defer db.Close()
	var locks int
	must(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
		WHERE l.locktype = 'advisory' AND d.datname = current_database()`).Scan(&locks))
	if locks != 0 {
		t.Errorf("%d locks are left", locks)
	}
}

// The whole service behind a PgBouncer in transaction mode: more processes, each
// with more connections than PostgreSQL is given, and no statement finds the
// session of the one before. PgBouncer itself is lost in between.
func TestBehindPgBouncer(t *testing.T) {
	t.Parallel()
	direct := stacktest.Postgres(t, migrated)
	bouncer := stacktest.PgBouncer(t, direct)
	s := newProcesses(t, direct, stacktest.Redis(t))
	s.env = append(s.env, "LONGROAD_DATABASE_URL="+bouncer.URL())
	s.serve()
	s.worker()
	second := s.worker()

	before, after := readers("before", 8), readers("after", 4)
	s.signUp(before...)
	s.confirm(before...)
	s.letters(1, before...)

	bouncer.Kill()
	second.await(`msg="(tick failed|heartbeat failed)`)
	must(t, bouncer.Restart(t.Context()))
	s.signUp(after...)
	s.confirm(after...)
	s.letters(1, after...)
	s.settled("last@example.org")
	s.onceEach(slices.Concat(before, after)) // asks the command line, through PgBouncer too

	db, err := sql.Open("postgres", direct)
	must(t, err)
	defer db.Close()
	var n int
	must(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid()`).Scan(&n))
	if n == 0 || n > bouncer.Pool() {
		t.Errorf("three processes hold %d connections; a pool is %d", n, bouncer.Pool())
	}
}
