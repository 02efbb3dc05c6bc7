package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"longroad/internal/inbound"
	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

// erasable are the tables that hold something of a person. A table that comes to
// hang on them needs its place in store.Erase, and then here.
var erasable = []string{"alerts", "arrivals", "attempts", "bounces", "choices", "consents", "deliveries", "events", "journal_entries", "journals", "receipts", "subscribers", "subscriptions"}

// rows counts the rows of the tables, undecided sign-ups too.
func (b *bench) rows() map[string]int {
	b.t.Helper()
	db, err := sql.Open("postgres", b.config.databaseURL())
	b.must(err)
	defer db.Close()
	counts := map[string]int{}
	for _, table := range append(erasable, "intakes WHERE fields IS NOT NULL", "suppressions") {
		var n int
		b.must(db.QueryRow("SELECT count(*) FROM " + table).Scan(&n))
		counts[table] = n
	}
	return counts
}

func TestEraseKnowsEveryTable(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Time{})
	db, err := sql.Open("postgres", b.config.databaseURL())
	b.must(err)
	defer db.Close()
	rows, err := db.Query(`
		WITH RECURSIVE hangs AS (
			SELECT 'subscribers'::regclass::oid AS id
			UNION SELECT c.conrelid FROM pg_constraint c JOIN hangs h ON c.confrelid = h.id WHERE c.contype = 'f')
		SELECT id::regclass::text FROM hangs ORDER BY 1`)
	b.must(err)
	var found []string
	for rows.Next() {
		var name string
		b.must(rows.Scan(&name))
		found = append(found, name)
	}
	b.must(rows.Err())
	if !slices.Equal(found, erasable) {
		t.Errorf("on a person hang %v; erased are %v", found, erasable)
	}
}

// reply lets somebody answer the last letter by a mail that only a person can read.
func (b *bench) reply(email, text string) {
	b.t.Helper()
	to := journey.ReplyPrefix + b.road.Tokens.Sign(token.Reply, b.last(email).Ref) + "@letters.example.org"
	b.must(b.road.Receive(b.t.Context(), inbound.Arrival{Way: "smtp", To: to, Raw: []byte("From: " + email + "\r\nTo: " + to + "\r\n\r\n" + text + "\r\n")}))
}

func TestSubscriberErase(t *testing.T) {
	t.Parallel()
	b := newBenchOf(t, time.Time{}, shortCourse(t))
	b.at("2027-03-01 10:00")
	b.signUp("bo@example.org")
	b.sent()
	b.must(b.road.Suppress(t.Context(), ada, "operator", journey.ByOperator))
	b.must(b.road.Suppress(t.Context(), "bo@example.org", "operator", journey.ByOperator))
	others := b.rows()
	db, err := sql.Open("postgres", b.config.databaseURL())
	b.must(err)
	defer db.Close()
	_, err = db.Exec("DELETE FROM suppressions WHERE address_hash = $1", b.road.Hasher.Address(ada))
	b.must(err)
	ride(b, func(string) {})
	b.reply(ada, "it is over")
	b.must(b.road.Suppress(t.Context(), ada, "operator", journey.ByOperator))
	b.must(b.road.SignUp(t.Context(), journey.SignUp{Course: "long-road", Track: "offender", Email: "Ada@example.org", TimeZone: "UTC", How: "form"}))

	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"nobody to ask", []string{ada}, exitMisuse, "say --yes"},
		{"from standard input", []string{"-"}, exitMisuse, "say --yes"},
		{"an unknown address", []string{"--yes", "cy@example.org"}, exitFault, "nobody is known"},
	} {
		if got := try(t, b.env, append([]string{"subscriber", "erase"}, c.args...)...); got.code != c.code || !strings.Contains(got.errors, c.want) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	var done erased
	got := try(t, b.env, "subscriber", "erase", "--yes", "--json", ada)
	if err := json.Unmarshal([]byte(got.out), &done); err != nil || got.code != exitFine {
		t.Fatalf("%+v", got)
	}
	if done.Letters != 6 || done.Replies != 1 || done.SignUps != 1 || done.Consents != 3 || done.Attempts < 6 || done.Events < 10 || !done.Suppressed {
		t.Errorf("%+v", done)
	}
	if left := b.rows(); !maps.Equal(left, others) {
		t.Errorf("left are %v, want %v", left, others)
	}
	if got := try(t, b.env, "subscriber", "erase", "--yes", ada); got.code != exitFault || !strings.Contains(got.errors, "nobody is known") {
		t.Errorf("again: %+v", got)
	}
	if done, got := bring(t, b.env, listed(t, ada)); got.code != exitFault || done.Reasons["suppressed"] != 1 {
		t.Errorf("the hash is gone with her: %+v", done)
	}
	if got := try(t, b.env, "subscriber", "erase", "--yes", "bo@example.org"); got.out != "erased: the person, 1 subscription, 1 letter, 1 attempt, 3 events, 2 consents, 0 replies\n"+
		"the address stays suppressed, by its keyed hash alone\n" {
		t.Errorf("%s", got.out)
	}
}

