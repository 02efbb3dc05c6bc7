package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"longroad/internal/web"
)

// lastRequests is how long requests may take to end after the process was told to.
const lastRequests = 20 * time.Second

type serveCommand struct{}

// Run serves the pages until the context ends.
func (serveCommand) Run(ctx context.Context, env *environment) error {
	s, err := start(ctx, env, needsOfServe())
	if err != nil {
		return err
	}
	defer s.close()
	pages, err := s.pages()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.config.HTTPAddr)
	if err != nil {
		return fmt.Errorf("%w: choose another LONGROAD_HTTP_ADDR", err)
	}
	doors, err := s.mailIn(ctx)
	if err != nil {
		listener.Close()
		return err
	}
	if err := doors.withMailbox(s); err != nil {
		return err
	}
	s.log.InfoContext(ctx, "serving", slog.String("address", listener.Addr().String()), slog.String("base_url", s.config.BaseURL))
	return together(ctx, doors.run, func(ctx context.Context) error {
		return serveUntil(ctx, web.Server(s.config.HTTPAddr, pages), listener)
	})
}

// start reads the configuration, waits for the database and wires the rooms.
func start(ctx context.Context, env *environment, needs []need) (*service, error) {
	c, err := env.Config()
	if err != nil {
		return nil, err
	}
	if err := c.check(needs...); err != nil {
		return nil, err
	}
	for _, w := range c.warnings() {
		env.Log.WarnContext(ctx, w)
	}
	db, err := connect(ctx, env, c, forever)
	if err != nil {
		return nil, err
	}
	s, err := wire(c, env.Log, env.Now, db)
	if err != nil {
		db.Close()
		return nil, err
	}
	if err := s.publish(ctx, c.courses()); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// serveUntil serves until the context ends, then lets requests end.
func serveUntil(ctx context.Context, server *http.Server, listener net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastRequests)
	defer cancel()
	if err := server.Shutdown(last); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("stop serving: %w", err)
	}
	return nil
}
