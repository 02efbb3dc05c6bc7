package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"longroad/internal/devstack/stacktest"
	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/seal"
	"longroad/internal/store"
	"longroad/internal/token"
)

var update = flag.Bool("update", false, "write the golden files anew")

// said is what a command came to.
type said struct {
	code        int
	out, errors string
}

// testEnvironment is a world without a configuration, at noon on 1 March 2027.
func testEnvironment() *environment {
	return &environment{
		Stdin: strings.NewReader(""), Log: slog.New(slog.DiscardHandler),
		Now:    func() time.Time { return time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC) },
		Config: func() (config, error) { return config{}, errors.New("this command must not ask for the configuration") },
	}
}

// try runs a command line in this process.
func try(t *testing.T, env *environment, args ...string) said {
	t.Helper()
	var out, errs bytes.Buffer
	own := *env
	own.Stdout, own.Stderr = &out, &errs
	code := run(t.Context(), args, &own)
	return said{code, out.String(), errs.String()}
}

// bench is a database, a Road over it and a clock that is moved by hand.
type bench struct {
	t      *testing.T
	env    *environment
	config config
	now    time.Time
	store  *store.Store
	road   *journey.Road

	intakes    []int64 // nudged and not decided
	deliveries []int64 // nudged and not sent
	replies    []int64 // nudged and not read
}

const testSecret = "a secret for tests only, and long enough"

func testMigrate(ctx context.Context, url string) error {
	_, err := store.Migrate(ctx, url)
	return err
}

// newBench makes a bench in which the built-in courses are published.
func newBench(t *testing.T, start time.Time) *bench {
	t.Helper()
	return newBenchOf(t, start)
}

// newBenchOf makes a bench in which the courses of these folders are published;
// of none, the built-in ones.
func newBenchOf(t *testing.T, start time.Time, dirs ...string) *bench {
	t.Helper()
	b := &bench{t: t, now: start, env: testEnvironment(), config: config{
		DatabaseURL: stacktest.Postgres(t, testMigrate), SecretKey: []string{testSecret},
		MailFrom: "letters@letters.example.org", Log: "text", LogLevel: "info",
	}}
	b.env.Now = func() time.Time { return b.now }
	b.env.Config = func() (config, error) { return b.config, nil }
	var err error
	b.store, err = connect(t.Context(), b.env, b.config, oneShot)
	b.must(err)
	t.Cleanup(func() { b.store.Close() })
	tokens, err := token.NewRing(testSecret)
	b.must(err)
	box, err := seal.NewBox(testSecret)
	b.must(err)
	hasher, err := seal.NewHasher(testSecret)
	b.must(err)
	b.road = journey.New(journey.Options{Store: b.store, Nudger: b, Tokens: tokens, Box: box, Hasher: hasher,
		Domain: "letters.example.org", Now: b.env.Now, Log: b.env.Log})
	if got := try(t, b.env, append([]string{"course", "publish"}, dirs...)...); got.code != exitFine {
		t.Fatalf("publish: %+v", got)
	}
	return b
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// NudgeIntake and its sisters note what a worker would be told.
func (b *bench) NudgeIntake(_ context.Context, id int64) error {
	b.intakes = append(b.intakes, id)
	return nil
}

func (b *bench) NudgeReply(_ context.Context, id int64) error {
	b.replies = append(b.replies, id)
	return nil
}

func (b *bench) NudgeDeliveries(_ context.Context, due []store.Nudge) error {
	for _, n := range due {
		b.deliveries = append(b.deliveries, n.ID)
	}
	return nil
}

// at moves the clock to a moment in London.
func (b *bench) at(moment string) {
	b.t.Helper()
	london, err := time.LoadLocation("Europe/London")
	b.must(err)
	b.now, err = time.ParseInLocation("2006-01-02 15:04", moment, london)
	b.must(err)
}

// signUp signs somebody up and decides on it.
func (b *bench) signUp(email string) {
	b.t.Helper()
	b.must(b.road.SignUp(b.t.Context(), journey.SignUp{Course: "long-road", Track: "offender", Email: email, Name: "Ada",
		TimeZone: "Europe/London", Country: "GB", Safe: "yes", ConsentVersion: "c1", AdultVersion: "a1", How: "form"}))
	for _, id := range b.intakes {
		b.must(b.road.Decide(b.t.Context(), id))
	}
	b.intakes = nil
}

// claim claims what is due.
func (b *bench) claim() {
	b.t.Helper()
	_, _, err := b.road.Claim(b.t.Context(), 10)
	b.must(err)
}

// attempt tries to send what was nudged, with that outcome. What did not go is
// tried again at the next call.
func (b *bench) attempt(outcome mailer.Outcome) {
	b.t.Helper()
	jobs, err := b.road.Take(b.t.Context(), "worker-1", b.deliveries)
	b.must(err)
	if len(jobs) == 0 {
		b.t.Fatalf("nothing to send at %s", b.now)
	}
	for _, j := range jobs {
		b.must(b.road.Record(b.t.Context(), []journey.Done{{DeliveryID: j.Delivery.ID, SubscriptionID: j.Subscription.ID,
			Attempt: j.Delivery.Attempt, Worker: "worker-1", Outcome: outcome, At: b.now}}))
	}
	if outcome.Result == mailer.ResultSent {
		b.deliveries = nil
	}
}

func (b *bench) sent() {
	b.t.Helper()
	b.attempt(mailer.Outcome{Result: mailer.ResultSent, Code: 250, Enhanced: "2.0.0", Detail: "queued for ada@example.org"})
}

// subscription gives the person's only subscription.
func (b *bench) subscription(email string) store.Subscription {
	b.t.Helper()
	person, err := b.store.SubscriberByAddress(b.t.Context(), email)
	b.must(err)
	subs, err := b.store.SubscriptionsOf(b.t.Context(), person.ID)
	b.must(err)
	if len(subs) != 1 {
		b.t.Fatalf("%d subscriptions", len(subs))
	}
	return subs[0]
}

// last gives the person's newest delivery.
func (b *bench) last(email string) store.Delivery {
	b.t.Helper()
	all, err := b.store.DeliveriesOf(b.t.Context(), b.subscription(email).ID)
	b.must(err)
	return all[len(all)-1]
}

// golden compares text with a file, identifiers and seconds aside.
func golden(t *testing.T, name, text string) {
	t.Helper()
	for _, r := range []struct{ pattern, with string }{
		{`\b[0-9a-f]{64}\b`, "VERSION"},
		{`\b[0-9a-f]{20}\b`, "ID"},
		{`version [0-9a-f]{12}\b`, "version VERSION"},
		{`<[a-z2-7]{24}@`, "<MESSAGE@"},
		{`(, \d\d:\d\d):\d\d`, "$1"},
	} {
		text = regexp.MustCompile(r.pattern).ReplaceAllString(text, r.with)
	}
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("%s differs (-update writes it anew):\n%s\nwant:\n%s", file, text, want)
	}
}
