package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
)

type workerCommand struct{}

// Run works until the context ends, then finishes what is in the air.
func (workerCommand) Run(ctx context.Context, env *environment) error {
	s, err := start(ctx, env, needsOfWorker())
	if err != nil {
		return err
	}
	defer s.close()
	if err := waitForRedis(ctx, env.Log, s.redis); err != nil {
		return err
	}
	w, closeSenders, err := s.worker(time.Second)
	if err != nil {
		return err
	}
	defer closeSenders()
	closeMetrics, err := s.serveMetrics(ctx)
	if err != nil {
		return err
	}
	defer closeMetrics()
	return w.Run(ctx)
}

// waitForRedis waits until Redis answers, and says so once.
func waitForRedis(ctx context.Context, log *slog.Logger, r redis.UniversalClient) error {
	for said := false; ; said = true {
		err := r.Ping(ctx).Err()
		if err == nil {
			return nil
		}
		if !said {
			log.WarnContext(ctx, "Redis does not answer yet, waiting", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}
