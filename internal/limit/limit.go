// Package limit says who comes too often. Its one rule: it counts for all
// processes together, in Redis, and where Redis is away for this one alone, so
// that nobody is ever turned away, or made to wait, by an outage of ours.
package limit

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
)

const (
	patience = 250 * time.Millisecond // how long Redis may take to answer
	silence  = 5 * time.Second        // how long it is not asked again after a failure
)

// Rate is how often something may happen: Events in Per, spread evenly, and as
// many at once after a quiet time.
type Rate struct {
	Events int
	Per    time.Duration
}

// Limiter counts. It runs on real time, whatever the clock of pacing shows.
type Limiter struct {
	redis *redis_rate.Limiter
	local *local
	log   *slog.Logger

	mu    sync.Mutex
	until time.Time // Redis is not asked before
}

// New makes a Limiter on a Redis that the caller closes.
func New(r redis.UniversalClient, log *slog.Logger) *Limiter {
	return &Limiter{redis: redis_rate.NewLimiter(r), local: newLocal(time.Now), log: log}
}

// Allow counts one event under a key, and gives how long to wait where it comes
// too soon: such an event is not counted. Keys stand in Redis as they are.
func (l *Limiter) Allow(ctx context.Context, key string, events int, per time.Duration) time.Duration {
	if !l.asks() {
		return l.local.allow(key, Rate{events, per})
	}
	wait, err := l.ask(ctx, key, Rate{events, per})
	switch {
	case err == nil:
		return wait
	case ctx.Err() != nil:
		return 0 // whoever asked has gone
	}
	l.leaveAlone(ctx, err)
	return l.local.allow(key, Rate{events, per})
}

var errLate = errors.New("no answer in time")

// ask asks Redis. The client waits for a connection as it is configured to,
// whatever the context says; a page does not wait for that.
func (l *Limiter) ask(ctx context.Context, key string, r Rate) (time.Duration, error) {
	type answer struct {
		result *redis_rate.Result
		err    error
	}
	answers := make(chan answer, 1)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	go func() {
		result, err := l.redis.Allow(ctx, key, redis_rate.Limit{Rate: r.Events, Burst: r.Events, Period: r.Per})
		answers <- answer{result, err}
	}()
	select {
	case a := <-answers:
		if a.err != nil {
			return 0, a.err
		}
		return max(0, a.result.RetryAfter), nil
	case <-ctx.Done():
		return 0, errLate
	}
}

func (l *Limiter) asks() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !time.Now().Before(l.until)
}

func (l *Limiter) leaveAlone(ctx context.Context, why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = time.Now().Add(silence)
	l.log.WarnContext(ctx, "limits are counted by this process alone, Redis does not answer", slog.Any("error", why))
}
