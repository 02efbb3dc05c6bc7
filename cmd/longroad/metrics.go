package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/redis/go-redis/v9"

	"longroad/internal/mailer"
	"longroad/internal/metric"
	"longroad/internal/store"
	"longroad/internal/web"
)

// newMetrics makes the metrics of one process.
func newMetrics(s *store.Store, r redis.UniversalClient, now func() time.Time) (*metric.Metrics, error) {
	v, err := readVersions(debug.ReadBuildInfo())
	if err != nil {
		return nil, err
	}
	return metric.New(metric.Build{Version: v.Version, Revision: v.Revision, Go: v.Go}, metric.Source{
		Standing: s.Standing, Redis: func(ctx context.Context) error { return r.Ping(ctx).Err() }, Now: now,
	}), nil
}

// measure notes an attempt of the worker.
func (s *service) measure(lane store.Queue, o mailer.Outcome, late time.Duration) {
	s.metric.Attempt(string(lane), string(o.Result), o.Code, o.Result == mailer.ResultSent, late)
}

// serveMetrics answers Prometheus on an address of its own, where one is chosen,
// until it is closed. A worker has no other door.
func (s *service) serveMetrics(ctx context.Context) (func(), error) {
	if s.config.MetricsAddr == "" {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", s.config.MetricsAddr)
	if err != nil {
		return nil, fmt.Errorf("%w: choose another LONGROAD_METRICS_ADDR", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metric.Handler())
	server := web.Server(s.config.MetricsAddr, mux)
	s.log.InfoContext(ctx, "telling metrics", slog.String("address", listener.Addr().String()))
	go func() { _ = server.Serve(listener) }() // ends when it is closed
	return func() { server.Close() }, nil
}
