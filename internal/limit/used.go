package limit

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Used remembers keys for a time: in Redis for all processes together, and here
// for this one while Redis is away.
type Used struct {
	redis redis.UniversalClient
	now   func() time.Time

	mu    sync.Mutex
	until map[string]time.Time
}

// mostUsed bounds what one process remembers.
const mostUsed = 100_000

// NewUsed makes a Used on a Redis that the caller closes.
func NewUsed(r redis.UniversalClient) *Used {
	return &Used{redis: r, now: time.Now, until: map[string]time.Time{}}
}

// Has reports whether a key was put and its time is not over.
func (u *Used) Has(ctx context.Context, key string) bool {
	u.mu.Lock()
	until, here := u.until[key]
	u.mu.Unlock()
	if here && u.now().Before(until) {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	n, err := u.redis.Exists(ctx, "longroad:used:"+key).Result()
	return err == nil && n > 0
}

// Put remembers a key for so long.
func (u *Used) Put(ctx context.Context, key string, within time.Duration) {
	u.mu.Lock()
	now := u.now()
	if len(u.until) >= mostUsed {
		for k, until := range u.until {
			if !now.Before(until) || len(u.until) >= mostUsed {
				delete(u.until, k)
			}
		}
	}
	u.until[key] = now.Add(within)
	u.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_ = u.redis.Set(ctx, "longroad:used:"+key, 1, within).Err() // this process knows it in any case
}
