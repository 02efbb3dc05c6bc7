package pacing_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

// prefers changes what the reader chose.
func (w *traveller) prefers(change func(*pacing.Reader)) {
	w.t.Helper()
	r := w.s.Reader
	change(&r)
	w.step(pacing.Event{Kind: pacing.Prefer, Reader: r})
}

func hour(h course.Hour) func(*pacing.Reader) {
	return func(r *pacing.Reader) { r.SendHour = &h }
}

func days(all ...time.Weekday) func(*pacing.Reader) {
	return func(r *pacing.Reader) {
		r.Days = [7]bool{}
		for _, d := range all {
			r.Days[d] = true
		}
	}
}

func zone(t *testing.T, name string) func(*pacing.Reader) {
	return func(r *pacing.Reader) {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		r.Zone = z
	}
}

// The window of these courses is Tuesday and Saturday, 09:00 to 20:00.
func TestPreferencesCountAtOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*pacing.Reader)
		want   string
	}{
		{"an evening hour", hour(18 * 60), "active lesson/b at 2027-01-05 18:00"},
		{"an hour after the course's end", hour(21 * 60), "active lesson/b at 2027-01-05 21:00"},
		{"an early hour", hour(6 * 60), "active lesson/b at 2027-01-05 06:00"},
		{"one day", days(time.Saturday), "active lesson/b at 2027-01-09 09:00"},
		{"days that the course does not have", days(time.Monday), "active lesson/b at 2027-01-05 09:00"},
		{"a day that the course has and one that it has not", days(time.Monday, time.Saturday), "active lesson/b at 2027-01-09 09:00"},
		{"a dark date", func(r *pacing.Reader) { r.Dark = []course.DarkDate{{Year: 2027, Month: 1, Day: 5}} }, "active lesson/b at 2027-01-09 09:00"},
		{"a move east", zone(t, "Asia/Tokyo"), "active lesson/b at 2027-01-05 09:00"}, // there
		{"a move west", zone(t, "America/New_York"), "active lesson/b at 2027-01-05 09:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := setOut(t, road(), "Europe/London", "2027-01-01 12:00")
			w.say(pacing.Confirm)
			w.ride()
			w.say(pacing.Ready)
			w.expect("active lesson/b at 2027-01-05 09:00")
			w.prefers(c.change)
			w.expect(c.want)
			w.prefers(func(r *pacing.Reader) { *r = pacing.Reader{Zone: zoneOf(t, "Europe/London")} })
			w.expect("active lesson/b at 2027-01-05 09:00")
		})
	}
}

func zoneOf(t *testing.T, name string) *time.Location {
	var r pacing.Reader
	zone(t, name)(&r)
	return r.Zone
}

// A hold and a pause are dates of the reader's life, and move along with it.
func TestAMoveKeepsLocalDates(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(daily), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	w.say(pacing.NotYet)
	w.expect("holding ask-again/a/1 at 2027-01-08 09:00")
	w.prefers(zone(t, "Asia/Tokyo"))
	w.expect("holding ask-again/a/1 at 2027-01-08 09:00")
	if effect := w.say(pacing.NotYet); effect != pacing.Unchanged {
		t.Errorf("said twice on one day: %s", effect)
	}
	w.step(pacing.Event{Kind: pacing.Pause, Until: "2027-01-20"})
	w.expect("paused at 2027-01-20 00:00")
	w.prefers(zone(t, "America/New_York"))
	w.expect("paused at 2027-01-20 00:00")
}

// What is claimed is not planned anew: Look puts it off to the new window.
func TestPreferencesAfterTheClaim(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	w.say(pacing.Ready)
	m := w.claim()
	w.prefers(hour(18 * 60))
	if w.s.Sending == nil || *w.s.Sending != m || !w.s.DueAt.IsZero() {
		t.Fatalf("the claim is gone: %+v", w.s)
	}
	v := pacing.Look(w.c, w.s, m, w.now)
	if want := time.Date(2027, 1, 5, 18, 0, 0, 0, time.UTC); v.Decision != pacing.Later || !v.At.Equal(want) {
		t.Errorf("%+v, want later, at %v", v, want)
	}
}

// A letter that is late within its window does not wait for the next one because
// its reader opened the page.
func TestPreferencesDoNotPostponeWhatIsLate(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	w.say(pacing.Ready)
	w.wait("2027-01-05 09:05")
	w.prefers(days(time.Tuesday))
	w.expect("active lesson/b at 2027-01-05 09:00")
	w.prefers(hour(10 * 60))
	if r := w.step(pacing.Event{Kind: pacing.Due}); r.Send != nil {
		t.Error("sent before the new hour")
	}
	w.expect("active lesson/b at 2027-01-05 10:00")
}

