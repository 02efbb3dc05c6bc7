package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

const ada = "ada@example.org"

func (b *bench) answer(k pacing.EventKind) {
	b.t.Helper()
	b.say(pacing.Event{Kind: k})
}

func (b *bench) say(e pacing.Event) {
	b.t.Helper()
	_, _, err := b.road.Answer(b.t.Context(), b.last(ada).Ref, journey.Answer{Event: e, By: journey.ByPage})
	b.must(err)
}

// ride takes Ada from the form through a not-yet to the second letter's third
// attempt; see is called after each stretch.
func ride(b *bench, see func(stretch string)) {
	b.at("2027-03-01 10:00")
	b.signUp(ada)
	see("asked")
	b.sent()
	b.at("2027-03-01 10:05")
	_, _, err := b.road.Confirm(b.t.Context(), b.subscription(ada).Ref)
	b.must(err)
	b.claim()
	see("owed")
	b.sent()
	see("awaiting")
	b.at("2027-03-02 11:00")
	b.answer(pacing.NotYet)
	see("holding")
	b.at("2027-03-09 09:00")
	b.claim()
	b.sent()
	b.at("2027-03-10 20:00")
	b.say(pacing.Event{Kind: pacing.Pause, For: course.Span{Days: 3}})
	see("paused")
	b.at("2027-03-13 00:00")
	b.claim()
	b.at("2027-03-13 09:00")
	b.claim()
	b.sent()
	b.at("2027-03-13 21:00")
	b.answer(pacing.Ready)
	see("active")
	b.at("2027-03-16 09:00")
	b.claim()
	b.attempt(mailer.Outcome{Result: mailer.ResultRetry, Code: 451, Enhanced: "4.7.1", Detail: "<ada@example.org> greylisted"})
	see("retry")
	b.at("2027-03-16 09:02")
	b.attempt(mailer.Outcome{Result: mailer.ResultUnknown, Detail: "connection lost"})
	b.at("2027-03-16 09:03")
	b.sent()
	see("last")
	b.at("2027-03-20 09:00")
	b.claim()
	b.sent()
	see("completed")
}

func TestWhyTellsEveryLetter(t *testing.T) {
	t.Parallel()
	b := newBenchOf(t, time.Time{}, shortCourse(t))
	now := map[string]string{}
	ride(b, func(stretch string) {
		text := try(t, b.env, "why", ada).out
		_, now[stretch], _ = strings.Cut(text, "\nNow: ")
	})
	got := try(t, b.env, "why", ada)
	if got.code != exitFine || got.errors != "" {
		t.Fatalf("%+v", got)
	}
	if strings.Contains(got.out, "greylisted") || strings.Contains(got.out, ada) {
		t.Error("the story holds the server's words or the address")
	}
	golden(t, "why.txt", got.out)
	golden(t, "why-verbose.txt", try(t, b.env, "why", "--verbose", ada).out)

	for stretch, want := range map[string]string{
		"asked":     "it waits for the reader to confirm.",
		"owed":      "the letter before-setting-off waits for a worker to send it.",
		"awaiting":  "it waits for ready to before-setting-off; without an answer, the reminder of before-setting-off is due Tue 16 Mar 2027, 09:00.",
		"holding":   "the reader answered not yet to before-setting-off; the mail that asks again about before-setting-off (1) is due Tue 9 Mar 2027, 09:00.",
		"paused":    "it is paused by the reader until Sat 13 Mar 2027, 00:00.",
		"active":    "the letter name-the-break is due Tue 16 Mar 2027, 09:00.",
		"last":      "the goodbye after name-the-break is due Sat 20 Mar 2027, 09:00.",
		"completed": "it is completed; nothing is left to come.",
	} {
		if strings.TrimSpace(now[stretch]) != want {
			t.Errorf("%s: %q, want %q", stretch, now[stretch], want)
		}
	}
	if !strings.Contains(now["retry"], "name-the-break goes once more; the next attempt is due Tue 16 Mar 2027, 09:01") {
		t.Errorf("retry: %q", now["retry"])
	}
}

