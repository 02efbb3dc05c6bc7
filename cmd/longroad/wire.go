package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/redis/go-redis/v9"

	"longroad/internal/course"
	"longroad/internal/inbound/meant"
	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/metric"
	"longroad/internal/seal"
	"longroad/internal/store"
	"longroad/internal/token"
	"longroad/internal/web"
	"longroad/templates"
	"longroad/worker"
)

// service is the rooms, wired: what serve, worker and dev have in common.
type service struct {
	config config
	log    *slog.Logger
	now    func() time.Time
	store  *store.Store
	redis  redis.UniversalClient
	tokens *token.Ring
	road   *journey.Road
	metric *metric.Metrics
}

// wire connects the rooms. The caller closes the service, and the store with it.
func wire(c config, log *slog.Logger, now func() time.Time, s *store.Store) (*service, error) {
	tokens, err := token.NewRing(c.SecretKey...)
	if err != nil {
		return nil, fmt.Errorf("LONGROAD_SECRET_KEY: %w", err)
	}
	box, err := seal.NewBox(c.SecretKey...)
	if err != nil {
		return nil, fmt.Errorf("LONGROAD_SECRET_KEY: %w", err)
	}
	hasher, err := addressHasher(c)
	if err != nil {
		return nil, err
	}
	meaning, err := meant.New(nil)
	if err != nil {
		return nil, err
	}
	bounces, err := c.bouncePolicy()
	if err != nil {
		return nil, err
	}
	client, err := redisClient(c.RedisURL)
	if err != nil {
		return nil, fmt.Errorf("LONGROAD_REDIS_URL %w", err)
	}
	measured, err := newMetrics(s, client, now)
	if err != nil {
		return nil, err
	}
	return &service{
		metric: measured,
		config: c, log: log, now: now, store: s, redis: client, tokens: tokens,
		road: journey.New(journey.Options{
			Store: s, Nudger: worker.NewNudger(client), Tokens: tokens, Box: box, Hasher: hasher, Meaning: meaning,
			Domain: c.domain(), Now: now, Log: log, Arrived: measured.Arrival, Heard: measured.Reading,
			AuthServID: c.AuthServID, Bounces: bounces,
		}),
	}, nil
}

// addressHasher hashes with the oldest key, which therefore may never go.
func addressHasher(c config) (*seal.Hasher, error) {
	hasher, err := seal.NewHasher(c.SecretKey[len(c.SecretKey)-1])
	if err != nil {
		return nil, fmt.Errorf("LONGROAD_SECRET_KEY: %w", err)
	}
	return hasher, nil
}

func (s *service) close() {
	s.redis.Close()
	s.store.Close()
}

// publish publishes the courses that were never published in this version. A
// course with faults is refused whole, and the version before goes on.
func (s *service) publish(ctx context.Context, fsys fs.FS) error {
	loaded, err := course.LoadAll(fsys)
	if err != nil {
		return fmt.Errorf("courses: %w", err)
	}
	for _, l := range loaded {
		if l.Report.Failed() {
			s.log.ErrorContext(ctx, "course refused, what was published before goes on", slog.String("course", l.Dir), slog.Any("error", l.Report.Err()))
			continue
		}
		sub, err := fs.Sub(fsys, l.Dir)
		if err != nil {
			return fmt.Errorf("course %s: %w", l.Dir, err)
		}
		files, err := course.Files(sub)
		if err != nil {
			return fmt.Errorf("course %s: %w", l.Dir, err)
		}
		if faults := wordFaults(sub).Under(l.Dir); faults.Failed() {
			s.log.ErrorContext(ctx, "course refused, what was published before goes on", slog.String("course", l.Dir), slog.Any("error", faults.Err()))
			continue
		}
		fresh, err := s.road.Publish(ctx, l.Course, files, "start")
		if err != nil {
			return err
		}
		if fresh {
			s.log.InfoContext(ctx, "course published", slog.String("course", l.Course.ID), slog.String("version", l.Course.Hash))
		}
	}
	return nil
}

// pages makes the handler of everything that readers and the operator see.
func (s *service) pages() (http.Handler, error) {
	proxies, err := s.config.trustedProxies()
	if err != nil {
		return nil, fmt.Errorf("LONGROAD_TRUSTED_PROXIES: %w", err)
	}
	limits, tries, signUps, err := s.limits()
	if err != nil {
		return nil, fmt.Errorf("LONGROAD_SIGNUP_LIMIT: %w", err)
	}
	desk, err := s.desk()
	if err != nil {
		return nil, err
	}
	return web.New(web.Options{
		Desk: desk, Arrivals: s.road,
		Limits: limits, Tries: tries, SignUpsAnHour: signUps, Metrics: s.metric.Handler(), Observe: s.metric.Request,
		Road: s.road, Tokens: s.tokens, BaseURL: s.config.BaseURL, Log: s.log, Now: s.now, Templates: templates.FS,
		Ready: s.road.Ready, OperatorPasswordHash: s.config.OperatorPasswordHash, TrustedProxies: proxies,
	})
}

// worker makes a worker and what closes its connections.
func (s *service) worker(tick time.Duration) (*worker.Worker, func(), error) {
	composer, err := s.config.composer()
	if err != nil {
		return nil, nil, err
	}
	hello := mailer.WithHello(s.config.domain()) // the machine's own name is nobody's business
	sender, err := mailer.NewSMTP(s.config.SMTPURL, hello)
	if err != nil {
		return nil, nil, fmt.Errorf("LONGROAD_SMTP_URL: %w", err)
	}
	account, err := mailer.NewSMTP(withConnections(s.config.SMTPURL, "2"), hello)
	if err != nil {
		return nil, nil, fmt.Errorf("LONGROAD_SMTP_URL: %w", err)
	}
	signer, err := s.config.signer()
	if err != nil {
		return nil, nil, err
	}
	var sign func([]byte) ([]byte, error)
	if signer != nil {
		sign = signer.Sign
	}
	w := worker.New(worker.Options{
		ID:   workerID(machine(), os.Getpid(), rand.Text()[:6]),
		Road: s.road, Store: s.store, Composer: composer, Tokens: s.tokens, Redis: s.redis, Now: s.now, Log: s.log,
		Addresses: worker.Addresses{BaseURL: s.config.BaseURL, ReplyDomain: s.config.ReplyDomain, BounceDomain: s.config.BounceDomain},
		Sender:    sender, AccountSender: account, Sign: sign, Tick: tick,
		Measure: s.measure, Operator: s.config.operator(),
	})
	s.metric.Watch(w.Circuit.Open)
	s.road.Ours = w.Text
	return w, func() { sender.Close(); account.Close() }, nil
}

// withConnections is the mail server's address with another size of pool.
func withConnections(smtpURL, n string) string {
	u, err := url.Parse(smtpURL)
	if err != nil {
		return smtpURL // NewSMTP says what is wrong with it
	}
	q := u.Query()
	q.Set("connections", n)
	u.RawQuery = q.Encode()
	return u.String()
}
