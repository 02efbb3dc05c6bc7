package pacing_test

import (
	"testing"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

// toTheLast answers every letter but the last, which has just come, a few days
// after new year.
func toTheLast(t *testing.T, options ...roadOption) *traveller {
	t.Helper()
	w := setOut(t, road(options...), "Europe/London", "2026-12-29 12:00")
	w.say(pacing.Confirm)
	for _, lesson := range []string{"a", "b", "c", "d"} {
		w.say(pacing.Ready)
		m := w.ride()
		for m.Kind == pacing.KindPractice {
			m = w.ride()
		}
		if m.Lesson != lesson {
			t.Fatalf("%+v instead of %s", m, lesson)
		}
	}
	return w
}

// TestEnd comes a gap after the last letter, whether that is answered or not, and
// never again, however often an old letter does.
func TestEnd(t *testing.T) {
	t.Parallel()
	w := toTheLast(t)
	w.expect("active end/d at 2027-01-12 09:00")
	w.ride()
	w.expect("completed")
	if w.s.SentAt.Day() != 9 || w.s.DayCount != 1 || w.s.Lesson != "d" {
		t.Errorf("the end counts as a letter: %+v", w.s)
	}
	w.wait("2027-01-20 12:00")
	if effect := w.say(pacing.Ready); effect != pacing.Unchanged {
		t.Errorf("ready after the end: %s", effect)
	}
	if effect := w.say(pacing.Pause); effect != pacing.Ended {
		t.Errorf("a pause after the end: %s", effect)
	}
	w.say(pacing.Back)
	w.expect("active lesson/c#1 at 2027-01-23 09:00")
	w.ride()
	w.say(pacing.Ready)
	w.ride()
	w.expect("completed")
}

// TestEndKeepsThePace as a lesson does.
func TestEndKeepsThePace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		options []roadOption
		said    []pacing.EventKind
		want    string
	}{
		{"answered", nil, []pacing.EventKind{pacing.Ready}, "active end/d at 2027-01-12 09:00"},
		{"every day", []roadOption{daily}, nil, "active end/d at 2027-01-10 09:00"},
		{"slower", []roadOption{daily}, []pacing.EventKind{pacing.Slower}, "active end/d at 2027-01-12 09:00"},
		{"slower and faster again", []roadOption{daily}, []pacing.EventKind{pacing.Slower, pacing.Faster}, "active end/d at 2027-01-10 09:00"},
		{"no gate, in silence", []roadOption{noGate, daily}, nil, "active end/d at 2027-01-12 09:00"},
		{"no gate, answered", []roadOption{noGate, daily}, []pacing.EventKind{pacing.Ready}, "active end/d at 2027-01-10 09:00"},
		{"no question", []roadOption{mute(3)}, nil, "active end/d at 2027-01-12 09:00"},
		{"a gap of hours waits for a day without a letter", []roadOption{daily, gap("2h")}, nil, "active end/d at 2027-01-02 09:00"},
		{"practice letters are over", []roadOption{practice("p"), gap("30d")}, nil, "active end/d at 2027-05-04 09:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := toTheLast(t, c.options...)
			for _, k := range c.said {
				w.say(k)
			}
			w.expect(c.want)
		})
	}
}

// TestEndWaitsForNotYet: the last question may be held like any other.
func TestEndWaitsForNotYet(t *testing.T) {
	t.Parallel()
	w := toTheLast(t)
	w.say(pacing.NotYet)
	for _, want := range []string{
		"holding ask-again/d/1 at 2027-01-16 09:00",
		"awaiting open-door/d/1 at 2027-02-16 09:00",
		"awaiting open-door/d/2 at 2027-03-20 09:00",
		"awaiting open-door/d/3 at 2027-04-20 09:00",
	} {
		w.expect(want)
		w.ride()
	}
	w.expect("resting")
	w.wait("2027-04-22 12:00")
	w.say(pacing.Resume)
	w.expect("awaiting welcome-back/d/1 at 2027-04-24 09:00")
	w.ride()
	w.wait("2027-04-24 18:00")
	w.say(pacing.Ready)
	w.expect("active end/d at 2027-04-27 09:00")
}

