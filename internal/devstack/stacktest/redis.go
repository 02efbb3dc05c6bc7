package stacktest

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/redis/go-redis/v9"

	"longroad/internal/devstack"
)

// Redis returns the address of an empty logical database of the test's own.
func Redis(t testing.TB) string {
	t.Helper()
	address, err := ours.redisURL(t.Context())
	settle(t, "redis", err)
	o, err := redis.ParseURL(address)
	if err != nil {
		t.Fatalf("redis: %v", err)
	}
	n, err := nextDatabase(t.Context(), o)
	if err != nil {
		t.Fatalf("redis: %v", err)
	}
	o.DB = n
	c := redis.NewClient(o)
	if err := c.FlushDB(t.Context()).Err(); err != nil {
		t.Fatalf("redis: %v", err)
	}
	t.Cleanup(func() {
		c.FlushDB(context.Background())
		c.Close()
	})
	return fmt.Sprintf("redis://:%s@%s/%d", o.Password, o.Addr, n)
}

// OwnRedis returns a server of the test's own, to flush, to kill and to restart.
func OwnRedis(t testing.TB) *devstack.Redis {
	t.Helper()
	r, err := devstack.StartRedisServer(t.Context(), t.TempDir())
	settle(t, "redis", err)
	t.Cleanup(r.Stop)
	return r
}

// nextDatabase counts through the logical databases, across all processes of the
// run. Database 0 holds the count and is given to nobody.
func nextDatabase(ctx context.Context, o *redis.Options) (int, error) {
	zero := *o
	zero.DB = 0
	c := redis.NewClient(&zero)
	defer c.Close()
	config, err := c.ConfigGet(ctx, "databases").Result()
	if err != nil {
		return 0, err
	}
	databases, err := strconv.Atoi(config["databases"])
	if err != nil || databases < 2 {
		return 0, fmt.Errorf("the server has no databases to share out: %q", config["databases"])
	}
	n, err := c.Incr(ctx, "longroad:tests").Result()
	return 1 + int(n)%(databases-1), err
}

// Sentinels returns a Redis of the test's own with a replica and Sentinels that
// watch over both, to lose its master.
func Sentinels(t testing.TB) *devstack.Sentinels {
	t.Helper()
	s, err := devstack.StartSentinels(t.Context(), t.TempDir())
	settle(t, "redis", err)
	t.Cleanup(s.Stop)
	return s
}
