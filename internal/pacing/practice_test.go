package pacing_test

import (
	"strings"
	"testing"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

// rides rides so many mails and tells them with their local dates.
func (w *traveller) rides(n int) string {
	w.t.Helper()
	var all []string
	for range n {
		m := w.ride()
		all = append(all, w.now.In(w.s.Reader.Zone).Format("01-02")+" "+name(m))
		if m.Kind == pacing.KindLesson && w.s.Answer != course.AnswerReady {
			w.say(pacing.Ready)
		}
	}
	return strings.Join(all, ", ")
}

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s\n got %s\nwant %s", what, got, want)
	}
}

// TestPracticeInOrder: in the wait for the next lesson, fourteen days apart, more
// than three from any lesson, each in turn and then round again.
func TestPracticeInOrder(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(practice("p", "q", "r"), gap("30d")), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	same(t, "thirty days between lessons", w.rides(9),
		"01-01 lesson/a, 01-05 practice/p/1, 01-19 practice/q/1, 02-02 lesson/b, 02-06 practice/r/1, 02-20 practice/p/2, 03-06 lesson/c, 03-13 practice/q/2, 03-27 practice/r/2")
	w = setOut(t, road(practice("p"), gap("7d"), noGate), "Europe/London", "2027-01-05 12:00")
	w.say(pacing.Confirm)
	same(t, "no room within a week", w.rides(3), "01-05 lesson/a, 01-12 lesson/b, 01-19 lesson/c")
}

// TestPracticeIsOfTheStage: only of the stage in which the current lesson stands;
// of those that stages share, what was never had comes first.
func TestPracticeIsOfTheStage(t *testing.T) {
	t.Parallel()
	c := road(gap("30d"))
	first, second := *stage(c), *stage(c)
	first.ID, first.Lessons, first.Practice = "first", first.Lessons[:2], []*course.Lesson{letter("p", false)}
	second.ID, second.Lessons, second.Practice = "second", second.Lessons[2:], []*course.Lesson{letter("p", false), letter("q", false)}
	c.Tracks[0].Stages = []*course.Stage{&first, &second}
	w := setOut(t, c, "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	same(t, "two stages", w.rides(9),
		"01-01 lesson/a, 01-05 practice/p/1, 01-19 practice/p/2, 02-02 lesson/b, 02-06 practice/p/3, 02-20 practice/p/4, 03-06 lesson/c, 03-13 practice/q/1, 03-27 practice/p/5")
}

