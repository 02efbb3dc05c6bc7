package pacing_test

import (
	"testing"
	"time"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

// TestAnswerNeverPostpones: a letter that is due and only late keeps its day.
func TestAnswerNeverPostpones(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(noGate), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	w.expect("active lesson/b at 2027-01-09 09:00")
	w.wait("2027-01-09 11:00")
	w.say(pacing.Ready)
	w.expect("active lesson/b at 2027-01-09 09:00")
	if r := w.step(pacing.Event{Kind: pacing.Due}); r.Send == nil {
		t.Error("the late letter must go within its window")
	}
}

func TestNotYet(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(daily), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	for _, want := range []string{
		"holding ask-again/a/1 at 2027-01-08 09:00",
		"holding ask-again/a/2 at 2027-01-18 09:00",
		"holding ask-again/a/3 at 2027-02-01 09:00",
		"holding ask-again/a/4 at 2027-02-22 09:00",
		"holding ask-again/a/5 at 2027-03-24 09:00",
		"holding ask-again/a/6 at 2027-04-23 09:00",
	} {
		w.say(pacing.NotYet)
		if effect := w.say(pacing.NotYet); effect != pacing.Unchanged {
			t.Errorf("said twice on one day: %s", effect)
		}
		w.expect(want)
		w.ride()
	}
	w.expect("awaiting open-door/a/1 at 2027-05-23 09:00")
	w.say(pacing.Ready)
	w.expect("active lesson/b at 2027-04-23 09:00")
}

func TestLastAnswerWinsUntilTheClaim(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	w.say(pacing.Ready)
	w.expect("active lesson/b at 2027-01-05 09:00")
	w.say(pacing.NotYet)
	w.expect("holding ask-again/a/1 at 2027-01-09 09:00")
	w.say(pacing.Ready)
	w.expect("active lesson/b at 2027-01-05 09:00")
	if effect := w.say(pacing.Ready); effect != pacing.Unchanged {
		t.Errorf("second ready: %s", effect)
	}
	w.claim()
	if effect := w.say(pacing.NotYet); effect != pacing.Stale {
		t.Errorf("not yet after the claim: %s", effect)
	}
	w.step(pacing.Event{Kind: pacing.Sent, Mail: *w.s.Sending})
	old := pacing.Event{Kind: pacing.Ready, Lesson: "a"}
	if r := w.step(old); r.Effect != pacing.Stale {
		t.Errorf("ready to the letter before: %s", r.Effect)
	}
	if r := w.step(pacing.Event{Kind: pacing.Ready, Lesson: "b", Occasion: 1}); r.Effect != pacing.Stale {
		t.Errorf("ready on another occasion: %s", r.Effect)
	}
	if r := w.step(pacing.Event{Kind: pacing.Ready, Lesson: "b"}); r.Effect != pacing.Applied {
		t.Errorf("ready to the current letter: %s", r.Effect)
	}
}

func TestNotYetUnderNoGateAsksForAReady(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(noGate, daily, mute(0)), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	w.say(pacing.NotYet) // the letter has no check-in: it works all the same
	w.expect("holding ask-again/a/1 at 2027-01-08 09:00")
	w.ride()
	w.expect("awaiting open-door/a/1 at 2027-02-07 09:00")
	w.wait("2027-01-08 10:00")
	w.say(pacing.Ready)
	w.expect("active lesson/b at 2027-01-09 09:00")
}

func TestPace(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(daily, mute(0)), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	for _, c := range []struct {
		say    pacing.EventKind
		effect pacing.Effect
		want   string
	}{
		{pacing.Faster, pacing.Unchanged, "active lesson/b at 2027-01-04 09:00"},
		{pacing.Slower, pacing.Applied, "active lesson/b at 2027-01-06 09:00"}, // 4.5 days
		{pacing.Slower, pacing.Applied, "active lesson/b at 2027-01-08 09:00"}, // 6.75 days
		{pacing.Slower, pacing.Applied, "active lesson/b at 2027-01-10 09:00"}, // 9 days
		{pacing.Slower, pacing.Unchanged, "active lesson/b at 2027-01-10 09:00"},
		{pacing.Faster, pacing.Applied, "active lesson/b at 2027-01-07 09:00"}, // 6 days
		{pacing.Faster, pacing.Applied, "active lesson/b at 2027-01-05 09:00"}, // 4 days
		{pacing.Faster, pacing.Applied, "active lesson/b at 2027-01-04 09:00"},
	} {
		if effect := w.say(c.say); effect != c.effect {
			t.Errorf("%s: %s, want %s", c.say, effect, c.effect)
		}
		w.expect(c.want)
	}
}

func TestPauses(t *testing.T) {
	t.Parallel()
	answered := func(w *traveller) { w.say(pacing.Ready) }
	silent := func(*traveller) {}
	for _, c := range []struct {
		name   string
		before func(*traveller)
		pause  pacing.Event
		effect pacing.Effect
		paused string
		after  string
	}{
		{"default", answered, pacing.Event{}, pacing.Applied, "paused at 2027-01-31 00:00", "active lesson/b at 2027-01-31 09:00"},
		{"days", answered, pacing.Event{For: course.Span{Days: 90}}, pacing.Applied, "paused at 2027-04-01 00:00", "active lesson/b at 2027-04-01 09:00"},
		{"exact", answered, pacing.Event{For: course.Span{Exact: 48 * time.Hour}}, pacing.Applied, "paused at 2027-01-03 12:00", "active lesson/b at 2027-01-04 09:00"},
		{"until", answered, pacing.Event{Until: "2027-03-28"}, pacing.Applied, "paused at 2027-03-28 00:00", "active lesson/b at 2027-03-28 09:00"},
		{"until today", answered, pacing.Event{Until: "2027-01-01"}, pacing.Unchanged, "active lesson/b at 2027-01-04 09:00", ""},
		{"in silence", silent, pacing.Event{For: course.Span{Days: 5}}, pacing.Applied, "paused at 2027-01-06 00:00", "awaiting welcome-back/a/1 at 2027-01-06 09:00"},
		{"shorter than the gap", answered, pacing.Event{For: course.Span{Days: 1}}, pacing.Applied, "paused at 2027-01-02 00:00", "active lesson/b at 2027-01-04 09:00"},
		{"in a longer hold", func(w *traveller) { w.say(pacing.NotYet) }, pacing.Event{For: course.Span{Days: 3}}, pacing.Applied,
			"paused at 2027-01-04 00:00", "holding ask-again/a/1 at 2027-01-08 09:00"},
		{"in a shorter hold", func(w *traveller) { w.say(pacing.NotYet) }, pacing.Event{For: course.Span{Days: 10}}, pacing.Applied,
			"paused at 2027-01-11 00:00", "awaiting welcome-back/a/1 at 2027-01-11 09:00"},
	} {
		w := setOut(t, road(daily), "Europe/London", "2027-01-01 12:00")
		w.say(pacing.Confirm)
		w.ride()
		c.before(w)
		c.pause.Kind = pacing.Pause
		if r := w.step(c.pause); r.Effect != c.effect {
			t.Errorf("%s: %s", c.name, r.Effect)
		}
		if got := w.stands(); got != c.paused {
			t.Errorf("%s: %s, want %s", c.name, got, c.paused)
		}
		if c.after == "" {
			continue
		}
		w.now = w.s.DueAt
		w.say(pacing.Due)
		if got := w.stands(); got != c.after {
			t.Errorf("%s: then %s, want %s", c.name, got, c.after)
		}
	}
}

func TestPauseBeforeTheFirstLetter(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(), "Europe/London", "2027-01-01 23:00")
	w.say(pacing.Confirm)
	w.step(pacing.Event{Kind: pacing.Pause, For: course.Span{Days: 7}})
	w.now = w.s.DueAt
	w.say(pacing.Due)
	w.expect("active lesson/a at 2027-01-09 09:00") // not at midnight
	w.ride()
}

