package stacktest

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/redis/go-redis/v9"

	"longroad/internal/devstack"
)

func TestMain(m *testing.M) { Main(m) }

func schema(ctx context.Context, address string) error {
	db, err := sql.Open("postgres", address)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, "CREATE TABLE stones (name text)")
	return err
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			db, err := sql.Open("postgres", Postgres(t, schema))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			if _, err := db.Exec("INSERT INTO stones VALUES ('one')"); err != nil {
				t.Fatal(err)
			}
			var n int
			if err := db.QueryRow("SELECT count(*) FROM stones").Scan(&n); err != nil || n != 1 {
				t.Fatalf("%d stones, %v", n, err)
			}
		})
	}
}

func TestPostgresWithoutASchema(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("postgres", Postgres(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRow("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&n); err != nil || n != 0 {
		t.Fatalf("%d tables, %v", n, err)
	}
}

func TestRedis(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for range 3 {
		address := Redis(t)
		if seen[address] {
			t.Fatalf("%s is given out twice", address)
		}
		seen[address] = true
		o, err := redis.ParseURL(address)
		if err != nil {
			t.Fatal(err)
		}
		c := redis.NewClient(o)
		if n, err := c.DBSize(t.Context()).Result(); err != nil || n != 0 {
			t.Fatalf("%d keys, %v", n, err)
		}
		if err := c.Set(t.Context(), "stone", "1", 0).Err(); err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
}

func TestChromium(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><title>A road</title><h1>A stone</h1>")
	}))
	t.Cleanup(site.Close)
	ctx := Chromium(t)
	if err := chromedp.Do(ctx, chromedp.Navigate(site.URL)); err != nil {
		t.Fatal(err)
	}
	heading, err := chromedp.Run(ctx, chromedp.Text("h1"))
	if err != nil || heading != "A stone" {
		t.Fatalf("it shows %q, %v", heading, err)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate("http://example.org/")); err == nil {
		t.Fatal("it reaches the outside")
	}
}

// What is wrong in one view alone is found there.
func TestAxe(t *testing.T) {
	t.Parallel()
	axe := readAxe(t)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!doctype html><html lang="en"><title>A road</title><meta name="viewport" content="width=device-width">
			<style>@media (prefers-color-scheme: dark) and (max-width: 400px) { h1 { color: #eee; background: #fff } }</style>
			<main><h1>A stone</h1><p>By the way.</p></main>`)
	}))
	t.Cleanup(site.Close)
	found, err := lookAt(Chromium(t), axe, axeCall(nil), site.URL)
	if err != nil || len(found) != 1 || found[0].Rule != "color-contrast" || found[0].view != "320-dark" {
		t.Fatalf("it found %+v, %v", found, err)
	}
}

func TestRequired(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		list, part string
		want       bool
	}{
		{"", "redis", false},
		{"all", "redis", true},
		{"postgres, redis", "redis", true},
		{"postgres,redis", "chromium", false},
	} {
		if got := required(c.list, c.part); got != c.want {
			t.Errorf("required(%q, %q) is %v", c.list, c.part, got)
		}
	}
}

// settle is told apart from the test that calls it by a recorder.
type recorder struct {
	testing.TB
	skipped, failed bool
}

func (*recorder) Helper()                 {}
func (r *recorder) Skipf(string, ...any)  { r.skipped = true }
func (r *recorder) Fatalf(string, ...any) { r.failed = true }

func TestSettle(t *testing.T) {
	missing := fmt.Errorf("redis-server is %w", devstack.ErrMissing)
	for _, c := range []struct {
		name, list   string
		err          error
		skips, fails bool
	}{
		{"there", "all", nil, false, false},
		{"missing", "", missing, true, false},
		{"missing and required", "all", missing, false, true},
		{"broken", "", context.DeadlineExceeded, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(EnvRequire, c.list)
			var r recorder
			settle(&r, "redis", c.err)
			if r.skipped != c.skips || r.failed != c.fails {
				t.Fatalf("skipped %v, failed %v", r.skipped, r.failed)
			}
		})
	}
}
