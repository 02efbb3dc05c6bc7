package pacing_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

// TestAnyWay drives random subscriptions through random courses: any zone, any
// words at any time, outages, mails cancelled, or sent while the reader turns
// round. The watcher checks every mail by its own arithmetic.
func TestAnyWay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := newDriver(t)
		for range rapid.IntRange(5, 150).Draw(t, "moves") {
			d.move()
		}
	})
}

// TestWillingReader answers at once and is served at once: every letter comes,
// in order, then the end, and then the way is complete.
func TestWillingReader(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := newDriver(t)
		d.step(pacing.Event{Kind: pacing.Confirm})
		for range d.watch.lessons {
			d.serve()
			d.hear(pacing.Event{Kind: pacing.Ready})
		}
		if d.s.Status == pacing.Completed || len(d.watch.runs[0]) != len(d.watch.lessons) {
			t.Fatalf("after all answers: %+v, sent %v", d.s, d.watch.runs)
		}
		d.serve()
		if last := d.watch.kinds[len(d.watch.kinds)-1]; d.s.Status != pacing.Completed || last != pacing.KindEnd {
			t.Fatalf("after the end: %+v, the last mail was %s", d.s, last)
		}
	})
}

// TestSilentReader comes to rest, or to the end, and nothing is due for ever.
func TestSilentReader(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := newDriver(t)
		d.step(pacing.Event{Kind: pacing.Confirm})
		for !d.s.DueAt.IsZero() {
			d.serve()
		}
		if d.s.Status != pacing.Resting && d.s.Status != pacing.Completed {
			t.Fatalf("in silence: %+v", d.s)
		}
		if last := d.watch.kinds; d.s.Status == pacing.Resting &&
			!slices.Equal(last[len(last)-4:], []pacing.Kind{pacing.KindReminder, pacing.KindOpenDoor, pacing.KindOpenDoor, pacing.KindOpenDoor}) {
			t.Fatalf("before rest: %v", last)
		}
	})
}

// driver is a worker, a ledger and a reader in one.
type driver struct {
	t     *rapid.T
	c     *course.Course
	s     pacing.State
	plain *course.Course // the same course without practice letters
	twin  pacing.State   // the same way through it
	now   time.Time
	watch *watcher
	air   *pacing.Mail // looked at and gone, outcome not yet known
	left  time.Time    // when it went

	unsafe bool // said, and no other word has woken the way since
	moved  bool // the reader lives by another clock, and no event has come since
}

func newDriver(t *rapid.T) *driver {
	c := drawCourse(t)
	s := pacing.NewState("way")
	s.Reader = drawReader(t)
	d := &driver{t: t, c: c, s: s, plain: withoutPractice(c), twin: s, watch: newWatcher(t, c)}
	d.now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 700*86400).Draw(t, "start")) * time.Second)
	if s.Reader.Zone.String() == "Pacific/Apia" && rapid.Bool().Draw(t, "skipped day") {
		d.now = time.Date(2011, 12, 20, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 9*86400).Draw(t, "near")) * time.Second)
	}
	return d
}

var moves = []string{"due", "due", "due", "due", "late", "outage", "say", "say", "say", "wait", "odd", "early"}

func (d *driver) move() {
	if d.air != nil { // only words come between a mail and its outcome
		if rapid.Bool().Draw(d.t, "landed") {
			d.land()
		} else {
			d.pass(time.Second)
			d.say()
		}
		return
	}
	if d.s.Sending != nil && rapid.IntRange(0, 3).Draw(d.t, "attempt") > 0 {
		d.attempt()
		return
	}
	if d.s.Practice.Sending != nil && rapid.IntRange(0, 3).Draw(d.t, "practise") > 0 {
		d.practise()
		return
	}
	switch rapid.SampledFrom(moves).Draw(d.t, "move") {
	case "due":
		d.toDue()
		d.claim()
	case "late":
		d.toDue()
		d.pass(12 * time.Hour)
		d.claim()
	case "outage":
		d.toDue()
		d.pass(50 * 24 * time.Hour)
		d.claim()
	case "say":
		d.pass(72 * time.Hour)
		d.say()
	case "wait":
		d.pass(10 * 24 * time.Hour)
	case "odd":
		d.odd()
	case "early":
		d.claim()
	}
}

// serve claims and sends what is due, without a fault; practice letters that come
// before it too.
func (d *driver) serve() {
	d.toDue()
	for d.claim(); d.s.Sending == nil && d.s.Practice.Sending != nil && !d.s.DueAt.IsZero(); d.claim() {
		d.practise()
		d.toDue()
	}
	for d.s.Sending != nil {
		v := d.look()
		if v.Decision == pacing.Later {
			d.now = v.At
			continue
		}
		d.air, d.left = d.s.Sending, d.now
		d.watch.goes(*d.air, d.s, d.now)
		d.land()
	}
}

