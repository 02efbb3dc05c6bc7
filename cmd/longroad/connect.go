package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"longroad/internal/journey"
	"longroad/internal/store"
)

// How long a command waits for a database that does not answer.
const (
	oneShot = 10 * time.Second // a command that somebody waits for
	forever = time.Duration(0) // serve and worker: until they are stopped
)

// connect opens the database as soon as it answers, and refuses a schema that is
// not this binary's. The caller closes the store.
func connect(ctx context.Context, env *environment, c config, patience time.Duration) (*store.Store, error) {
	s, err := waitForDatabase(ctx, env, c.databaseURL(), patience)
	if err != nil {
		return nil, err
	}
	if err := store.SchemaReady(ctx, c.databaseURL()); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// waitForDatabase opens the database. While it does not answer it tries again,
// ever more slowly, until patience or the context ends, and says so once. What
// waiting cannot mend, a wrong password for one, fails at once.
func waitForDatabase(ctx context.Context, env *environment, url string, patience time.Duration) (*store.Store, error) {
	outer := ctx
	if patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	pause, said := 100*time.Millisecond, false
	for {
		s, err := store.Connect(ctx, url)
		if err == nil {
			if said {
				env.Log.InfoContext(ctx, "the database answers")
			}
			return s, nil
		}
		if outer.Err() != nil {
			return nil, outer.Err()
		}
		if final := hopeless(err); final != nil {
			return nil, final
		}
		if !said {
			env.Log.WarnContext(ctx, "the database does not answer yet, waiting", slog.Any("error", err))
			said = true
		}
		select {
		case <-ctx.Done():
			if outer.Err() != nil {
				return nil, outer.Err()
			}
			return nil, fmt.Errorf("the database does not answer within %s: start PostgreSQL or correct LONGROAD_DATABASE_URL (%w)", patience, err)
		case <-time.After(pause):
		}
		pause = min(2*pause, 5*time.Second)
	}
}

// hopeless turns an error that waiting does not mend into one with its remedy.
func hopeless(err error) error {
	switch {
	case errors.Is(err, pq.ErrSSLNotSupported):
		return fmt.Errorf("%w: add ?sslmode=disable to LONGROAD_DATABASE_URL if the way to it is private", err)
	case pq.As(err, pqerror.InvalidPassword, pqerror.InvalidAuthorizationSpecification) != nil:
		return fmt.Errorf("%w: correct the user or the password in LONGROAD_DATABASE_URL", err)
	case pq.As(err, pqerror.InvalidCatalogName) != nil:
		return fmt.Errorf("%w: create it, for example with createdb", err)
	case strings.Contains(err.Error(), "x509: "):
		return fmt.Errorf("%w: name the authority in LONGROAD_DATABASE_URL, ?sslmode=verify-full&sslrootcert=FILE", err)
	}
	return nil
}

// noNudge nudges nobody: what a one-shot command leaves behind, the sweep of the
// workers finds.
type noNudge struct{}

func (noNudge) NudgeIntake(context.Context, int64) error             { return nil }
func (noNudge) NudgeReply(context.Context, int64) error              { return nil }
func (noNudge) NudgeDeliveries(context.Context, []store.Nudge) error { return nil }

// newRoad is the Road of a one-shot command.
func newRoad(env *environment, c config, s *store.Store) *journey.Road {
	return journey.New(journey.Options{Store: s, Nudger: noNudge{}, Domain: c.domain(), Now: env.Now, Log: env.Log})
}

// withStore runs fn of a one-shot command with the database.
func withStore(ctx context.Context, env *environment, needs []need, fn func(c config, s *store.Store) error) error {
	c, err := env.Config()
	if err != nil {
		return err
	}
	c = besideDev(env, c)
	if err := c.check(append(needs, needDatabase)...); err != nil {
		if c.DatabaseURL == "" {
			err = errors.Join(err, errors.New("nor does longroad dev run in this folder, whose database would be found by itself"))
		}
		return err
	}
	s, err := connect(ctx, env, c, oneShot)
	if err != nil {
		return err
	}
	defer s.Close()
	return fn(c, s)
}
