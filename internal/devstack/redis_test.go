package devstack

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

func realRedis(t *testing.T) *Redis {
	t.Helper()
	r, err := StartRedisServer(t.Context(), t.TempDir())
	if errors.Is(err, ErrMissing) && os.Getenv("LONGROAD_TEST_REQUIRE") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Stop)
	return r
}

func client(t *testing.T, address string) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	o.MaxRetries = -1
	c := redis.NewClient(o)
	t.Cleanup(func() { c.Close() })
	return c
}

func TestRedis(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*testing.T) *Redis{
		"server": realRedis,
		"in process": func(t *testing.T) *Redis {
			r, err := StartMiniredis()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(r.Stop)
			return r
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			r := start(t)
			one, seven := client(t, r.URL()), client(t, r.DatabaseURL(7))
			if err := one.Set(ctx, "stone", "1", 0).Err(); err != nil {
				t.Fatal(err)
			}
			if n := seven.Exists(ctx, "stone").Val(); n != 0 {
				t.Error("database 7 shows a key of database 0")
			}
			if err := r.Flush(ctx); err != nil {
				t.Fatal(err)
			}
			if n := one.Exists(ctx, "stone").Val(); n != 0 {
				t.Error("a key outlived Flush")
			}
			one.Set(ctx, "stone", "2", 0)
			r.Kill()
			r.Kill()
			if err := one.Ping(ctx).Err(); err == nil {
				t.Error("it answers after Kill")
			}
			if err := r.Restart(ctx); err != nil {
				t.Fatal(err)
			}
			if n, err := one.Exists(ctx, "stone").Result(); n != 0 || err != nil {
				t.Errorf("after a restart: %d keys, %v", n, err)
			}
		})
	}
}

func TestRedisWantsItsPassword(t *testing.T) {
	t.Parallel()
	r := realRedis(t)
	o, err := redis.ParseURL(r.URL())
	if err != nil {
		t.Fatal(err)
	}
	o.Password = ""
	c := redis.NewClient(o)
	defer c.Close()
	if err := c.Ping(t.Context()).Err(); err == nil {
		t.Fatal("it answers without a password")
	}
}

func TestMiniredisExpiresByTheClock(t *testing.T) {
	t.Parallel()
	r, err := StartMiniredis()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Stop)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c := client(t, r.URL())
	c.Set(ctx, "lock", "1", 20*time.Millisecond)
	for c.Exists(ctx, "lock").Val() != 0 {
		if ctx.Err() != nil {
			t.Fatal("the key never expired")
		}
	}
}