func (d *driver) toDue() {
	if d.s.DueAt.After(d.now) {
		d.now = d.s.DueAt
	}
}

func (d *driver) pass(most time.Duration) {
	d.now = d.now.Add(time.Duration(rapid.Int64Range(0, int64(most)).Draw(d.t, "pass")))
}

func (d *driver) claim() {
	if d.unsafe && d.s.Next != nil {
		d.t.Fatalf("owes %+v to a reader who is not safe", *d.s.Next)
	}
	early := d.s.DueAt.IsZero() || d.now.Before(d.s.DueAt)
	r := d.step(pacing.Event{Kind: pacing.Due})
	if r.Send == nil {
		return
	}
	if early {
		d.t.Fatalf("claimed before it was due: %+v", r.Send)
	}
	if r.Send.Kind == pacing.KindPractice {
		d.watch.practices = append(d.watch.practices, *r.Send)
		return
	}
	d.watch.claimed(*r.Send)
}

func (d *driver) look() pacing.Verdict {
	v := pacing.Look(d.c, d.s, *d.s.Sending, d.now)
	if v.Decision == pacing.Later {
		if !v.At.After(d.now) {
			d.t.Fatalf("later, but not later than now: %+v at %s", v, d.now)
		}
		if again := pacing.Look(d.c, d.s, *d.s.Sending, v.At); again.Decision != pacing.Go {
			d.t.Fatalf("later was %s, and then %+v", v.At, again)
		}
	}
	return v
}

// attempt looks at the claimed mail, and sends it, cancels it or comes later.
func (d *driver) attempt() {
	m := *d.s.Sending
	v := d.look()
	if d.unsafe && v.Decision != pacing.Cancel {
		d.t.Fatalf("%+v to a reader who is not safe: %+v", m, v)
	}
	switch v.Decision {
	case pacing.Go:
		if rapid.IntRange(0, 9).Draw(d.t, "fate") == 0 {
			d.step(pacing.Event{Kind: pacing.Cancelled, Mail: m})
			return
		}
		d.watch.goes(m, d.s, d.now)
		d.air, d.left = &m, d.now
	case pacing.Later:
		if rapid.Bool().Draw(d.t, "wait for it") {
			d.now = v.At
		}
		d.pass(24 * time.Hour)
	case pacing.Cancel:
		d.step(pacing.Event{Kind: pacing.Cancelled, Mail: m})
	}
}

// land records the outcome, at the time of sending or a little later.
func (d *driver) land() {
	m := *d.air
	d.air = nil
	now := d.now
	d.now = d.left
	d.step(pacing.Event{Kind: pacing.Sent, Mail: m})
	d.now = now
}

func (d *driver) say() {
	k := rapid.SampledFrom([]pacing.EventKind{
		pacing.Ready, pacing.Ready, pacing.Ready, pacing.Ready, pacing.NotYet, pacing.NotYet, pacing.Slower, pacing.Faster,
		pacing.Pause, pacing.Resume, pacing.Repeat, pacing.Back, pacing.Help, pacing.Confirm, pacing.Confirm, pacing.Unsafe,
		pacing.PracticeOff, pacing.PracticeOn, pacing.PracticeOn,
	}).Draw(d.t, "word")
	e := pacing.Event{Kind: k}
	if k == pacing.Pause {
		e.For = course.Span{Days: rapid.IntRange(0, 60).Draw(d.t, "pause")}
	}
	answer := k == pacing.Ready || k == pacing.NotYet
	if (answer || k == pacing.Unsafe) && rapid.Bool().Draw(d.t, "names a letter") && len(d.watch.seen) > 0 {
		m := rapid.SampledFrom(d.watch.seen).Draw(d.t, "letter")
		e.Lesson, e.Occasion = m.Lesson, m.Occasion
	}
	back := d.takingBack()
	if d.hear(e) == pacing.Applied {
		back()
	}
}

// hear tells the subscription, and the watcher of answers.
func (d *driver) hear(e pacing.Event) pacing.Effect {
	before := d.s
	r := d.step(e)
	switch e.Kind {
	case pacing.Ready, pacing.NotYet:
		d.watch.answered(e, before, r.Effect)
		d.unsafe = d.unsafe && r.Effect != pacing.Applied
		d.watch.silent = d.watch.silent && r.Effect != pacing.Applied
	case pacing.Resume, pacing.Repeat, pacing.Back:
		d.unsafe = d.unsafe && r.Effect != pacing.Applied
		d.watch.silent = d.watch.silent && r.Effect != pacing.Applied
	case pacing.PracticeOff, pacing.PracticeOn:
		if r.Effect == pacing.Applied {
			d.watch.off = e.Kind == pacing.PracticeOff
		}
	case pacing.Unsafe:
		d.unsafe = d.unsafe || r.Effect == pacing.Applied
		d.watch.off = d.watch.off || r.Effect == pacing.Applied
		if r.Effect == pacing.Applied && before.Lesson != "" && before.Owed == "" {
			d.watch.answers[key(before.Lesson, before.Occasion)] = answerNote{notYet: true}
		}
	}
	return r.Effect
}