func TestSure(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{"yes\n": true, " yes \r\n": true, "yes": true, "y\n": false, "no\n": false, "\n": false, "": false, "YES\n": false} {
		var asked strings.Builder
		if got := sure(strings.NewReader(answer), &asked, person{Subscriber: store.Subscriber{Email: "a\x1b@example.org"}}, 2); got != want {
			t.Errorf("%q: %v", answer, got)
		}
		if asked.String() != "Erase a @example.org with 2 subscriptions, for good? Type yes: " {
			t.Errorf("asked %q", asked.String())
		}
	}
}

// A mail is in the air while its reader is erased: its outcome finds nobody,
// brings nothing back, and is no error for the worker that writes it with others.
func TestEraseInTheAir(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Time{})
	b.at("2027-03-02 09:00")
	if done, _ := bring(t, b.env, listed(t, "bo@example.org", ada), "--at-once"); done.Imported != 2 {
		t.Fatalf("%+v", done)
	}
	b.claim()
	nudged := b.deliveries
	jobs, err := b.road.Take(t.Context(), "worker-1", nudged)
	b.must(err)
	if len(jobs) != 2 {
		t.Fatalf("%d jobs", len(jobs))
	}
	var done erased
	got := try(t, b.env, "subscriber", "erase", "--yes", "--json", ada)
	if err := json.Unmarshal([]byte(got.out), &done); err != nil || done.InTheAir != 1 || done.Letters != 1 || done.Attempts != 1 {
		t.Fatalf("%+v", got)
	}
	b.must(b.road.Record(t.Context(), outcomes(jobs, mailer.ResultSent, b.now)))
	if left, want := b.rows(), map[string]int{"alerts": 0, "attempts": 1, "bounces": 0, "choices": 0, "receipts": 0, "journals": 0, "journal_entries": 0, "consents": 1, "deliveries": 1, "events": 3, "intakes WHERE fields IS NOT NULL": 0, "arrivals": 0,
		"subscribers": 1, "subscriptions": 1, "suppressions": 0}; !maps.Equal(left, want) {
		t.Errorf("left are %v, want %v", left, want)
	}
	if d := b.last("bo@example.org"); d.State != store.Sent {
		t.Errorf("the other's letter is %s", d.State)
	}
	// A nudge that was under way, a sweep and a claim find nothing either.
	if jobs, err := b.road.Take(t.Context(), "worker-2", nudged); err != nil || len(jobs) != 0 {
		t.Errorf("%d jobs, %v", len(jobs), err)
	}
	if _, err := b.road.Sweep(t.Context(), 10); err != nil {
		t.Error(err)
	}
	b.claim()
}

func outcomes(jobs []journey.Job, result mailer.Result, at time.Time) []journey.Done {
	var all []journey.Done
	for _, j := range jobs {
		all = append(all, journey.Done{DeliveryID: j.Delivery.ID, SubscriptionID: j.Subscription.ID, Attempt: j.Delivery.Attempt,
			Worker: "worker-1", Outcome: mailer.Outcome{Result: result, Code: 250}, At: at})
	}
	return all
}

// Readers are erased while workers claim, take and record and readers answer:
// whoever is erased leaves nothing, and everybody else gets on.
func TestEraseAmidWork(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Time{})
	b.at("2027-03-02 09:00")
	const all = 60
	var stay, going []string
	for i := range all {
		stay, going = append(stay, fmt.Sprintf("stay-%02d@example.org", i)), append(going, fmt.Sprintf("go-%02d@example.org", i))
	}
	if done, _ := bring(t, b.env, listed(t, slices.Concat(stay, going)...), "--at-once"); done.Imported != 2*all {
		t.Fatalf("%+v", done)
	}
	_, _, err := b.road.Claim(t.Context(), 2*all)
	b.must(err)
	deliveries := b.deliveries
	subs := map[string]store.Subscription{}
	for _, a := range slices.Concat(stay, going) {
		subs[a] = b.subscription(a)
	}
	var work sync.WaitGroup
	for part := range slices.Chunk(deliveries, 20) {
		work.Go(func() {
			jobs, err := b.road.Take(t.Context(), "worker-1", part)
			if err == nil {
				err = b.road.Record(t.Context(), outcomes(jobs, mailer.ResultSent, b.now))
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	work.Go(func() {
		for _, a := range going { // they turn round while they are erased
			e := journey.Event{Event: pacing.Event{Kind: pacing.Pause}, By: journey.ByPage}
			err := b.store.InTx(t.Context(), b.now, func(tx *store.Tx) error {
				_, err := b.road.Apply(t.Context(), tx, subs[a].ID, e)
				return err
			})
			if err != nil && !strings.Contains(err.Error(), store.ErrNotFound.Error()) {
				t.Error(err)
			}
		}
	})
	work.Go(func() {
		for _, a := range going {
			if got := try(t, b.env, "subscriber", "erase", "--yes", a); got.code != exitFine {
				t.Errorf("%s: %+v", a, got)
			}
		}
	})
	work.Wait()
	left := b.rows()
	if left["subscribers"] != all || left["subscriptions"] != all || left["deliveries"] != all || left["attempts"] != all || left["consents"] != all {
		t.Errorf("left are %v", left)
	}
	for _, a := range stay {
		if d := b.last(a); d.State != store.Sent {
			t.Errorf("%s: the letter is %s", a, d.State)
		}
	}
}
