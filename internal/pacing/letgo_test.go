package pacing_test

import (
	"testing"

	"longroad/internal/pacing"
)

// TestLetGo goes on after mails that were given up and let go.
func TestLetGo(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(), "Europe/London", "2027-01-25 12:00")
	w.say(pacing.Confirm)
	letGo := func(m pacing.Mail) pacing.Effect {
		t.Helper()
		return w.step(pacing.Event{Kind: pacing.LetGo, Mail: m}).Effect
	}
	w.ride()
	before := w.s
	w.say(pacing.Ready)
	b := w.claim() // on a saturday
	w.wait("2027-02-10 15:00")
	letGo(b)
	// Its gate needs no answer, its gap no time: the next window, and no hurry.
	w.expect("active lesson/c at 2027-02-13 09:00")
	if w.s.Lesson != "b" || w.s.Answer != "" || w.s.SentAt.Day() != 25 || w.s.Unanswered != 0 {
		t.Errorf("it counts as sent: %+v", w.s)
	}
	if got := letGo(b); got != pacing.Unchanged {
		t.Errorf("let go twice: %s", got)
	}
	if got := w.step(pacing.Event{Kind: pacing.Undo, Before: &before}).Effect; got != pacing.Stale {
		t.Errorf("the ready before it is taken back: %s", got)
	}
	w.ride()
	w.expect("awaiting reminder/c at 2027-02-27 09:00") // a letter that came waits for its answer
	reminder := w.claim()
	letGo(reminder)
	w.expect("awaiting open-door/c/1 at 2027-03-16 09:00")
	w.say(pacing.Back)
	if m := w.ride(); m.Lesson != "b" || m.Occasion != 1 {
		t.Errorf("back leads to %+v", m)
	}
	w.expect("awaiting reminder/b#1 at 2027-03-13 09:00")
	w.say(pacing.Ready)
	w.ride()
	w.say(pacing.Ready)
	letGo(w.claim())
	w.expect("active end/d#1 at 2027-03-06 09:00")
	letGo(w.claim())
	w.expect("completed")
}

// TestLetGoStillHears heeds a not-yet, whatever came.
func TestLetGoStillHears(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(), "Europe/London", "2027-01-25 12:00")
	w.say(pacing.Confirm)
	w.step(pacing.Event{Kind: pacing.LetGo, Mail: w.claim()})
	w.expect("active lesson/b at 2027-01-26 09:00")
	w.say(pacing.NotYet)
	w.expect("holding ask-again/a/1 at 2027-02-02 09:00")
}
