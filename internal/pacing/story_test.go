package pacing_test

import (
	"testing"
	"time"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

// TestSilence is a year without a word, under a gate.
func TestSilence(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	for _, want := range []string{
		"active lesson/a at 2027-01-01 12:00",
		"awaiting reminder/a at 2027-01-16 09:00",
		"awaiting open-door/a/1 at 2027-02-16 09:00",
		"awaiting open-door/a/2 at 2027-03-20 09:00",
		"awaiting open-door/a/3 at 2027-04-20 09:00",
	} {
		w.expect(want)
		w.ride()
	}
	w.expect("resting")
}

// TestSilenceWithoutGate: each check-in without an answer stretches the next
// gap, 4, 6, 9, 12 days and no more; an answer ends that.
func TestSilenceWithoutGate(t *testing.T) {
	t.Parallel()
	c := road(noGate, daily, gap("4d"))
	stage(c).Lessons = append(stage(c).Lessons, letter("e", true), letter("f", true), letter("g", true))
	w := setOut(t, c, "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	for _, want := range []string{
		"active lesson/a at 2027-01-01 12:00",
		"active lesson/b at 2027-01-07 09:00",
		"active lesson/c at 2027-01-16 09:00",
		"active lesson/d at 2027-01-28 09:00",
		"active lesson/e at 2027-02-09 09:00",
	} {
		w.expect(want)
		w.ride()
	}
	w.expect("active lesson/f at 2027-02-21 09:00")
	w.wait("2027-02-10 10:00")
	w.say(pacing.Ready)
	w.expect("active lesson/f at 2027-02-13 09:00")
	w.wait("2027-02-13 10:00") // nobody claimed it at nine
	w.say(pacing.Slower)
	w.expect("active lesson/f at 2027-02-15 09:00")
	w.say(pacing.Faster)
	w.expect("active lesson/f at 2027-02-14 09:00") // never before the event
}

func TestLettersWithoutCheckInNeverWait(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(mute(0, 1), daily), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	for _, want := range []string{
		"active lesson/a at 2027-01-01 12:00",
		"active lesson/b at 2027-01-04 09:00",
		"active lesson/c at 2027-01-07 09:00",
	} {
		w.expect(want)
		w.ride()
	}
	w.expect("awaiting reminder/c at 2027-01-21 09:00")
}

func TestWelcomeBackThenDoorsThenRest(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(daily), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	for range 5 {
		w.ride()
	}
	w.expect("resting")
	w.wait("2028-01-01 12:00")
	w.say(pacing.Resume)
	for _, want := range []string{
		"awaiting welcome-back/a/1 at 2028-01-02 09:00",
		"awaiting open-door/a/4 at 2028-02-01 09:00",
		"awaiting open-door/a/5 at 2028-03-02 09:00",
		"awaiting open-door/a/6 at 2028-04-01 09:00",
	} {
		w.expect(want)
		w.ride()
	}
	w.expect("resting")
	w.wait("2028-06-01 12:00")
	w.say(pacing.Resume)
	w.expect("awaiting welcome-back/a/2 at 2028-06-02 09:00")
	w.ride()
	w.wait("2028-06-02 10:00")
	w.say(pacing.Ready)
	w.ride()
	w.expect("awaiting reminder/b at 2028-06-17 09:00") // the new letter's ladder starts below
}

// TestTurningRoundWhileALetterIsInTheAir: it left before the reader said back.
// It moves the floors, and does not become the current letter.
func TestTurningRoundWhileALetterIsInTheAir(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(daily), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	w.say(pacing.Ready)
	b := w.claim()
	w.say(pacing.Repeat)
	if v := pacing.Look(w.c, w.s, b, w.now); v.Decision != pacing.Cancel {
		t.Errorf("look at a withdrawn letter: %+v", v)
	}
	w.step(pacing.Event{Kind: pacing.Sent, Mail: b})
	w.expect("active lesson/a#1 at 2027-01-07 09:00")
	w.ride()
	w.say(pacing.Ready)
	w.expect("active lesson/b#1 at 2027-01-10 09:00")
}

func TestCancelledLetterIsOwedAgain(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(daily), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	w.say(pacing.Ready)
	b := w.claim()
	w.say(pacing.Pause)
	if v := pacing.Look(w.c, w.s, b, w.now); v.Decision != pacing.Cancel {
		t.Errorf("look in a pause: %+v", v)
	}
	w.step(pacing.Event{Kind: pacing.Cancelled, Mail: b})
	w.now = w.s.DueAt
	w.say(pacing.Due)
	w.expect("active lesson/b at 2027-02-03 09:00")
}

func TestPerDay(t *testing.T) {
	t.Parallel()
	trial := func(perDay int) *course.Course {
		return road(daily, noGate, mute(0, 1, 2, 3), gap("2s"), func(c *course.Course) { c.PerDay = perDay })
	}
	w := setOut(t, trial(1), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	w.expect("active lesson/b at 2027-01-02 09:00")
	w = setOut(t, trial(3), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	w.ride()
	w.ride()
	w.expect("active lesson/d at 2027-01-02 09:00")
}

// TestMovingWest: on the 5th in Tokyo it is still the 4th in Honolulu; the
// letters of the 5th stay counted.
func TestMovingWest(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(daily, noGate, mute(0, 1, 2, 3), gap("1h")), "Asia/Tokyo", "2027-03-05 10:00")
	w.say(pacing.Confirm)
	w.ride()
	honolulu, err := time.LoadLocation("Pacific/Honolulu")
	if err != nil {
		t.Fatal(err)
	}
	w.s.Reader.Zone = honolulu
	w.say(pacing.Slower) // any new computation
	w.expect("active lesson/b at 2027-03-06 09:00")
	w.ride()
	if w.s.Day != "2027-03-06" || w.s.DayCount != 1 {
		t.Errorf("counted %d on %s", w.s.DayCount, w.s.Day)
	}
}

// TestMovingWestOnADayWithRoom: a letter on the local 4th counts on the 5th
// that the reader has seen already.
func TestMovingWestOnADayWithRoom(t *testing.T) {
	t.Parallel()
	two := func(c *course.Course) { c.PerDay = 2 }
	w := setOut(t, road(daily, noGate, mute(0, 1, 2, 3), gap("1h"), two), "Asia/Tokyo", "2027-03-05 10:00")
	w.say(pacing.Confirm)
	w.ride()
	w.s.Reader.Zone = time.FixedZone("HST", -10*3600)
	w.say(pacing.Slower)
	w.expect("active lesson/b at 2027-03-04 16:30")
	w.ride()
	if w.s.Day != "2027-03-05" || w.s.DayCount != 2 {
		t.Errorf("counted %d on %s", w.s.DayCount, w.s.Day)
	}
	w.expect("active lesson/c at 2027-03-06 09:00")
}

// TestStrayOutcome: the outcome of a mail that was withdrawn comes while another
// is claimed. It is noted, and the claimed one stays.
func TestStrayOutcome(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(daily), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	reminder := w.claim()
	w.say(pacing.NotYet)
	asked := w.claim()
	if v := pacing.Look(w.c, w.s, reminder, w.now); v.Decision != pacing.Cancel {
		t.Errorf("look at the withdrawn reminder: %+v", v)
	}
	w.step(pacing.Event{Kind: pacing.Sent, Mail: reminder})
	w.expect("holding sending ask-again/a/1")
	w.step(pacing.Event{Kind: pacing.Sent, Mail: asked})
	w.expect("awaiting open-door/a/1 at 2027-02-21 09:00")
}

func TestReminderOfHours(t *testing.T) {
	t.Parallel()
	hours := func(c *course.Course) { stage(c).RemindAfter = course.Span{Exact: 26 * time.Hour} }
	w := setOut(t, road(daily, hours), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	w.expect("awaiting reminder/a at 2027-01-02 14:00")
	quick := func(c *course.Course) { stage(c).RemindAfter = course.Span{Exact: 2 * time.Hour} }
	w = setOut(t, road(daily, quick), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	w.expect("awaiting reminder/a at 2027-01-02 09:00") // not on the letter's day
}

// TestLook: the last question, again and again before each attempt.
func TestLook(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	first := w.claim()
	w.wait("2027-01-01 23:59")
	if v := pacing.Look(w.c, w.s, first, w.now); v.Decision != pacing.Go {
		t.Errorf("a first letter goes at any hour: %+v", v)
	}
	w.step(pacing.Event{Kind: pacing.Sent, Mail: first})
	w.say(pacing.Ready)
	b := w.claim()
	for _, c := range []struct{ at, decision, later string }{
		{"2027-01-05 09:00", "go", ""},
		{"2027-01-05 19:59", "go", ""},
		{"2027-01-05 20:00", "later", "2027-01-09 09:00"},
		{"2027-01-06 10:00", "later", "2027-01-09 09:00"},
		{"2027-01-09 08:00", "later", "2027-01-09 09:00"},
		{"2027-01-09 09:30", "go", ""},
	} {
		w.wait(c.at)
		v := pacing.Look(w.c, w.s, b, w.now)
		later := ""
		if !v.At.IsZero() {
			later = v.At.In(w.s.Reader.Zone).Format("2006-01-02 15:04")
		}
		if string(v.Decision) != c.decision || later != c.later {
			t.Errorf("look at %s: %+v", c.at, v)
		}
	}
	full := w.s
	full.Day, full.DayCount = "2027-01-09", 1
	if v := pacing.Look(w.c, full, b, w.now); v.Decision != pacing.Later {
		t.Errorf("look on a full day: %+v", v)
	}
	w.say(pacing.Stop)
	if v := pacing.Look(w.c, w.s, b, w.now); v.Decision != pacing.Cancel {
		t.Errorf("look after a stop: %+v", v)
	}
}