// odd is what happens rarely.
func (d *driver) odd() {
	switch rapid.SampledFrom([]string{"halt", "release", "release", "stop", "stop", "return", "return", "suppress", "move", "hour", "stray"}).Draw(d.t, "odd") {
	case "halt":
		d.step(pacing.Event{Kind: pacing.Halt})
	case "release":
		d.step(pacing.Event{Kind: pacing.Release})
	case "stop":
		d.step(pacing.Event{Kind: pacing.Stop})
	case "return":
		d.step(pacing.Event{Kind: pacing.Return})
	case "suppress":
		if rapid.IntRange(0, 9).Draw(d.t, "suppressed") == 0 {
			d.step(pacing.Event{Kind: pacing.Suppress})
		}
	case "move":
		d.watch.zones = append(d.watch.zones, d.s.Reader.Zone)
		d.s.Reader.Zone = drawZone(d.t)
		d.twin.Reader, d.moved = d.s.Reader, true
	case "hour":
		h := course.Hour(rapid.IntRange(0, 95).Draw(d.t, "hour") * 15)
		d.s.Reader.SendHour = &h
		d.twin.Reader, d.moved = d.s.Reader, true
	case "stray":
		d.step(pacing.Event{Kind: pacing.Cancelled, Mail: pacing.Mail{Kind: pacing.KindLesson, Lesson: "nowhere"}})
	}
}

// step applies an event and checks what holds of every step.
func (d *driver) step(e pacing.Event) pacing.Result {
	r, err := try(d.c, d.s, e, d.now)
	if err != nil {
		d.t.Fatalf("%s at %s: %v", e.Kind, d.now, err)
	}
	if why := broken(d.s, r, d.now); why != "" {
		d.t.Fatalf("%s at %s: %s\nfrom %+v\nto   %+v", e.Kind, d.now, why, d.s, r.State)
	}
	d.s, d.moved = r.State, d.moved && r.Effect != pacing.Applied
	for _, m := range d.watch.claims {
		if v := pacing.Look(d.c, d.s, m, d.now); v.Decision != pacing.Cancel && (d.s.Sending == nil || *d.s.Sending != m) {
			d.t.Fatalf("a mail that is no longer claimed: %+v, %+v", m, v)
		}
	}
	for _, m := range d.watch.practices {
		if v := pacing.Look(d.c, d.s, m, d.now); v.Decision != pacing.Cancel && (d.s.Practice.Sending == nil || *d.s.Practice.Sending != m) {
			d.t.Fatalf("a practice letter that is no longer claimed: %+v, %+v", m, v)
		}
	}
	d.likeTwin(e)
	d.haltAndBack()
	return r
}

// broken names a rule that a result breaks, whatever the event was.
func broken(before pacing.State, r pacing.Result, now time.Time) string {
	s := r.State
	moved := !s.DueAt.Equal(before.DueAt)
	switch {
	case moved && !s.DueAt.IsZero() && s.DueAt.Before(now.Truncate(time.Microsecond)):
		return "due in the past"
	case s.Next != nil && s.Sending != nil:
		return "owes a mail while another is claimed"
	case (s.Next != nil) == s.DueAt.IsZero() && s.Status != pacing.Paused:
		return "a next mail and a due time belong together"
	case r.Effect != pacing.Applied && stands(s) != stands(before):
		return "without effect, but changed"
	}
	quiet := s.DueAt.IsZero() && s.Next == nil
	switch s.Status {
	case pacing.Active, pacing.Awaiting, pacing.Holding:
		if quiet && s.Sending == nil {
			return "stuck: nothing owed, nothing claimed"
		}
	case pacing.Paused:
		if s.DueAt.IsZero() || s.Next != nil {
			return "a pause has an end and no mail"
		}
	default:
		if !quiet {
			return fmt.Sprintf("%s, but something is due", s.Status)
		}
	}
	return ""
}

// haltAndBack checks that a halt and its release, in one breath, lead back.
func (d *driver) haltAndBack() {
	halted, err := try(d.c, d.s, pacing.Event{Kind: pacing.Halt}, d.now)
	if err != nil || halted.Effect != pacing.Applied {
		return
	}
	back, err := try(d.c, halted.State, pacing.Event{Kind: pacing.Release}, d.now)
	if err != nil {
		d.t.Fatal(err)
	}
	was, _ := d.s.Ahead()
	is, _ := back.State.Ahead() // a lesson that gets a later hour may leave room for a practice letter
	same := (is == nil) == (was == nil) && (was == nil || *is == *was)
	if back.State.Status != d.s.Status || !same {
		d.t.Fatalf("halted and released at %s\nfrom %+v %v\nto   %+v %v", d.now, d.s, was, back.State, is)
	}
}
