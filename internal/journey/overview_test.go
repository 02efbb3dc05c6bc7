package journey_test

import (
	"context"
	"io/fs"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"longroad/courses"
	"longroad/internal/course"
	"longroad/internal/devstack/stacktest"
	"longroad/internal/inbound"
	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/seal"
	"longroad/internal/store"
	"longroad/internal/token"
)

func TestMain(m *testing.M) { stacktest.Main(m) }

// nudged notes what workers would be told.
type nudged struct{ intakes, deliveries []int64 }

func (n *nudged) NudgeIntake(_ context.Context, id int64) error {
	n.intakes = append(n.intakes, id)
	return nil
}

func (n *nudged) NudgeReply(context.Context, int64) error { return nil }

func (n *nudged) NudgeDeliveries(_ context.Context, due []store.Nudge) error {
	for _, d := range due {
		n.deliveries = append(n.deliveries, d.ID)
	}
	return nil
}

func migrate(ctx context.Context, url string) error {
	_, err := store.Migrate(ctx, url)
	return err
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newRoad is a Road on a database of the test's own, with the shipped course.
func newRoad(t testing.TB, n *nudged, now func() time.Time) *journey.Road {
	t.Helper()
	const secret = "a secret for tests only, and long enough"
	db, err := store.Connect(t.Context(), stacktest.Postgres(t, migrate))
	must(t, err)
	t.Cleanup(func() { db.Close() })
	tokens, err := token.NewRing(secret)
	must(t, err)
	box, err := seal.NewBox(secret)
	must(t, err)
	hasher, err := seal.NewHasher(secret)
	must(t, err)
	road := journey.New(journey.Options{Store: db, Nudger: n, Tokens: tokens, Box: box, Hasher: hasher,
		Domain: "letters.example.org", Now: now, Log: slog.New(slog.DiscardHandler)})
	files, err := fs.Sub(courses.FS, "long-road")
	must(t, err)
	c, report := course.Load(files)
	must(t, report.Err())
	kept, err := course.Files(files)
	must(t, err)
	_, err = road.Publish(t.Context(), c, kept, "test")
	must(t, err)
	return road
}

// Three sign-ups: one is sent, one given up, one waits; a fourth is undecided.
func TestOverview(t *testing.T) {
	t.Parallel()
	ctx, now := t.Context(), time.Date(2027, 3, 1, 10, 0, 0, 0, time.UTC)
	n := &nudged{}
	road := newRoad(t, n, func() time.Time { return now })

	empty, err := road.Overview(ctx)
	must(t, err)
	if !reflect.DeepEqual(empty, journey.Overview{Deliveries: map[string]int{}, GivenUp: []journey.GivenUp{}, Unread: []journey.Unread{}, Returned: []journey.Returned{}}) {
		t.Errorf("with nobody there: %+v", empty)
	}

	for _, email := range []string{"a@example.org", "b@example.org", "c@example.org", "d@example.org"} {
		must(t, road.SignUp(ctx, journey.SignUp{Course: "long-road", Track: "offender", Email: email, TimeZone: "Europe/London", How: "form"}))
	}
	for _, id := range n.intakes[:3] {
		must(t, road.Decide(ctx, id))
	}
	for i, outcome := range []mailer.Outcome{
		{Result: mailer.ResultSent, Code: 250},
		{Result: mailer.ResultUnknown},
		{Result: mailer.ResultRefused, Code: 550, Enhanced: "5.1.1", BadRecipient: true},
	} {
		jobs, err := road.Take(ctx, "w", n.deliveries[min(i, 1):min(i, 1)+1])
		must(t, err)
		if len(jobs) != 1 {
			t.Fatalf("%d jobs at attempt %d", len(jobs), i)
		}
		d := jobs[0].Delivery
		must(t, road.Record(ctx, []journey.Done{{DeliveryID: d.ID, SubscriptionID: d.SubscriptionID, Attempt: d.Attempt, Worker: "w", Outcome: outcome, At: now}}))
		now = now.Add(time.Minute)
	}
	must(t, road.Receive(ctx, inbound.Arrival{Way: "smtp", To: "nobody@example.org", Raw: []byte("From: x@example.org\r\n\r\nWhat is this?\r\n")}))
	must(t, road.Store.InTx(ctx, now, func(tx *store.Tx) error {
		return tx.EndArrival(ctx, 1, store.Reading{Kind: "reply", Kept: "not matched"})
	}))
	must(t, road.Store.InTx(ctx, now, func(tx *store.Tx) error { return tx.Heartbeat(ctx, "w") }))

	got, err := road.Overview(ctx)
	must(t, err)
	if len(got.GivenUp) != 1 || len(got.Unread) != 1 {
		t.Fatalf("%+v", got)
	}
	want := journey.Overview{
		Courses:    []journey.CourseCounts{{Course: "long-road", Statuses: map[pacing.Status]int{pacing.Pending: 3}}},
		Deliveries: map[string]int{"sent": 1, "given-up": 1, "owed": 1},
		Overdue:    1, OldestDue: time.Date(2027, 3, 1, 10, 0, 0, 0, time.UTC), Unknown: 1,
		GivenUp: []journey.GivenUp{{Delivery: got.GivenUp[0].Delivery, Kind: "confirm", Attempts: 2, Code: 550, Enhanced: "5.1.1", EndedAt: now.Add(-time.Minute)}},
		Unread:  []journey.Unread{{Reply: got.Unread[0].Reply, ReceivedAt: now, Kind: "reply", Why: "not matched"}}, Returned: []journey.Returned{{Type: "hard", Reason: "user-unknown", N: 1}}, IntakesOpen: 1, Workers: 1,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
