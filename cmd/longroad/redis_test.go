package main

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"longroad/internal/devstack/stacktest"
	"longroad/internal/store"
)

func TestRedisAddresses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		address, server, user, password string
		db                              int
		tls                             string // the name to be checked, "any", or "" for no TLS
	}{
		{"redis://redis.example.org", "redis.example.org:6379", "", "", 0, ""},
		{"redis://road:hush@redis.example.org:6380/3", "redis.example.org:6380", "road", "hush", 3, ""},
		{"rediss://:hush@redis.example.org", "redis.example.org:6379", "", "hush", 0, "redis.example.org"},
		{"redis-sentinel://:hush@a.example.org?master=road", "FailoverClient", "", "hush", 0, ""},
		{"redis-sentinel://road:hush@a.example.org:1,b.example.org/5?master=road", "FailoverClient", "road", "hush", 5, ""},
		{"rediss-sentinel://:hush@a.example.org?master=road", "FailoverClient", "", "hush", 0, "any"},
	} {
		made, err := redisClient(c.address)
		if err != nil {
			t.Errorf("%s: %v", c.address, err)
			continue
		}
		o := made.(*redis.Client).Options()
		if o.Addr != c.server || o.Username != c.user || o.Password != c.password || o.DB != c.db || (o.TLSConfig != nil) != (c.tls != "") {
			t.Errorf("%s: %s, user %q, password %q, database %d, TLS %v", c.address, o.Addr, o.Username, o.Password, o.DB, o.TLSConfig != nil)
		}
		if o.TLSConfig != nil && c.tls != "any" && o.TLSConfig.ServerName != c.tls {
			t.Errorf("%s: the certificate must be for %q", c.address, o.TLSConfig.ServerName)
		}
		must(t, made.Close())
	}
}

func TestSentinelAddresses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ address, sentinels, master, user, password string }{
		{"redis-sentinel://a:1,b:2,c:3/0?master=road", "a:1 b:2 c:3", "road", "", ""},
		{"redis-sentinel://:hush@a,b:2?master=road", "a:26379 b:2", "road", "", "hush"},
		{"redis-sentinel://:hush@[::1]:7?master=road", "[::1]:7", "road", "", "hush"},
		{"redis-sentinel://:hush@[::1]?master=road", "[::1]:26379", "road", "", "hush"},
		{"redis-sentinel://road:hush@a?master=road&sentinel_password=quiet&sentinel_username=watch", "a:26379", "road", "watch", "quiet"},
		{"redis-sentinel://:hush@a?master=road&sentinel_password=", "a:26379", "road", "", ""},
	} {
		o, err := failoverOptions(c.address)
		if err != nil {
			t.Errorf("%s: %v", c.address, err)
			continue
		}
		if got := strings.Join(o.SentinelAddrs, " "); got != c.sentinels || o.MasterName != c.master || o.SentinelUsername != c.user || o.SentinelPassword != c.password {
			t.Errorf("%s: %s watch %q, user %q, password %q", c.address, got, o.MasterName, o.SentinelUsername, o.SentinelPassword)
		}
	}
}

// No fault tells what may be a password, however the address is broken.
func TestRedisFaultsAreSilent(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"hush", "http://:hush@a", "redis://:hush@a/x", "redis://:hush@a/0?hush=1", "redis://:hu%sh@a", "rediss://:hush@a:port",
		"redis-sentinel://:hush@a", "redis-sentinel://:hush@?master=road", "redis-sentinel://:hush@a,,b?master=road",
		"redis-sentinel://:hush@a/hush?master=road", "redis-sentinel://:hush@a/-1?master=road", "redis-sentinel://:hush@a?master=road&hush=1",
		"redis-sentinel://:1?hush@a:1/0?master=road", "redis-sentinel://:%hush@a?master=road", "redis-sentinel:hush", "rediss-sentinel://:hush@a",
	} {
		err := config{RedisURL: address}.checkRedis()
		if err == nil {
			t.Errorf("%s is accepted", address)
		} else if strings.Contains(err.Error(), "hush") || !strings.HasPrefix(err.Error(), "LONGROAD_REDIS_URL ") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// The master of Redis is lost, with the nudges that had not reached its replica,
// while people sign up. The Sentinels put the replica in its place: every
// process finds it by itself, and nothing is lost or doubled.
func TestRedisFailover(t *testing.T) {
	t.Parallel()
	database, redis := stacktest.Postgres(t, migrated), stacktest.Sentinels(t)
	s := newProcesses(t, database, redis.URL())
	var ahead atomic.Int64 // of the real time
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	s.pages = s.inside(now)
	before, during, after := readers("before", 3), readers("during", 6), readers("after", 3)
	s.signUp(before...)
	s.confirm(before...)
	s.letters(1, before...)

	s.signUp(during[:3]...) // nudged, and perhaps not replicated
	redis.KillMaster()
	s.signUp(during[3:]...) // nobody is there to be nudged
	must(t, redis.AwaitFailover(t.Context()))

	// What comes now goes at once: everybody has found the new master.
	s.signUp(after...)
	s.confirm(after...)
	s.letters(1, after...)
	// What was lost comes with the sweep, a minute after its nudge.
	ahead.Store(int64(2 * store.NudgeAfter))
	s.confirm(during...)
	s.letters(1, during...)
	s.settled("last@example.org")
	s.onceEach(slices.Concat(before, during, after))
}

// inside runs the pages and two workers in this process, by a clock that a test
// can move, and returns where the pages are.
func (s *processes) inside(now func() time.Time) string {
	s.t.Helper()
	c := config{
		DatabaseURL: s.setting("LONGROAD_DATABASE_URL"), RedisURL: s.setting("LONGROAD_REDIS_URL"), SMTPURL: s.setting("LONGROAD_SMTP_URL"),
		BaseURL: atHome, MailFrom: s.setting("LONGROAD_MAIL_FROM"), PostalAddress: s.setting("LONGROAD_POSTAL_ADDRESS"),
		SecretKey: []string{s.setting("LONGROAD_SECRET_KEY")}, SignUpLimit: s.setting("LONGROAD_SIGNUP_LIMIT"),
	}
	c.tidy()
	ctx, stop := context.WithCancel(context.Background())
	var working sync.WaitGroup
	var all []*service
	s.t.Cleanup(func() {
		stop()
		working.Wait()
		for _, one := range all {
			one.close()
		}
	})
	for range 3 {
		db, err := store.Connect(ctx, c.databaseURL())
		must(s.t, err)
		one, err := wire(c, slog.New(slog.DiscardHandler), now, db)
		must(s.t, err)
		all = append(all, one)
	}
	web, workers := all[0], all[1:]
	must(s.t, web.publish(ctx, c.courses()))
	pages, err := web.pages()
	must(s.t, err)
	server := httptest.NewServer(pages)
	s.t.Cleanup(server.Close)
	for _, one := range workers {
		w, closeSenders, err := one.worker(100 * time.Millisecond)
		must(s.t, err)
		working.Go(func() {
			defer closeSenders()
			if err := w.Run(ctx); err != nil {
				s.t.Errorf("worker: %v", err)
			}
		})
	}
	return server.URL
}

// setting gives the value of a variable that the processes have.
func (s *processes) setting(name string) string {
	value := ""
	for _, line := range s.env {
		if n, v, _ := strings.Cut(line, "="); n == name {
			value = v
		}
	}
	return value
}
