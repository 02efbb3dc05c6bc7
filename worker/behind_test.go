package worker

import (
	"database/sql"
	"fmt"
	"net/url"
	"testing"
	"time"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// What tests do behind the service's back, and without its worker.

type doneT = journey.Done

var (
	taken   = mailer.Outcome{Result: mailer.ResultSent, Code: 250}
	putOff  = mailer.Outcome{Result: mailer.ResultRetry, Code: 451}
	unknown = mailer.Outcome{Result: mailer.ResultUnknown}
)

func signUpOf(email, track string) journey.SignUp {
	return journey.SignUp{Course: "trial", Track: track, Email: email, TimeZone: "Europe/London",
		ConsentVersion: "1", AdultVersion: "1", How: "form"}
}

// signUpOwed signs somebody up and decides, without any worker running.
func (s *stack) signUpOwed(t testing.TB, email string) store.Subscription {
	t.Helper()
	must(t, s.road.SignUp(t.Context(), signUpOf(email, "one")))
	for _, id := range s.intakes(t) {
		must(t, s.road.Decide(t.Context(), id))
	}
	return s.subscription(email)
}

// intakes gives the sign-ups that nobody has decided.
func (s *stack) intakes(t testing.TB) (ids []int64) {
	t.Helper()
	must(t, s.store.InTx(t.Context(), s.clock.Now().Add(time.Hour), func(tx *store.Tx) (err error) {
		ids, err = tx.NudgeIntakes(t.Context(), 100)
		return err
	}))
	return ids
}

// readers brings n people so far that their first letter is due, and nobody has
// been asked or sent anything.
func (s *stack) readers(t testing.TB, n int) []store.Subscription {
	t.Helper()
	subs := make([]store.Subscription, n)
	for i := range subs {
		email := fmt.Sprintf("r%d@example.org", i)
		_, _, err := s.road.Confirm(t.Context(), s.signUpOwed(t, email).Ref)
		must(t, err)
		subs[i] = s.subscription(email)
	}
	return subs
}

// letter gives the delivery of a step in its first occasion.
func (s *stack) letter(sub store.Subscription, step string) store.Delivery {
	s.t.Helper()
	all, err := s.store.DeliveriesOf(s.t.Context(), sub.ID)
	must(s.t, err)
	for _, d := range all {
		if d.Step == step && d.Occasion == 0 {
			return d
		}
	}
	s.t.Fatalf("no delivery %s", step)
	return store.Delivery{}
}

// claim claims what is due.
func (s *stack) claim() {
	s.t.Helper()
	_, _, err := s.road.Claim(s.t.Context(), 1000)
	must(s.t, err)
}

// events tells the kinds of a subscription's story.
func (s *stack) events(sub store.Subscription) map[string]int {
	s.t.Helper()
	all, err := s.store.EventsOf(s.t.Context(), sub.ID)
	must(s.t, err)
	kinds := map[string]int{}
	for _, e := range all {
		kinds[e.Kind]++
	}
	return kinds
}

// copies tells how often each mail was taken over, by Message-ID.
func (p *post) copies() map[string]int {
	n := map[string]int{}
	for _, m := range p.all() {
		n[m.id]++
	}
	return n
}

// idle reports whether no task waits or runs.
func (s *stack) idle() bool {
	for _, queue := range []store.Queue{inbox, store.QueueAccount, store.QueueReminders, store.QueueLessons} {
		for _, list := range []string{"pending", "active"} {
			n, err := s.redis.LLen(s.t.Context(), "asynq:{"+string(queue)+"}:"+list).Result()
			must(s.t, err)
			if n > 0 {
				return false
			}
		}
	}
	return true
}

// exec changes the database behind everybody's back.
func (s *stack) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	execAt(t, s.url, query, args...)
}

func execAt(t testing.TB, url, query string, args ...any) {
	t.Helper()
	db, err := sql.Open("postgres", url)
	must(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), query, args...)
	must(t, err)
}

// cutOff takes the database away from everybody; the answer gives it back.
func (s *stack) cutOff(t testing.TB) (giveBack func()) {
	t.Helper()
	u, err := url.Parse(s.url)
	must(t, err)
	name := u.Path[1:]
	u.Path = "/postgres"
	execAt(t, u.String(), `ALTER DATABASE "`+name+`" ALLOW_CONNECTIONS false`)
	execAt(t, u.String(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, name)
	return func() { execAt(t, u.String(), `ALTER DATABASE "`+name+`" ALLOW_CONNECTIONS true`) }
}

// dropLeases makes every lease run out at once.
func (s *stack) dropLeases(t testing.TB) {
	t.Helper()
	s.exec(t, `UPDATE deliveries SET lease_until = clock_timestamp() - interval '1 second' WHERE state = 'attempting'`)
}

func pauseFor(days int) journey.Answer {
	return journey.Answer{Event: pacing.Event{Kind: pacing.Pause, For: course.Span{Days: days}}}
}