// A first letter that was given an hour of the window does not go at once because
// of a change.
func TestPreferencesKeepAFirstLetterInItsWindow(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.expect("active lesson/a at 2027-01-01 12:00")
	w.prefers(hour(18 * 60))
	w.expect("active lesson/a at 2027-01-01 12:00")
	w.say(pacing.Stop)
	w.say(pacing.Return)
	w.expect("active lesson/a at 2027-01-02 18:00")
	w.prefers(hour(19 * 60))
	w.expect("active lesson/a at 2027-01-02 19:00")
}

// Whatever the reader chooses, what comes next keeps to what was chosen, and no
// letter comes before its gap.
func TestPreferencesAtAnyTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		scenes := scenes()
		w := scenes[rapid.IntRange(0, len(scenes)-1).Draw(rt, "scene")].lead(t)
		w.now = w.now.Add(time.Duration(rapid.IntRange(0, 20*24*60).Draw(rt, "minutes")) * time.Minute)
		before := w.s
		r := pacing.Reader{Zone: zoneOf(t, rapid.SampledFrom([]string{"Europe/London", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"}).Draw(rt, "zone"))}
		for d := range r.Days {
			r.Days[d] = rapid.Bool().Draw(rt, "day")
		}
		h := course.Hour(rapid.IntRange(0, 23).Draw(rt, "hour") * 60)
		r.SendHour = &h
		w.step(pacing.Event{Kind: pacing.Prefer, Reader: r})
		s := w.s
		claimed := before.Sending != nil && (s.Sending == nil || *s.Sending != *before.Sending)
		if s.Status != before.Status || s.Lesson != before.Lesson || claimed || s.Answer != before.Answer {
			rt.Fatalf("more has changed than times: %+v, before %+v", s, before)
		}
		calendar := pacing.NewCalendar(w.c.Tracks[0].Stages[0].Window, r)
		if s.Next != nil && s.Next.Kind == pacing.KindPractice && (!calendar.Open(s.DueAt) || s.DueAt.Before(w.now)) {
			rt.Fatalf("%s is due %v: %+v", s.Next.Step(), s.DueAt, r)
		}
		next, due := s.Ahead()
		if _, was := before.Ahead(); next == nil || due.Equal(was) {
			return
		}
		first := next.Lesson == "a" && next.Kind == pacing.KindLesson && s.Occasion == 0
		if !calendar.Open(due) && !first {
			rt.Fatalf("%s is due %v, outside of what was chosen: %+v", next.Step(), due, r)
		}
		if due.Before(w.now) {
			rt.Fatalf("due in the past: %v at %v", due, w.now)
		}
	})
}

func TestGoOnAfterAnEarlierWay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		lead []pacing.EventKind // after the letter b
		want string             // after confirming anew, on a Monday at noon a year later
	}{
		{"an open question", []pacing.EventKind{pacing.Stop}, "awaiting welcome-back/b/1 at 2028-02-08 09:00"},
		{"answered", []pacing.EventKind{pacing.Ready, pacing.Stop}, "active lesson/c at 2028-02-08 09:00"},
		{"not yet", []pacing.EventKind{pacing.NotYet, pacing.Stop}, "awaiting welcome-back/b/1 at 2028-02-08 09:00"},
		{"paused", []pacing.EventKind{pacing.Ready, pacing.Pause, pacing.Stop}, "active lesson/c at 2028-02-08 09:00"},
		{"unsafe", []pacing.EventKind{pacing.Unsafe, pacing.Stop}, "awaiting welcome-back/b/1 at 2028-02-08 09:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			old := setOut(t, road(), "Europe/London", "2027-01-25 12:00")
			old.say(pacing.Confirm)
			old.ride()
			old.say(pacing.Ready)
			old.say(pacing.Slower)
			old.ride()
			for _, k := range c.lead {
				old.say(k)
			}
			if !pacing.CanGoOn(old.c, old.s) {
				t.Fatal("it cannot be gone on with")
			}
			w := setOut(t, road(), "Europe/London", "2028-02-07 12:00")
			w.step(pacing.Event{Kind: pacing.Confirm, After: &old.s})
			w.expect(c.want)
			if w.s.Pace != 1.5 {
				t.Errorf("the pace is %v", w.s.Pace)
			}
		})
	}
}

func TestWhatCannotBeGoneOnWith(t *testing.T) {
	t.Parallel()
	for _, scene := range scenes() {
		w := scene.lead(t)
		want := scene.name == "stopped" || scene.name == "stopped in a pause"
		if got := pacing.CanGoOn(w.c, w.s); got != want {
			t.Errorf("%s: %v", scene.name, got)
		}
	}
	w := setOut(t, road(), "Europe/London", "2027-02-01 12:00")
	w.say(pacing.Stop)
	if pacing.CanGoOn(w.c, w.s) {
		t.Error("nothing ever came, and it can be gone on with")
	}
	w.s.Lesson = "gone"
	if pacing.CanGoOn(w.c, w.s) {
		t.Error("a lesson that this version has not")
	}
}
