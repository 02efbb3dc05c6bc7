package limit

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"longroad/internal/devstack"
	"longroad/internal/devstack/stacktest"
)

func TestMain(m *testing.M) { stacktest.Main(m) }

func client(t *testing.T, url string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(options)
	t.Cleanup(func() { c.Close() })
	return c
}

// Two processes count together, each key for itself, on a real Redis and on the
// one that dev brings.
func TestCountedTogether(t *testing.T) {
	t.Parallel()
	mini, err := devstack.StartMiniredis()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(mini.Stop)
	for name, url := range map[string]string{"redis": stacktest.Redis(t), "miniredis": mini.URL()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, two := New(client(t, url), quiet()), New(client(t, url), quiet())
			for i := range 6 {
				l := []*Limiter{one, two}[i%2]
				wait := l.Allow(t.Context(), "a", 4, time.Hour)
				if refused := i >= 4; refused != (wait > 0) || wait > time.Hour {
					t.Errorf("event %d waits %v", i, wait)
				}
			}
			if wait := one.Allow(t.Context(), "b", 4, time.Hour); wait != 0 {
				t.Errorf("another key waits %v", wait)
			}
		})
	}
}

// Without Redis each process counts alone, says so once, and keeps nobody waiting.
func TestCountedAloneWithoutRedis(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and never answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	for name, address := range map[string]string{"refusing": "127.0.0.1:1", "stalling": silent.Addr().String()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log strings.Builder
			l := New(client(t, "redis://"+address), slog.New(slog.NewTextHandler(&log, nil)))
			began := time.Now()
			for i := range 20 {
				wait := l.Allow(t.Context(), "a", 4, time.Hour)
				if refused := i >= 4; refused != (wait > 0) {
					t.Errorf("event %d waits %v", i, wait)
				}
			}
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("20 events took %v", took)
			}
			if n := strings.Count(log.String(), "does not answer"); n != 1 {
				t.Errorf("said %d times:\n%s", n, &log)
			}
		})
	}
}

func TestWhoHasGoneIsNotCounted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l := New(client(t, "redis://127.0.0.1:1"), quiet())
	if wait := l.Allow(ctx, "a", 1, time.Hour); wait != 0 || !l.asks() {
		t.Errorf("waits %v", wait)
	}
}

func TestLocal(t *testing.T) {
	t.Parallel()
	now := time.Unix(1e9, 0)
	l := newLocal(func() time.Time { return now })
	rate := Rate{20, time.Hour}
	for i := range 20 {
		if wait := l.allow("a", rate); wait != 0 {
			t.Fatalf("event %d waits %v", i, wait)
		}
	}
	if wait := l.allow("a", rate); wait != 3*time.Minute {
		t.Errorf("the next waits %v", wait)
	}
	now = now.Add(3 * time.Minute)
	if wait := l.allow("a", rate); wait != 0 {
		t.Errorf("after its wait it waits %v", wait)
	}
	if wait := l.allow("a", rate); wait != 3*time.Minute {
		t.Errorf("the one after waits %v", wait)
	}
}

// However many sources come, what is remembered stays small, and who is far over
// the limit is not forgotten for it.
func TestLocalIsBounded(t *testing.T) {
	t.Parallel()
	now := time.Unix(1e9, 0)
	l := newLocal(func() time.Time { return now })
	for range 5 {
		l.allow("busy", Rate{5, time.Hour})
	}
	for i := range 2 * most {
		l.allow(fmt.Sprint(i), Rate{5, time.Hour})
	}
	if n := len(l.quiet); n > most {
		t.Errorf("%d keys", n)
	}
	if wait := l.allow("busy", Rate{5, time.Hour}); wait == 0 {
		t.Error("the busy source was forgotten")
	}
	now = now.Add(2 * time.Hour)
	l.allow("late", Rate{5, time.Hour})
	if n := len(l.quiet); n != 1 {
		t.Errorf("%d keys after all were quiet", n)
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
