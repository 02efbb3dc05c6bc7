package pacing_test

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"pgregory.net/rapid"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

// withoutPractice is the same course with no practice letters in it.
func withoutPractice(c *course.Course) *course.Course {
	plain, way := *c, *c.Tracks[0]
	way.Stages = nil
	for _, s := range c.Tracks[0].Stages {
		stage := *s
		stage.Practice = nil
		way.Stages = append(way.Stages, &stage)
	}
	plain.Tracks = []*course.Track{&way}
	return &plain
}

// likeTwin steps the twin, who gets no practice letters, and compares: the way
// must be the same to the second, whatever practice letters do.
func (d *driver) likeTwin(e pacing.Event) {
	if e.Kind != pacing.PracticeOff && e.Kind != pacing.PracticeOn && e.Mail.Kind != pacing.KindPractice {
		r, err := try(d.plain, d.twin, e, d.now)
		if err != nil {
			d.t.Fatal(err)
		}
		d.twin = r.State
	}
	mine, plain := d.s, d.twin
	mine.Next, mine.DueAt = d.s.Ahead()
	mine.Practice, plain.Practice = pacing.Practice{}, pacing.Practice{}
	if !reflect.DeepEqual(mine, plain) {
		d.t.Fatalf("%s at %s: practice letters changed the way\nwith    %+v\nwithout %+v", e.Kind, d.now, mine, plain)
	}
}

// practise looks at the claimed practice letter, and sends it, cancels it, lets
// it go or comes later.
func (d *driver) practise() {
	m := *d.s.Practice.Sending
	v := pacing.Look(d.c, d.s, m, d.now)
	switch v.Decision {
	case pacing.Go:
		switch rapid.IntRange(0, 9).Draw(d.t, "fate of practice") {
		case 0:
			d.step(pacing.Event{Kind: pacing.Cancelled, Mail: m})
			return
		case 1:
			d.step(pacing.Event{Kind: pacing.LetGo, Mail: m})
			d.watch.had[m.Lesson]++
			d.watch.lastHad = m.Lesson
			return
		}
		d.watch.practised(m, d.s, d.twin, d.now)
		d.step(pacing.Event{Kind: pacing.Sent, Mail: m})
	case pacing.Later:
		if !v.At.After(d.now) {
			d.t.Fatalf("later, but not later than now: %+v at %s", v, d.now)
		}
		if again := pacing.Look(d.c, d.s, m, v.At); again.Decision != pacing.Go {
			d.t.Fatalf("later was %s, and then %+v", v.At, again)
		}
		d.now = v.At
	case pacing.Cancel:
		d.step(pacing.Event{Kind: pacing.Cancelled, Mail: m})
	}
}

// practised checks a practice letter at the moment at which it leaves; twin knows
// what comes next on the way.
func (w *watcher) practised(m pacing.Mail, s, twin pacing.State, now time.Time) {
	step := fmt.Sprintf("%s#%d", m.Step(), m.Occasion)
	switch {
	case w.steps[m.Step()]:
		w.t.Fatalf("%s went twice", m.Step())
	case w.off:
		w.t.Fatalf("%s went to a reader who wants none", step)
	case w.silent:
		w.t.Fatalf("%s went to a reader who has not said a word since the reminder", step)
	case s.Status != pacing.Active && s.Status != pacing.Awaiting && s.Status != pacing.Holding:
		w.t.Fatalf("%s went to a subscription that is %s", step, s.Status)
	}
	w.steps[m.Step()] = true
	stage := w.stages[slices.Index(w.lessons, s.Lesson)]
	w.inTurn(m, stage)
	w.had[m.Lesson]++
	w.lastHad = m.Lesson
	w.inside(stage.Window, s.Reader, now)
	zone := s.Reader.Zone
	if w.practice != (time.Time{}) && daysBetween(w.practice, now, zone) < 14 {
		w.t.Fatalf("%s on %s, the one before was on %s", step, now.In(zone), w.practice.In(zone))
	}
	if daysBetween(w.last, now, zone) <= 3 {
		w.t.Fatalf("%s on %s, the last letter was on %s", step, now.In(zone), w.last.In(zone))
	}
	if next := daysBetween(now, twin.DueAt, zone); next < 1 || twin.Next.Kind == pacing.KindLesson && next <= 3 {
		w.t.Fatalf("%s on %s, and %s comes on %s", step, now.In(zone), twin.Next.Step(), twin.DueAt.In(zone))
	}
	if daysBetween(s.MailedAt, now, zone) < 1 {
		w.t.Fatalf("%s on %s, a day with another mail", step, now.In(zone))
	}
	w.practice = now
}

// inTurn: in order, first those that were never had, and then round again.
func (w *watcher) inTurn(m pacing.Mail, stage *course.Stage) {
	at, last, fresh := -1, -1, -1
	for i, l := range stage.Practice {
		if l.ID == m.Lesson {
			at = i
		}
		if l.ID == w.lastHad {
			last = i
		}
		if w.had[l.ID] == 0 && fresh < 0 {
			fresh = i
		}
	}
	switch {
	case at < 0:
		w.t.Fatalf("%s is not of the stage %s", m.Step(), stage.ID)
	case fresh >= 0 && at != fresh, fresh < 0 && last >= 0 && at != (last+1)%len(stage.Practice):
		w.t.Fatalf("%s came out of its turn, after %s: %v", m.Step(), w.lastHad, w.had)
	case m.N != w.had[m.Lesson]+1:
		w.t.Fatalf("%s, had %v", m.Step(), w.had)
	}
}

// daysBetween are the local dates from one moment to another.
func daysBetween(from, to time.Time, zone *time.Location) int {
	return int(civil(to.In(zone)).Sub(civil(from.In(zone))).Hours() / 24)
}
