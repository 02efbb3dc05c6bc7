package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"longroad/internal/devstack/stacktest"
	"longroad/internal/store"
)

// withDatabase is an environment whose configuration is just a database.
func withDatabase(url string) (*environment, config) {
	env, c := testEnvironment(), config{DatabaseURL: url, Log: "text", LogLevel: "info", SecretKey: []string{testSecret}}
	env.Config = func() (config, error) { return c, nil }
	return env, c
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	env, c := withDatabase(stacktest.Postgres(t, nil))
	if got := try(t, env, "course", "versions"); got.code != exitFault || !strings.Contains(got.errors, "run longroad migrate up") {
		t.Errorf("before: %+v", got)
	}
	if got := try(t, env, "migrate", "status"); got.code != exitFault || !strings.Contains(got.out, "00001  waiting  00001_spine.sql") {
		t.Errorf("status before: %+v", got)
	}
	if got := try(t, env, "migrate", "up"); got.code != exitFine || !strings.Contains(got.out, "applied 00001_spine.sql") {
		t.Errorf("up: %+v", got)
	}
	if got := try(t, env, "migrate", "up"); got.code != exitFine || !strings.Contains(got.out, "nothing to do") {
		t.Errorf("up again: %+v", got)
	}
	if got := try(t, env, "migrate", "status", "--json"); got.code != exitFine || !strings.Contains(got.out, `"applied": true`) {
		t.Errorf("status: %+v", got)
	}

	db, err := sql.Open("postgres", c.databaseURL())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)`); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{{"course", "versions"}, {"migrate", "up"}, {"why", ada}} {
		if got := try(t, env, command...); got.code != exitFault || !strings.Contains(got.errors, "the database is newer than this longroad") {
			t.Errorf("%s with a newer schema: %+v", command, got)
		}
	}
}

// watched is a log that tells when it was first written to.
type watched struct {
	slog.Handler
	said chan string
}

func (w watched) Enabled(context.Context, slog.Level) bool { return true }

func (w watched) Handle(_ context.Context, r slog.Record) error {
	w.said <- r.Message
	return nil
}

func TestConnectWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	server := stacktest.OwnPostgres(t)
	if err := testMigrate(t.Context(), server.URL("postgres")); err != nil {
		t.Fatal(err)
	}
	env, c := withDatabase(server.URL("postgres"))
	w := watched{slog.DiscardHandler, make(chan string, 100)}
	env.Log = slog.New(w)
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}

	if _, err := connect(t.Context(), env, c, 300*time.Millisecond); err == nil || !strings.Contains(err.Error(), "does not answer within 300ms") {
		t.Errorf("patience: %v", err)
	}
	if said := len(w.said); said != 1 {
		t.Errorf("it said %d times that it waits", said)
	}
	<-w.said
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := connect(ctx, env, c, forever)
		ended <- err
	}()
	<-w.said
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the end of the context: %v", err)
	}
}

func TestConnectFailsAtOnceWhereWaitingIsVain(t *testing.T) {
	t.Parallel()
	good := stacktest.Postgres(t, testMigrate)
	for name, c := range map[string]struct{ old, new, remedy string }{
		"password": {"://", "://nobody:wrong@", "correct the user or the password"},
		"database": {"/test_", "/gone_", "create it"},
		"tls":      {"sslmode=disable", "sslmode=require", "add ?sslmode=disable"},
	} {
		url := strings.Replace(good, c.old, c.new, 1)
		if name == "password" {
			_, rest, _ := strings.Cut(good, "@")
			url = "postgres://nobody:wrong@" + rest
		}
		env, conf := withDatabase(url)
		s, err := connect(t.Context(), env, conf, forever)
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.remedy) || strings.Contains(err.Error(), "wrong@") || errors.Is(err, store.ErrBehind) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Who has nothing set and is in another folder than their dev is told of both.
func TestCommandsWithoutADatabase(t *testing.T) {
	t.Chdir(t.TempDir())
	env := testEnvironment()
	env.Config = func() (config, error) { return loadWith(t, map[string]string{"LONGROAD_DATABASE_URL": ""}) }
	got := try(t, env, "alerts")
	for _, want := range []string{"LONGROAD_DATABASE_URL is not set", "longroad dev"} {
		if got.code == exitFine || !strings.Contains(got.errors, want) {
			t.Errorf("exit %d, %q is not in:\n%s", got.code, want, got.errors)
		}
	}
}

// What an example says that is not set shows what it is then.
func TestExampleShowsTheBounceCounts(t *testing.T) {
	example, err := os.ReadFile("../../.env.example")
	must(t, err)
	for _, want := range []string{fmt.Sprintf("#LONGROAD_BOUNCE_HARD=%d\n", hardBounces), fmt.Sprintf("#LONGROAD_BOUNCE_SOFT=%d\n", softBounces)} {
		if !strings.Contains(string(example), want) {
			t.Errorf("no line %q", want)
		}
	}
}