// TestUnsafe: no or unsure to a safety question ends all mail until the reader
// writes or answers again.
func TestUnsafe(t *testing.T) {
	t.Parallel()
	type said = []pacing.EventKind
	for _, c := range []struct {
		name          string
		change        roadOption
		before, after said
		want          string
	}{
		{"under a gate", daily, nil, nil, "resting"},
		{"without a gate", noGate, nil, nil, "resting"},
		{"after a yes", daily, said{pacing.Ready}, nil, "resting"},
		{"in a hold", daily, said{pacing.NotYet}, nil, "resting"},
		{"in a pause", daily, said{pacing.Pause}, nil, "resting"},
		{"in a halt", daily, said{pacing.Halt}, said{pacing.Release}, "resting"},
		{"halted in the rest", daily, nil, said{pacing.Halt, pacing.Release}, "resting"},
		{"a pause wakes nothing", daily, nil, said{pacing.Pause}, "resting"},
		{"nor does a pace", daily, nil, said{pacing.Slower, pacing.Faster}, "resting"},
		{"then yes", daily, nil, said{pacing.Ready}, "active lesson/b at 2027-01-04 09:00"},
		{"without a gate, then yes", noGate, nil, said{pacing.Ready}, "active lesson/b at 2027-01-05 09:00"},
		{"then not-yet", daily, nil, said{pacing.NotYet}, "holding ask-again/a/1 at 2027-01-08 09:00"},
		{"then resume: the question stands", daily, said{pacing.Ready}, said{pacing.Resume}, "awaiting welcome-back/a/1 at 2027-01-02 09:00"},
		{"without a gate, then resume", noGate, nil, said{pacing.Resume}, "awaiting welcome-back/a/1 at 2027-01-02 09:00"},
		{"then back", daily, nil, said{pacing.Back}, "active lesson/a#1 at 2027-01-04 09:00"},
	} {
		w := setOut(t, road(c.change), "Europe/London", "2027-01-01 12:00")
		w.say(pacing.Confirm)
		w.ride()
		for _, k := range c.before {
			w.say(k)
		}
		if effect := w.say(pacing.Unsafe); effect != pacing.Applied {
			t.Errorf("%s: %s", c.name, effect)
		}
		for _, k := range c.after {
			w.say(k)
		}
		if got := w.stands(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestUnsafeToAnOlderLetter stops even a letter that is claimed.
func TestUnsafeToAnOlderLetter(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(daily), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	w.say(pacing.Ready)
	w.ride()
	w.say(pacing.Ready)
	claimed := w.claim()
	if r := w.step(pacing.Event{Kind: pacing.Unsafe, Lesson: "a"}); r.Effect != pacing.Applied {
		t.Errorf("unsafe: %s", r.Effect)
	}
	if v := pacing.Look(w.c, w.s, claimed, w.now); v.Decision != pacing.Cancel {
		t.Errorf("look: %+v", v)
	}
	w.step(pacing.Event{Kind: pacing.Cancelled, Mail: claimed})
	w.expect("resting")
	w.say(pacing.Ready)
	w.expect("active lesson/c at 2027-01-07 09:00")
}

func TestRepeatAndBack(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(daily), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	w.say(pacing.Ready)
	w.ride() // b on the 4th
	w.say(pacing.Back)
	w.expect("active lesson/a#1 at 2027-01-07 09:00")
	if effect := w.say(pacing.Back); effect != pacing.Unchanged {
		t.Errorf("back said twice: %s", effect)
	}
	w.ride()
	w.expect("awaiting reminder/a#1 at 2027-01-21 09:00") // the gate stands again
	w.say(pacing.Ready)
	w.expect("active lesson/b#1 at 2027-01-10 09:00")
	w.ride()
	w.say(pacing.Repeat)
	w.expect("active lesson/b#2 at 2027-01-13 09:00")
	w.ride()
	w.say(pacing.Ready)
	w.expect("active lesson/c#2 at 2027-01-16 09:00")
}

func TestBackAtTheFirstLetterRepeatsIt(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(daily), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	w.say(pacing.Back)
	w.expect("active lesson/a#1 at 2027-01-04 09:00") // in the window, after the gap
}
