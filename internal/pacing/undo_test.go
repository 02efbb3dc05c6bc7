package pacing_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

// takenBack are the words that a reader can take back.
var takenBack = []pacing.EventKind{
	pacing.Ready, pacing.NotYet, pacing.Slower, pacing.Faster, pacing.Pause, pacing.Resume, pacing.Repeat, pacing.Back,
	pacing.PracticeOff, pacing.PracticeOn,
}

// TestUndoEverywhere: from every scene, each word taken back in the same breath
// leads back to where it was said; a word that changed nothing has nothing to
// take back.
func TestUndoEverywhere(t *testing.T) {
	t.Parallel()
	undone := 0
	for _, scene := range scenes() {
		for _, k := range takenBack {
			w := scene.lead(t)
			before := w.s
			said, err := pacing.Step(w.c, before, pacing.Event{Kind: k}, w.now)
			if err != nil {
				t.Fatal(err)
			}
			if said.Effect != pacing.Applied || said.State.Sending != nil || before.Status == pacing.Halted {
				continue
			}
			back, err := pacing.Step(w.c, said.State, pacing.Event{Kind: pacing.Undo, Before: &before}, w.now)
			if err != nil || back.Effect != pacing.Applied {
				t.Errorf("%s, %s: %s, %v", scene.name, k, back.Effect, err)
				continue
			}
			if before.Sending == nil && stands(back.State) != stands(before) {
				t.Errorf("%s, %s: stands at %q, stood at %q", scene.name, k, stands(back.State), stands(before))
			}
			undone++
		}
	}
	if undone < 60 {
		t.Errorf("only %d words were taken back", undone)
	}
}

// TestUndoLater: what was to come later comes when it was to come, what should
// have come meanwhile gets a new time, and preferences stay.
func TestUndoLater(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		scene string
		word  pacing.EventKind
		at    string
		want  string
	}{
		{"before it is due", "active, answered", pacing.Pause, "2027-02-01 20:00", "active lesson/c at 2027-02-02 09:00"},
		{"after it was due", "active, answered", pacing.Pause, "2027-02-02 10:00", "active lesson/c at 2027-02-06 09:00"},
		{"long after", "active, answered", pacing.NotYet, "2027-02-07 10:00", "active lesson/c at 2027-02-09 09:00"},
		{"a ready, the reminder still to come", "awaiting", pacing.Ready, "2027-02-01 20:00", "awaiting reminder/b at 2027-02-13 09:00"},
		{"a repeat", "awaiting", pacing.Repeat, "2027-02-01 20:00", "awaiting reminder/b at 2027-02-13 09:00"},
		{"a repeat of a way at its end", "completed", pacing.Repeat, "2027-02-14 20:00", "completed"},
		{"a letter that the pause cancelled", "paused, letter claimed", pacing.Resume, "2027-02-08 20:00", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			i := slices.IndexFunc(scenes(), func(s scene) bool { return s.name == c.scene })
			w := scenes()[i].lead(t)
			before := w.s
			w.say(c.word)
			if w.s.Sending != nil { // what was claimed is cancelled first, as the ledger does
				m := *w.s.Sending
				w.step(pacing.Event{Kind: pacing.Cancelled, Mail: m})
			}
			w.wait(c.at)
			evening := course.Hour(20*60 + 30)
			w.s.Reader.SendHour = &evening
			r, err := pacing.Step(w.c, w.s, pacing.Event{Kind: pacing.Undo, Before: &before}, w.now)
			if err != nil || r.Effect != pacing.Applied {
				t.Fatalf("%s, %v", r.Effect, err)
			}
			if r.State.Reader.SendHour != &evening {
				t.Error("the reader's own hour is gone")
			}
			w.s.Reader.SendHour = nil
			r, _ = pacing.Step(w.c, w.s, pacing.Event{Kind: pacing.Undo, Before: &before}, w.now)
			if got := stands(r.State); c.want != "" && got != c.want {
				t.Errorf("stands at %q, want %q", got, c.want)
			}
		})
	}
}

// TestUndoRefused: nobody is woken, freed or sent back by it.
func TestUndoRefused(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(), "Europe/London", "2027-01-25 12:00")
	fresh := w.s
	w.say(pacing.Confirm)
	w.ride()
	w.say(pacing.Ready)
	early := w.s
	w.ride()
	w.wait("2027-02-01 12:00")
	now := w.s
	after := func(k pacing.EventKind) pacing.State {
		r, err := pacing.Step(w.c, now, pacing.Event{Kind: k}, w.now)
		if err != nil {
			t.Fatal(err)
		}
		return r.State
	}
	for name, c := range map[string]struct {
		s      pacing.State
		before *pacing.State
		want   pacing.Effect
	}{
		"nothing to go back to":      {now, nil, pacing.Unchanged},
		"before the confirmation":    {now, &fresh, pacing.Stale},
		"a letter has gone since":    {now, &early, pacing.Stale},
		"stopped":                    {after(pacing.Stop), &now, pacing.Ended},
		"suppressed":                 {after(pacing.Suppress), &now, pacing.Ended},
		"halted":                     {after(pacing.Halt), &now, pacing.Unchanged},
		"not safe":                   {after(pacing.Unsafe), &now, pacing.Unchanged},
		"back into a halt, a ruse":   {now, new(after(pacing.Halt)), pacing.Unchanged},
		"back into an end, likewise": {now, new(after(pacing.Stop)), pacing.Unchanged},
	} {
		r, err := pacing.Step(w.c, c.s, pacing.Event{Kind: pacing.Undo, Before: c.before}, w.now)
		if err != nil || r.Effect != c.want || stands(r.State) != stands(c.s) {
			t.Errorf("%s: %s, %v, %s", name, r.Effect, err, stands(r.State))
		}
	}
}

// takingBack remembers how all stands before a word. What it gives sometimes
// takes the word back, at once or later; the watcher goes on as if it had not
// been said.
func (d *driver) takingBack() func() {
	before, answers, unsafe, silent, off := d.s, maps.Clone(d.watch.answers), d.unsafe, d.watch.silent, d.watch.off
	standing := stands
	if d.moved { // a practice letter laid before that gets another hour
		standing = func(s pacing.State) string {
			s.Next, s.DueAt = s.Ahead()
			s.Practice.Behind = nil
			return stands(s)
		}
	}
	return func() {
		claimed := d.air != nil || d.s.Sending != nil || d.s.Practice.Sending != nil
		if claimed || rapid.IntRange(0, 3).Draw(d.t, "take back") > 0 {
			return
		}
		e := pacing.Event{Kind: pacing.Undo, Before: &before}
		r, err := try(d.c, d.s, e, d.now)
		if err != nil {
			d.t.Fatal(err)
		}
		ahead := (before.DueAt.IsZero() || before.DueAt.After(d.now)) && before.Sending == nil && before.Practice.Sending == nil
		if r.Effect == pacing.Applied && ahead && standing(r.State) != standing(before) {
			d.t.Fatalf("taken back at %s\nfrom %+v %s\nto   %+v %s", d.now, before, standing(before), r.State, standing(r.State))
		}
		d.pass(20 * 24 * time.Hour)
		if d.step(e).Effect == pacing.Applied {
			d.watch.answers, d.unsafe, d.watch.silent, d.watch.off = answers, unsafe, silent, off
		}
	}
}
