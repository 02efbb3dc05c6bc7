// Package stacktest gives tests real servers: a PostgreSQL database, a PgBouncer
// before it, a Redis or several with Sentinels, a mail server, a browser, and other
// people's checkers of pages and mails. It is support for tests and no room of the service, so any test may import it and no
// other code does.
//
// Its one rule: what a test gets is its own and fresh, and gone afterwards.
//
// One PostgreSQL and one Redis serve a whole run when `make test` starts them
// (package run, beside this one); otherwise a test process starts its own on
// first use, and Main stops them. Where a part is not installed the test skips
// and says why, unless LONGROAD_TEST_REQUIRE names it: then it fails.
package stacktest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"longroad/internal/devstack"
)

// The environment of a test run.
const (
	// EnvDatabaseURL is a cluster made for this run, whose role may create databases.
	EnvDatabaseURL = "LONGROAD_TEST_DATABASE_URL"
	// EnvRedisURL is a Redis made for this run.
	EnvRedisURL = "LONGROAD_TEST_REDIS_URL"
	// EnvRequire lists the parts that must be there, by comma: postgres, pgbouncer,
	// redis, chromium, postfix, swaks, html-validate, caniemail, axe-core,
	// spamassassin, dkimpy, or all.
	EnvRequire = "LONGROAD_TEST_REQUIRE"
)

// ours are the servers of this test process. One a process is the point, so this
// is a variable of the package.
var ours servers

type servers struct {
	mu       sync.Mutex
	postgres *devstack.Postgres
	redis    *devstack.Redis
	redisDir string
}

// Main runs the tests of a package and stops the servers that they started:
//
//	func TestMain(m *testing.M) { stacktest.Main(m) }
//
// Without it they end all the same when the process does, but leave a folder for
// the next run to remove.
func Main(m *testing.M) {
	code := m.Run()
	if err := ours.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stacktest:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// databaseURL returns the cluster of the run, or this process's own.
func (s *servers) databaseURL(ctx context.Context) (string, error) {
	if address := os.Getenv(EnvDatabaseURL); address != "" {
		return address, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.postgres == nil {
		p, err := devstack.StartPostgres(ctx, devstack.PostgresOptions{Throwaway: true})
		if err != nil {
			return "", err
		}
		s.postgres = p
	}
	return s.postgres.URL("postgres"), nil
}

// redisURL returns the Redis of the run, or this process's own.
func (s *servers) redisURL(ctx context.Context) (string, error) {
	if address := os.Getenv(EnvRedisURL); address != "" {
		return address, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.redis == nil {
		dir, err := os.MkdirTemp("", "longroad-redis-")
		if err != nil {
			return "", err
		}
		r, err := devstack.StartRedisServer(ctx, dir)
		if err != nil {
			os.RemoveAll(dir)
			return "", err
		}
		s.redis, s.redisDir = r, dir
	}
	return s.redis.URL(), nil
}

func (s *servers) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.redis != nil {
		s.redis.Stop()
		os.RemoveAll(s.redisDir)
	}
	if s.postgres != nil {
		return s.postgres.Stop(context.Background())
	}
	return nil
}

// settle ends the test on an error: a part that is not installed and not
// required is a skip, all else a failure.
func settle(t testing.TB, part string, err error) {
	t.Helper()
	switch {
	case err == nil:
	case errors.Is(err, devstack.ErrMissing) && !required(os.Getenv(EnvRequire), part):
		t.Skipf("needs %s: %v", part, err)
	default:
		t.Fatalf("%s: %v", part, err)
	}
}

// required says whether a list, as in EnvRequire, names the part.
func required(list, part string) bool {
	return slices.ContainsFunc(strings.Split(list, ","), func(s string) bool {
		s = strings.TrimSpace(s)
		return s == "all" || s == part
	})
}
