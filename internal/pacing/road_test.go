package pacing_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"encoding/json"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

// roadOption changes a course of the tests.
type roadOption func(*course.Course)

// road is a course with one track, "way", of one stage: lessons a, b, c, d, all
// with a check-in, a gap of three days, gate ready, tuesdays and saturdays.
func road(options ...roadOption) *course.Course {
	stage := &course.Stage{
		ID: "all", Gap: course.Span{Days: 3}, Gate: course.GateReady, RemindAfter: course.Span{Days: 14},
		Window: course.Window{Days: [7]bool{2: true, 6: true}, At: 9 * 60, Until: 20 * 60},
	}
	for _, id := range []string{"a", "b", "c", "d"} {
		stage.Lessons = append(stage.Lessons, letter(id, true))
	}
	c := &course.Course{
		ID: "road", First: course.FirstAtOnce, PerDay: 1,
		Tracks: []*course.Track{{ID: "way", Stages: []*course.Stage{stage}}},
	}
	for _, option := range options {
		option(c)
	}
	return c
}

func letter(id string, asks bool) *course.Lesson {
	l := &course.Lesson{ID: id}
	if asks {
		l.CheckIn = &course.CheckIn{Kind: course.CheckInPace, Answers: []course.Answer{course.AnswerReady, course.AnswerNotYet}}
	}
	return l
}

func stage(c *course.Course) *course.Stage { return c.Tracks[0].Stages[0] }

func noGate(c *course.Course)   { stage(c).Gate = course.GateNone }
func inWindow(c *course.Course) { c.First = course.FirstWindow }

func daily(c *course.Course) {
	stage(c).Window.Days = [7]bool{true, true, true, true, true, true, true}
}

func mute(lessons ...int) roadOption {
	return func(c *course.Course) {
		for _, i := range lessons {
			stage(c).Lessons[i].CheckIn = nil
		}
	}
}

// practice gives the stage practice letters.
func practice(ids ...string) roadOption {
	return func(c *course.Course) {
		for _, id := range ids {
			stage(c).Practice = append(stage(c).Practice, letter(id, false))
		}
	}
}

func gap(s string) roadOption {
	return func(c *course.Course) {
		span, err := course.ParseSpan(s)
		if err != nil {
			panic(err)
		}
		stage(c).Gap = span
	}
}

// traveller walks a subscription through a course and keeps its clock.
type traveller struct {
	t   testing.TB
	c   *course.Course
	s   pacing.State
	now time.Time
}

func setOut(t testing.TB, c *course.Course, zone, local string) *traveller {
	t.Helper()
	s := pacing.NewState("way")
	z, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	s.Reader.Zone = z
	w := &traveller{t: t, c: c, s: s}
	w.wait(local)
	return w
}

// wait moves the clock to a local time.
func (w *traveller) wait(local string) {
	w.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", local, w.s.Reader.Zone)
	if err != nil {
		w.t.Fatal(err)
	}
	w.now = at
}

// step applies an event, and checks what holds of every step.
func (w *traveller) step(e pacing.Event) pacing.Result {
	w.t.Helper()
	r, err := try(w.c, w.s, e, w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	w.s = r.State
	return r
}

// try is Step, on a state that went through JSON and columns as in Postgres; it
// reports a step that changed what it was given.
func try(c *course.Course, s pacing.State, e pacing.Event, now time.Time) (pacing.Result, error) {
	stored, err := store(s)
	if err != nil {
		return pacing.Result{}, err
	}
	before, _ := json.Marshal(stored)
	r, err := pacing.Step(c, stored, e, now)
	if err != nil {
		return r, err
	}
	if after, _ := json.Marshal(stored); string(before) != string(after) {
		return r, fmt.Errorf("%s changed the state it was given: %s to %s", e.Kind, before, after)
	}
	kept, err := store(r.State)
	if err != nil {
		return r, err
	}
	if !reflect.DeepEqual(kept, r.State) {
		return r, fmt.Errorf("%s: the state does not survive storing: %+v to %+v", e.Kind, r.State, kept)
	}
	return r, err
}

func store(s pacing.State) (pacing.State, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return s, err
	}
	var kept pacing.State
	if err := json.Unmarshal(text, &kept); err != nil {
		return s, err
	}
	kept.Status, kept.DueAt, kept.Reader = s.Status, s.DueAt, s.Reader
	return kept, nil
}

func (w *traveller) say(k pacing.EventKind) pacing.Effect {
	w.t.Helper()
	return w.step(pacing.Event{Kind: k}).Effect
}

// claim goes to the due time and claims what is owed then.
func (w *traveller) claim() pacing.Mail {
	w.t.Helper()
	if w.s.DueAt.IsZero() {
		w.t.Fatalf("nothing is due: %+v", w.s)
	}
	w.now = w.s.DueAt
	r := w.step(pacing.Event{Kind: pacing.Due})
	if r.Send == nil {
		w.t.Fatalf("nothing to send at the due time: %+v", w.s)
	}
	return *r.Send
}

// ride claims and sends what is next.
func (w *traveller) ride() pacing.Mail {
	w.t.Helper()
	m := w.claim()
	if v := pacing.Look(w.c, w.s, m, w.now); v.Decision != pacing.Go {
		w.t.Fatalf("look: %+v", v)
	}
	w.step(pacing.Event{Kind: pacing.Sent, Mail: m})
	return m
}

// stands describes the state in one line.
func (w *traveller) stands() string { return stands(w.s) }

func stands(s pacing.State) string {
	parts := []string{string(s.Status)}
	if s.Sending != nil {
		parts = append(parts, "sending "+name(*s.Sending))
	}
	if s.Next != nil {
		parts = append(parts, name(*s.Next))
	}
	if !s.DueAt.IsZero() {
		zone := s.Reader.Zone
		if zone == nil {
			zone = time.UTC
		}
		parts = append(parts, "at "+s.DueAt.In(zone).Format("2006-01-02 15:04"))
		if m, at := s.Ahead(); s.Next != nil && *m != *s.Next {
			parts = append(parts, "before", name(*m), "at "+at.In(zone).Format("2006-01-02 15:04"))
		}
	}
	if s.Practice.Sending != nil {
		parts = append(parts, "beside", name(*s.Practice.Sending))
	}
	return strings.Join(parts, " ")
}

func name(m pacing.Mail) string {
	if m.Occasion == 0 {
		return m.Step()
	}
	return fmt.Sprintf("%s#%d", m.Step(), m.Occasion)
}

func (w *traveller) expect(want string) {
	w.t.Helper()
	if got := w.stands(); got != want {
		w.t.Errorf("stands at %q, want %q", got, want)
	}
}