func TestWhyByEveryName(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Time{})
	b.at("2027-03-01 10:00")
	b.signUp(ada)
	want := try(t, b.env, "why", ada)
	sub := b.subscription(ada)
	person, err := b.store.SubscriberByAddress(t.Context(), ada)
	b.must(err)
	for _, name := range []string{"ADA@Example.org", person.Ref.String(), sub.Ref.String()} {
		if got := try(t, b.env, "why", name); got != want {
			t.Errorf("why %s: %+v, want %+v", name, got, want)
		}
	}
	env := *b.env
	env.Stdin = strings.NewReader(ada + "\n")
	if got := try(t, &env, "why", "-"); got != want {
		t.Errorf("why -: %+v, want %+v", got, want)
	}
	for name, want := range map[string]said{
		"bob@example.org":      {exitFault, "", "longroad: nobody is known by that address or id\n"},
		"00000000000000000000": {exitFault, "", "longroad: nobody is known by that address or id\n"},
		"bob":                  {exitMisuse, "", "longroad: that is no address and no id: write an address, an id of 20 hexadecimal digits, or - and give it on standard input\n"},
	} {
		if got := try(t, b.env, "why", name); got != want {
			t.Errorf("why %s: %+v, want %+v", name, got, want)
		}
	}
}

func TestWhyJSON(t *testing.T) {
	t.Parallel()
	b := newBenchOf(t, time.Time{}, shortCourse(t))
	ride(b, func(string) {})
	var stories []story
	got := try(t, b.env, "why", ada, "--json")
	if err := json.Unmarshal([]byte(got.out), &stories); err != nil || len(stories) != 1 {
		t.Fatalf("%v in %s", err, got.out)
	}
	s := stories[0]
	if s.Status != string(pacing.Completed) || len(s.Letters) != 6 {
		t.Fatalf("status %s, %d letters", s.Status, len(s.Letters))
	}
	last := s.Letters[4]
	var outcomes []string
	for _, a := range last.Attempts {
		outcomes = append(outcomes, a.Outcome)
		if a.Detail != "" || a.Worker != "" {
			t.Errorf("attempt %d holds the server's words without being asked", a.N)
		}
	}
	if strings.Join(outcomes, " ") != "retry unknown sent" || last.Lesson != "name-the-break" {
		t.Errorf("the last letter, %s, was tried with %v", last.Lesson, outcomes)
	}
	if got := last.SentAt.Format(time.RFC3339); got != "2027-03-16T09:03:00Z" {
		t.Errorf("sent at %s", got)
	}
}

// After the last letter the goodbye is due, unless the reader wants an old one again.
func TestWhatIsDueAfterTheLastLetter(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 3, 20, 9, 0, 0, 0, time.UTC)
	for what, want := range map[pacing.EventKind]string{
		pacing.Slower: "the goodbye is due Sat 20 Mar", pacing.Ready: "the goodbye is due Sat 20 Mar", pacing.Undo: "the goodbye is due Sat 20 Mar",
		pacing.Repeat: "the next letter is due Sat 20 Mar", pacing.Back: "the next letter is due Sat 20 Mar",
	} {
		m := moment{What: string(what), Effect: string(pacing.Applied), To: string(pacing.Active), DueAt: at, last: true}
		if got := m.words(time.UTC); !strings.Contains(got, want) {
			t.Errorf("%s: %s", what, got)
		}
	}
}

// A story tells intents, and nothing of what makes a reader unsafe.
func TestStoryHoldsNoCrisis(t *testing.T) {
	t.Parallel()
	sub := store.Subscription{TimeZone: "UTC", State: pacing.State{Status: pacing.Halted, Reader: pacing.Reader{Zone: time.UTC}}}
	at := time.Date(2027, 3, 1, 10, 0, 0, 0, time.UTC)
	s := storyOf(sub, nil, nil, []store.Event{
		{At: at, Actor: "reader:page", Kind: "unsafe", Effect: "applied", From: "active", To: "resting"},
		{At: at, Actor: "worker", Kind: "halt", Effect: "applied", From: "active", To: "halted", Why: "self-harm"},
	})
	s.Waits = waits(sub, nil, at)
	var text strings.Builder
	s.tell(&text)
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"unsafe", "self-harm"} {
		if strings.Contains(text.String()+string(raw), word) {
			t.Errorf("%q is told: %s", word, text.String())
		}
	}
	for _, part := range []string{"the reader answered on a page; it rests until the reader writes", "a worker halted it for safety", "Now: it is halted for safety"} {
		if !strings.Contains(text.String(), part) {
			t.Errorf("%q is not in %s", part, text.String())
		}
	}
}