// TestPracticeEndsInSilence: who has been reminded gets no more of it, not before
// a sign; where no gate waits it ends at the time of the reminder.
func TestPracticeEndsInSilence(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(practice("p", "q")), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	for _, want := range []string{
		"active lesson/a at 2027-01-01 12:00",
		"awaiting practice/p/1 at 2027-01-05 09:00 before reminder/a at 2027-01-16 09:00",
		"awaiting reminder/a at 2027-01-16 09:00",
		"awaiting open-door/a/1 at 2027-02-16 09:00",
	} {
		w.expect(want)
		w.ride()
	}
	w.expect("awaiting open-door/a/2 at 2027-03-20 09:00")
	w.say(pacing.NotYet)
	w.expect("holding practice/q/1 at 2027-02-20 09:00 before ask-again/a/1 at 2027-02-23 09:00")

	w = setOut(t, road(practice("p"), gap("40d"), noGate), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	w.ride()
	w.expect("active lesson/b at 2027-03-02 09:00")
	w.say(pacing.Ready)
	w.expect("active practice/p/2 at 2027-01-19 09:00 before lesson/b at 2027-02-13 09:00")
}

// TestPracticeLetterStuck: one that is claimed and never goes holds nothing up,
// and does not go once its room is gone.
func TestPracticeLetterStuck(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(practice("p"), gap("20d")), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	w.say(pacing.Ready)
	p := w.claim()
	for _, c := range []struct{ at, decision, later string }{
		{"2027-01-05 19:59", "go", ""},
		{"2027-01-05 20:00", "later", "2027-01-09 09:00"},
		{"2027-01-16 10:00", "go", ""},
		{"2027-01-17 10:00", "later", "2027-01-19 09:00"},
		{"2027-01-20 10:00", "cancel", ""}, // three days before the lesson
	} {
		w.wait(c.at)
		v := pacing.Look(w.c, w.s, p, w.now)
		later := ""
		if !v.At.IsZero() {
			later = v.At.In(w.s.Reader.Zone).Format("2006-01-02 15:04")
		}
		if string(v.Decision) != c.decision || later != c.later {
			t.Errorf("look at %s: %+v", c.at, v)
		}
	}
	same(t, "the lesson", name(w.ride()), "lesson/b")
	w.expect("awaiting reminder/b at 2027-02-06 09:00 beside practice/p/1")
	w.step(pacing.Event{Kind: pacing.Cancelled, Mail: p})
	w.expect("awaiting practice/p/1 at 2027-01-30 09:00 before reminder/b at 2027-02-06 09:00")
}

// TestLatePractice: nobody claimed it on its day. It gets another, if there is one.
func TestLatePractice(t *testing.T) {
	t.Parallel()
	for late, want := range map[string]string{
		"2027-01-07 10:00": "active practice/p/1 at 2027-01-09 09:00 before lesson/b at 2027-01-23 09:00",
		"2027-01-20 10:00": "active lesson/b at 2027-01-23 09:00",
		"2027-01-23 10:00": "active sending lesson/b", // what is due on the way goes first
	} {
		w := setOut(t, road(practice("p"), gap("20d")), "Europe/London", "2027-01-01 12:00")
		w.say(pacing.Confirm)
		w.ride()
		w.say(pacing.Ready)
		w.wait(late)
		w.say(pacing.Due)
		w.expect(want)
	}
}

// TestAnswerToPractice: a word in answer to a practice letter means the lesson
// that it came after, while that is the current one.
func TestAnswerToPractice(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(practice("p")), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	p := w.ride()
	answer := pacing.Event{Kind: pacing.Ready, Lesson: p.Lesson, Occasion: p.Occasion}
	if r := w.step(answer); r.Effect != pacing.Applied {
		t.Errorf("ready to the practice letter: %s", r.Effect)
	}
	same(t, "next", name(w.ride()), "lesson/b")
	if r := w.step(answer); r.Effect != pacing.Stale {
		t.Errorf("ready to a practice letter of the lesson before: %s", r.Effect)
	}
}

// TestPracticeSwitch: off stays off over a stop and its return, and when a new way
// goes on where an earlier one ended; so does what was had.
func TestPracticeSwitch(t *testing.T) {
	t.Parallel()
	begin := func() *traveller {
		w := setOut(t, road(practice("p", "q"), gap("30d")), "Europe/London", "2027-01-01 12:00")
		w.say(pacing.Confirm)
		same(t, "begin", w.rides(2), "01-01 lesson/a, 01-05 practice/p/1")
		return w
	}
	w := begin()
	w.say(pacing.PracticeOff)
	w.say(pacing.Stop)
	w.say(pacing.Return)
	w.expect("active lesson/b at 2027-02-02 09:00")
	w.say(pacing.Stop)
	ended := w.s
	w.s = pacing.NewState("way")
	w.s.Reader = ended.Reader
	w.wait("2027-01-10 12:00")
	w.step(pacing.Event{Kind: pacing.Confirm, After: &ended})
	w.expect("active lesson/b at 2027-02-02 09:00")
	if effect := w.say(pacing.PracticeOn); effect != pacing.Applied {
		t.Errorf("switched on again: %s", effect)
	}
	w.expect("active practice/q/1 at 2027-01-19 09:00 before lesson/b at 2027-02-02 09:00")
	w.say(pacing.Unsafe)
	w.say(pacing.Resume)
	w.say(pacing.Ready)
	w.expect("active lesson/b at 2027-02-02 09:00") // never after an unsafe answer, but by the reader's own word
	w.say(pacing.PracticeOn)
	w.expect("active practice/q/1 at 2027-01-19 09:00 before lesson/b at 2027-02-02 09:00")
	w.say(pacing.Suppress)
	if effect := w.say(pacing.PracticeOff); effect != pacing.Ended {
		t.Errorf("after a suppression: %s", effect)
	}
}
