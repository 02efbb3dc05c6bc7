package journey_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

// Help lines come once in seven days for gentle verdicts, three times a day for
// alarms; every mail leaves an alert.
func TestHelpIsBounded(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	gentle, alarmed := p.reader("ann@example.org"), p.reader("bo@example.org")
	for hour := range 10 {
		p.now = p.now.Add(time.Minute)
		for _, c := range []struct {
			sub   store.Subscription
			level string
		}{{gentle, "gentle"}, {alarmed, "alarm"}} {
			p.writes(p.last(c.sub), fmt.Sprintf("Message-ID: <%s%d@example.org>\n", c.level, hour), said["fear"][c.level])
		}
	}
	if a, b := p.help(gentle), p.help(alarmed); a != "owed" || b != "owed, owed, owed" {
		t.Errorf("help is %q and %q", a, b)
	}
	if got := p.alerts(); len(got) != 20 {
		t.Errorf("%d alerts", len(got))
	}
	p.now = p.now.AddDate(0, 0, 7).Add(-time.Hour)
	p.writes(p.last(gentle), "Message-ID: <later@example.org>\n", said["fear"]["gentle"])
	p.writes(p.last(alarmed), "Message-ID: <later2@example.org>\n", said["fear"]["alarm"])
	if a, b := p.help(gentle), p.help(alarmed); a != "owed" || b != "owed, owed, owed, owed" {
		t.Errorf("after a week less an hour help is %q and %q", a, b)
	}
	p.now = p.now.Add(2 * time.Hour)
	p.writes(p.last(gentle), "Message-ID: <latest@example.org>\n", said["fear"]["gentle"])
	if a := p.help(gentle); a != "owed, owed" {
		t.Errorf("after a week help is %q", a)
	}
	p.writes(p.last(gentle), "Message-ID: <alarm@example.org>\n", said["fear"]["alarm"])
	if a := p.help(gentle); a != "owed, owed, owed" {
		t.Errorf("an alarm after a gentle verdict: help is %q", a)
	}
}

// Who wants nothing by mail any more gets nothing that has not gone yet.
func TestHelpIsWithheld(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	for category, want := range map[string]string{"fear": "cancelled", "violence-by-other": "cancelled", "self-harm": "owed"} {
		sub := p.reader(category + "@example.org")
		p.writes(p.last(sub), "Message-ID: <said@example.org>\n", said[category]["alarm"])
		p.wants(sub, store.CrisisLink)
		p.wants(sub, store.CrisisNone)
		if got := p.help(sub); got != want {
			t.Errorf("%s: help is %q, want %q", category, got, want)
		}
		if got := p.tells(sub); want == "owed" && got != "resources-link" || want == "cancelled" && got != "" {
			t.Errorf("%s: it is mailed %q", category, got)
		}
	}
}

// A halted reader gets nothing, however long; once released, the letters go on
// from where they were, one at a time.
func TestHaltAndRelease(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.reader("ann@example.org")
	p.writes(p.last(sub), "", "Ready.")
	p.writes(p.last(sub), "Message-ID: <said@example.org>\n", said["self-harm"]["alarm"])
	p.tells(sub)
	p.record(sub)
	before := p.mails()
	for range 200 {
		p.now = p.now.AddDate(0, 0, 1)
		p.send()
	}
	if n := p.mails(); n != before {
		t.Fatalf("%d mails came during the halt", n-before)
	}
	if err := p.road.SeeAlert(t.Context(), token.NewRef()); err == nil {
		t.Error("an alert that is not there was seen")
	}
	for _, want := range []bool{true, false} {
		got, err := p.road.Release(t.Context(), sub.Ref, journey.ByOperator)
		must(t, err)
		if got != want {
			t.Errorf("released: %v, want %v", got, want)
		}
	}
	came := map[string]int{}
	for range 30 {
		p.now = p.now.AddDate(0, 0, 1)
		n := p.mails()
		p.send()
		if got := p.mails() - n; got > 1 {
			t.Errorf("%d mails on %s", got, p.now)
		} else if got == 1 {
			came[p.last(sub).Step]++
		}
	}
	if came["lesson/name-the-break"] != 1 || len(came) > 2 {
		t.Errorf("after the release came %v", came)
	}
}

// Nothing of it reaches the other one of a couple: the same pages, the same
// times, the same export; by another address or in a shared mailbox.
func TestDangerStaysWithItsReader(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	first, _ := p.asked("both@example.org")
	ref := p.last(first).Ref
	_, err := p.road.Choose(t.Context(), ref, journey.Second)
	must(t, err)
	p.send()
	shared := p.subscription("both@example.org")
	other := p.reader("other@example.org")
	p.now = p.now.Add(time.Hour)
	seen := func() (all []any) {
		for _, sub := range []store.Subscription{first, other} {
			view, err := p.road.OpenSubscription(t.Context(), sub.Ref)
			must(t, err)
			view.Course, view.Track = nil, nil
			kept, err := p.road.Store.Export(t.Context(), sub.ID-1, 0, "", 1)
			must(t, err)
			deliveries, err := p.road.Store.DeliveriesOf(t.Context(), sub.ID)
			must(t, err)
			events, err := p.road.Store.EventsOf(t.Context(), sub.ID)
			must(t, err)
			all = append(all, view, kept, deliveries, events)
		}
		return all
	}
	before := seen()
	p.writes(p.last(shared), "", said["violence-by-other"]["alarm"])
	if got := p.status("both@example.org"); got != pacing.Halted {
		t.Fatalf("it is %s", got)
	}
	if after := seen(); !reflect.DeepEqual(before, after) {
		t.Errorf("the other one could tell:\n%+v\n%+v", before, after)
	}
}

// Logs tell of an alert by its id and level; neither story nor log of a category,
// a word or a person.
func TestDangerIsNotTold(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	var log bytes.Buffer
	p.road.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	sub := p.reader("ann@example.org")
	p.writes(p.last(sub), "", said["violence-by-other"]["alarm"])
	events, err := p.road.Store.EventsOf(t.Context(), sub.ID)
	must(t, err)
	story := fmt.Sprintf("%+v", events)
	for _, never := range []string{"violence", "fear", "self-harm", "hit", "ann@", "last night"} {
		if strings.Contains(log.String(), never) || strings.Contains(story, never) {
			t.Errorf("%q is told:\n%s\n%s", never, log.String(), story)
		}
	}
	if !strings.Contains(log.String(), "level=alarm") || !strings.Contains(story, string(pacing.Halt)) {
		t.Errorf("it is not told at all:\n%s\n%s", log.String(), story)
	}
	for _, line := range strings.Split(log.String(), "\n") {
		if strings.Contains(line, "level=alarm") && strings.Contains(line, sub.Ref.String()) {
			t.Errorf("the log joins the verdict with a subscription: %s", line)
		}
	}
}
