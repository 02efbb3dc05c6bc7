package stacktest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"net/url"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/lib/pq"

	"longroad/internal/devstack"
)

// Migrate brings an empty database to the current schema; store.Migrate is one.
type Migrate = func(ctx context.Context, databaseURL string) error

// Postgres returns the address of a database of the test's own, with the schema
// that migrate makes (nil: empty). A schema is made once a run, in a template,
// of which each test gets a copy in some milliseconds.
func Postgres(t testing.TB, migrate Migrate) string {
	t.Helper()
	address, err := ours.databaseURL(t.Context())
	settle(t, "postgres", err)
	admin, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatalf("postgres: %v", err)
	}
	defer admin.Close()
	from := "template0"
	if migrate != nil {
		if from, err = template(t.Context(), admin, address, migrate); err != nil {
			t.Fatalf("postgres: make the template: %v", err)
		}
	}
	name := "test_" + strings.ToLower(rand.Text()[:12])
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+pq.QuoteIdentifier(name)+" TEMPLATE "+pq.QuoteIdentifier(from)); err != nil {
		t.Fatalf("postgres: %v", err)
	}
	t.Cleanup(func() { dropDatabase(t, address, name) })
	return database(address, name)
}

// OwnPostgres returns a server of the test's own, to kill and to restart.
func OwnPostgres(t testing.TB) *devstack.Postgres {
	t.Helper()
	p, err := devstack.StartPostgres(t.Context(), devstack.PostgresOptions{Throwaway: true})
	settle(t, "postgres", err)
	t.Cleanup(func() {
		if err := p.Stop(context.Background()); err != nil {
			t.Errorf("postgres: %v", err)
		}
	})
	return p
}

// template makes the template for migrate, if no test of the run has yet, and
// returns its name. Test processes take turns by an advisory lock.
func template(ctx context.Context, admin *sql.DB, address string, migrate Migrate) (string, error) {
	// The function's name tells schemas apart: processes share templates and can
	// compare nothing else.
	function := runtime.FuncForPC(reflect.ValueOf(migrate).Pointer()).Name()
	name := fmt.Sprintf("template_%x", sha256.Sum256([]byte(function)))[:24]
	conn, err := admin.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close() // gives the lock back, the pool being closed after it
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock(hashtext($1))", name); err != nil {
		return "", err
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock(hashtext($1))", name)
	var there bool
	if err := conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil || there {
		return name, err
	}
	draft := name + "_draft"
	if _, err := conn.ExecContext(ctx, "DROP DATABASE IF EXISTS "+pq.QuoteIdentifier(draft)+" WITH (FORCE)"); err != nil {
		return "", err
	}
	if _, err := conn.ExecContext(ctx, "CREATE DATABASE "+pq.QuoteIdentifier(draft)+" TEMPLATE template0"); err != nil {
		return "", err
	}
	if err := migrate(ctx, database(address, draft)); err != nil {
		return "", err
	}
	for _, statement := range []string{
		// Nobody may enter a template while it is copied.
		"ALTER DATABASE " + pq.QuoteIdentifier(draft) + " WITH ALLOW_CONNECTIONS false",
		"ALTER DATABASE " + pq.QuoteIdentifier(draft) + " RENAME TO " + pq.QuoteIdentifier(name),
	} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return "", err
		}
	}
	return name, nil
}

func dropDatabase(t testing.TB, address, name string) {
	admin, err := sql.Open("postgres", address)
	if err == nil {
		defer admin.Close()
		_, err = admin.Exec("DROP DATABASE IF EXISTS " + pq.QuoteIdentifier(name) + " WITH (FORCE)")
	}
	if err != nil {
		t.Errorf("postgres: drop the test's database: %v", err)
	}
}

// database returns the address of another database of the same server.
func database(address, name string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address // sql.Open will say what is wrong with it
	}
	u.Path = "/" + name
	return u.String()
}
