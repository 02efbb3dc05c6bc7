package worker

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/redis/go-redis/v9"

	"longroad/internal/course"
	"longroad/internal/devstack/stacktest"
	"longroad/internal/inbound/meant"
	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/seal"
	"longroad/internal/store"
	"longroad/internal/token"
	"longroad/templates"
)

func TestMain(m *testing.M) { stacktest.Main(m) }

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// post takes mails over as a server would, and says what happens to each.
type post struct {
	mu    sync.Mutex
	mails []posted
	// answer decides on an attempt; nil takes everything.
	answer func(posted) mailer.Outcome
	// arrived is told of every mail.
	arrived chan posted
}

type posted struct {
	to, id, subject, body string
	raw                   []byte
}

func (p *post) Send(_ context.Context, e mailer.Envelope) mailer.Outcome {
	if err := e.Before(); err != nil {
		return mailer.Outcome{Result: mailer.ResultAbandoned, Detail: err.Error()}
	}
	m := posted{to: e.To, id: e.MessageID, raw: e.Raw}
	if msg, err := mail.ReadMessage(bytes.NewReader(e.Raw)); err == nil {
		m.subject = msg.Header.Get("Subject")
		body, _ := io.ReadAll(msg.Body)
		m.body = string(body)
	}
	out := mailer.Outcome{Result: mailer.ResultSent, Code: 250}
	if p.answer != nil {
		out = p.answer(m)
	}
	p.mu.Lock()
	if out.Result == mailer.ResultSent {
		p.mails = append(p.mails, m)
	}
	p.mu.Unlock()
	if p.arrived != nil {
		p.arrived <- m
	}
	return out
}

func (p *post) all() []posted {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]posted(nil), p.mails...)
}

// stack is a worker on a real PostgreSQL and a real Redis.
type stack struct {
	t      testing.TB
	clock  *clock
	store  *store.Store
	road   *journey.Road
	worker *Worker
	post   *post
	tokens *token.Ring
	redis  *redis.Client
	url    string
	stop   func()
}

const secret = "a secret for tests only, long enough"

// newStack makes the stack without starting its worker.
func newStack(t testing.TB, files fstest.MapFS, start time.Time) *stack {
	t.Helper()
	ctx := t.Context()
	url := stacktest.Postgres(t, func(ctx context.Context, url string) error {
		_, err := store.Migrate(ctx, url)
		return err
	})
	db, err := store.Connect(ctx, url)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	options, err := redis.ParseURL(stacktest.Redis(t))
	must(t, err)
	r := redis.NewClient(options)
	t.Cleanup(func() { r.Close() })
	s := &stack{t: t, clock: &clock{now: start}, store: db, redis: r, url: url, post: &post{}}
	s.tokens, err = token.NewRing(secret)
	must(t, err)
	s.road = s.newRoad()
	s.worker = s.newWorker("w1", s.post)
	s.road.Ours = s.worker.Text
	s.publish(files)
	return s
}

func (s *stack) newRoad() *journey.Road {
	box, err := seal.NewBox(secret)
	must(s.t, err)
	hasher, err := seal.NewHasher(secret)
	must(s.t, err)
	meaning, err := meant.New(nil)
	must(s.t, err)
	return journey.New(journey.Options{Store: s.store, Nudger: NewNudger(s.redis), Tokens: s.tokens, Box: box, Hasher: hasher, Meaning: meaning,
		Domain: "letters.example.org", Now: s.clock.Now, Log: quiet()})
}

func (s *stack) newWorker(id string, sender mailer.Sender) *Worker {
	composer, err := mailer.NewComposer(templates.FS, mailer.House{From: "letters@letters.example.org",
		PostalAddress: "1 Long Road\nTown", ListID: "letters.example.org"})
	must(s.t, err)
	return New(Options{ID: id, Road: s.road, Store: s.store, Composer: composer, Tokens: s.tokens,
		Addresses: Addresses{BaseURL: "https://letters.example.org", ReplyDomain: "reply.example.org", BounceDomain: "bounce.example.org"},
		Redis:     s.redis, Now: s.clock.Now, Log: quiet(), Sender: sender, AccountSender: sender, Tick: 20 * time.Millisecond})
}

func (s *stack) publish(files fstest.MapFS) {
	s.t.Helper()
	c, report := course.Load(files)
	if report.Failed() {
		s.t.Fatal(report)
	}
	kept, err := course.Files(files)
	must(s.t, err)
	_, err = s.road.Publish(s.t.Context(), c, kept, "test")
	must(s.t, err)
}

// run starts the worker and stops it when the test ends.
func (s *stack) run() { s.stop = s.start(s.worker) }

// start starts a worker; the answer stops it and waits for its end.
func (s *stack) start(w *Worker) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		must(s.t, <-done)
	})
	s.t.Cleanup(stop)
	return stop
}

// settle waits until everything that is due by the clock has an outcome.
func (s *stack) settle() {
	s.t.Helper()
	poll(s.t, "everything due has an outcome", func() bool {
		n, err := s.store.Unsettled(s.t.Context(), s.clock.Now())
		must(s.t, err)
		return n == 0
	})
}

// next moves the clock to the next moment at which anything is due, and settles.
// It reports whether there was one before until.
func (s *stack) next(until time.Time) bool {
	s.t.Helper()
	at, err := s.store.NextMoment(s.t.Context())
	must(s.t, err)
	if at.IsZero() || !at.Before(until) {
		return false
	}
	if at.After(s.clock.Now()) {
		s.clock.set(at)
	}
	s.settle()
	return true
}

// signUp signs somebody up, confirms, and gives the subscription.
func (s *stack) signUp(email, track string) store.Subscription {
	s.t.Helper()
	ctx := s.t.Context()
	courses, err := s.road.Courses(ctx)
	must(s.t, err)
	must(s.t, s.road.SignUp(ctx, journey.SignUp{Course: courses[0].ID, Track: track, Email: email, TimeZone: "Europe/London",
		ConsentVersion: "1", AdultVersion: "1", How: "form"}))
	s.settle()
	sub := s.subscription(email)
	_, _, err = s.road.Confirm(ctx, sub.Ref)
	must(s.t, err)
	return s.subscription(email)
}

func (s *stack) subscription(email string) store.Subscription {
	s.t.Helper()
	person, err := s.store.SubscriberByAddress(s.t.Context(), email)
	must(s.t, err)
	subs, err := s.store.SubscriptionsOf(s.t.Context(), person.ID)
	must(s.t, err)
	return subs[len(subs)-1]
}

// say answers the subscription's newest letter.
func (s *stack) say(sub store.Subscription, kind pacing.EventKind) pacing.Effect {
	s.t.Helper()
	all, err := s.store.DeliveriesOf(s.t.Context(), sub.ID)
	must(s.t, err)
	_, result, err := s.road.Answer(s.t.Context(), all[len(all)-1].Ref, journey.Answer{Event: pacing.Event{Kind: kind}})
	must(s.t, err)
	return result.Effect
}

// states tells each step and its state, in the order they were owed.
func (s *stack) states(sub store.Subscription) string {
	s.t.Helper()
	all, err := s.store.DeliveriesOf(s.t.Context(), sub.ID)
	must(s.t, err)
	var lines []string
	for _, d := range all {
		lines = append(lines, d.Step+" "+string(d.State))
	}
	return strings.Join(lines, ", ")
}

// poll waits for something that another process or goroutine brings about.
func poll(t testing.TB, what string, ok func() bool) {
	t.Helper()
	pollFor(t, time.Minute, what, ok)
}

func pollFor(t testing.TB, most time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(most)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("waited %s in vain until %s", most, what)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