// TestEndInTheAir is not said twice, whatever the reader does meanwhile.
func TestEndInTheAir(t *testing.T) {
	t.Parallel()
	w := toTheLast(t)
	end := w.claim()
	w.say(pacing.Repeat)
	if v := pacing.Look(w.c, w.s, end, w.now); v.Decision != pacing.Cancel {
		t.Errorf("after a repeat: %+v", v)
	}
	w.step(pacing.Event{Kind: pacing.Sent, Mail: end}) // it was on its way
	w.expect("active lesson/d#1 at 2027-01-12 09:00")
	w.ride()
	w.expect("completed")
}

// TestEndGoneAllTheSame ends the way from a pause or a rest too: there is nothing
// left that could come after it.
func TestEndGoneAllTheSame(t *testing.T) {
	t.Parallel()
	for _, said := range []pacing.EventKind{pacing.Pause, pacing.Unsafe} {
		w := toTheLast(t)
		end := w.claim()
		w.say(said)
		w.step(pacing.Event{Kind: pacing.Sent, Mail: end}) // it was on its way
		w.expect("completed")
		if effect := w.say(pacing.Resume); effect != pacing.Ended {
			t.Errorf("%s, then resume: %s", said, effect)
		}
	}
}

// TestEndThatIsLate goes at once after a ready, and does not lose its day to it.
func TestEndThatIsLate(t *testing.T) {
	t.Parallel()
	w := toTheLast(t)
	w.wait("2027-01-12 11:00")
	w.say(pacing.Ready)
	w.expect("active end/d at 2027-01-12 09:00")
	w.claim()
}

// TestStopAfterTheEnd: no repeat wakes a way that was stopped, complete or not.
func TestStopAfterTheEnd(t *testing.T) {
	t.Parallel()
	w := toTheLast(t)
	w.ride()
	w.say(pacing.Stop)
	w.expect("stopped")
	if effect := w.say(pacing.Repeat); effect != pacing.Ended {
		t.Errorf("a repeat after the stop: %s", effect)
	}
	w.say(pacing.Return)
	w.expect("completed")
}

// TestEndOfTheSameDay comes where the course has room for it on the last letter's.
func TestEndOfTheSameDay(t *testing.T) {
	t.Parallel()
	w := toTheLast(t, daily, gap("1h"), func(c *course.Course) { c.PerDay = 5 })
	w.expect("active end/d at 2026-12-29 16:00")
}

// TestEndFromBefore: a way that was complete before there was an end stays so, and
// has its end after the last letter has come once more.
func TestEndFromBefore(t *testing.T) {
	t.Parallel()
	w := toTheLast(t)
	w.ride()
	w.s.Goodbye = false // as such a way is kept
	for _, k := range []pacing.EventKind{pacing.Ready, pacing.NotYet, pacing.Slower, pacing.Pause, pacing.Unsafe, pacing.Prefer, pacing.Halt} {
		w.step(pacing.Event{Kind: k, Reader: w.s.Reader})
		w.expect("completed")
	}
	before := w.s
	w.say(pacing.Repeat)
	w.step(pacing.Event{Kind: pacing.Undo, Before: &before})
	w.expect("completed")
	w.say(pacing.Repeat)
	w.ride()
	w.say(pacing.Ready)
	if m := w.ride(); m.Kind != pacing.KindEnd {
		t.Errorf("%+v instead of the end", m)
	}
	w.expect("completed")
}

// TestEndThatDidNotGo stays owed: after a pause as it was, after a repeat on that
// occasion. Once it is let go, no undo brings it back.
func TestEndThatDidNotGo(t *testing.T) {
	t.Parallel()
	w := toTheLast(t)
	end := w.claim()
	w.say(pacing.Pause)
	if v := pacing.Look(w.c, w.s, end, w.now); v.Decision != pacing.Cancel {
		t.Errorf("in a pause: %+v", v)
	}
	w.step(pacing.Event{Kind: pacing.Cancelled, Mail: end})
	w.say(pacing.Resume)
	w.expect("active end/d at 2027-01-12 09:00")
	w.say(pacing.Repeat)
	w.ride()
	w.expect("active end/d#1 at 2027-01-16 09:00")
	before := w.s
	w.say(pacing.Slower)
	w.step(pacing.Event{Kind: pacing.LetGo, Mail: w.claim()})
	w.expect("completed")
	if r := w.step(pacing.Event{Kind: pacing.Undo, Before: &before}); r.Effect != pacing.Stale {
		t.Errorf("an undo after the end was let go: %s", r.Effect)
	}
	w.expect("completed")
}
