package pacing_test

import (
	"testing"
	"time"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

// The faults here are those that similar systems really had.

// TestOutageMakesNoBurst: weeks in which nothing was processed cost one letter
// each, not a handful in a minute: gaps count from the actual sending.
func TestOutageMakesNoBurst(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(daily, noGate, mute(0, 1, 2, 3)), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	w.expect("active lesson/b at 2027-01-04 09:00")
	w.wait("2027-02-10 14:00") // up again, in the window, but not on the letter's day
	w.say(pacing.Due)
	w.expect("active lesson/b at 2027-02-11 09:00")
	w.ride()
	w.expect("active lesson/c at 2027-02-14 09:00")
}

// TestLateness: between at and until our own lateness may send, later may not.
func TestLateness(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, gap, at, want string
	}{
		{"in time", "3d", "2027-01-05 09:00", "active sending lesson/b"},
		{"hours late", "3d", "2027-01-05 19:59", "active sending lesson/b"},
		{"past the end", "3d", "2027-01-05 20:00", "active lesson/b at 2027-01-09 09:00"},
		{"inside another day's window", "3d", "2027-01-09 09:30", "active lesson/b at 2027-01-12 09:00"},
		{"on another day's hour", "3d", "2027-01-09 09:00", "active sending lesson/b"},
		{"a gap of hours takes any moment of a window", "72h", "2027-01-09 09:30", "active sending lesson/b"},
		{"a gap of hours, outside", "72h", "2027-01-06 09:30", "active lesson/b at 2027-01-09 09:00"},
	} {
		w := setOut(t, road(noGate, mute(0), gap(c.gap)), "Europe/London", "2027-01-01 12:00")
		w.say(pacing.Confirm)
		w.ride()
		w.expect("active lesson/b at 2027-01-05 09:00")
		w.wait(c.at)
		w.say(pacing.Due)
		if got := w.stands(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestDueStaysInTheState: asking again and again, or too early, moves nothing,
// and a narrow window is not missed by deploys.
func TestDueStaysInTheState(t *testing.T) {
	t.Parallel()
	narrow := func(c *course.Course) { stage(c).Window.Until = stage(c).Window.At + 1 }
	w := setOut(t, road(narrow, noGate, mute(0)), "Europe/London", "2027-01-01 12:00")
	w.say(pacing.Confirm)
	w.ride()
	for _, at := range []string{"2027-01-02 09:00", "2027-01-04 23:59", "2027-01-05 08:59"} {
		w.wait(at)
		if effect := w.say(pacing.Due); effect != pacing.Unchanged {
			t.Errorf("due at %s: %s", at, effect)
		}
		w.expect("active lesson/b at 2027-01-05 09:00")
	}
	w.ride()
}

// TestFiveSecondsNeverCostAWindow: a letter sent some seconds late leaves the
// next one's day alone.
func TestFiveSecondsNeverCostAWindow(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(daily, noGate, mute(0, 1, 2, 3), gap("1d"), inWindow), "Europe/London", "2027-01-01 08:00")
	w.say(pacing.Confirm)
	for _, want := range []string{
		"active lesson/a at 2027-01-01 09:00", "active lesson/b at 2027-01-02 09:00", "active lesson/c at 2027-01-03 09:00",
	} {
		w.expect(want)
		m := w.claim()
		w.now = w.now.Add(5e9)
		w.step(pacing.Event{Kind: pacing.Sent, Mail: m})
	}
}

// TestClockChangesKeepTheHour rides over the change of clocks in each zone.
func TestClockChangesKeepTheHour(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, from, want string }{
		{"Europe/London", "2027-03-27 08:00", "2027-03-28T09:00:00+01:00"},
		{"Europe/London", "2027-10-30 08:00", "2027-10-31T09:00:00Z"},
		{"America/New_York", "2027-03-13 08:00", "2027-03-14T09:00:00-04:00"},
		{"Australia/Lord_Howe", "2027-10-02 08:00", "2027-10-03T09:00:00+11:00"},
		{"Africa/Casablanca", "2027-03-13 08:00", "2027-03-14T09:00:00+01:00"},
		{"Asia/Kathmandu", "2027-03-27 08:00", "2027-03-28T09:00:00+05:45"},
		{"Pacific/Apia", "2011-12-29 08:00", "2011-12-31T09:00:00+14:00"},
		{"Africa/Cairo", "2027-04-29 08:00", "2027-04-30T09:00:00+03:00"},
	} {
		w := setOut(t, road(daily, noGate, mute(0), gap("1d"), inWindow), c.zone, c.from)
		w.say(pacing.Confirm)
		w.ride()
		if got := w.s.DueAt.In(w.s.Reader.Zone).Format("2006-01-02T15:04:05Z07:00"); got != c.want {
			t.Errorf("%s: %s, want %s", c.zone, got, c.want)
		}
	}
}

// TestWeekdayIsTheReaders: thursday at five in Tokyo is wednesday in UTC.
func TestWeekdayIsTheReaders(t *testing.T) {
	t.Parallel()
	thursdays := func(c *course.Course) {
		stage(c).Window = course.Window{Days: [7]bool{4: true}, At: 5 * 60, Until: 8 * 60}
	}
	w := setOut(t, road(thursdays, inWindow), "Asia/Tokyo", "2027-01-04 12:00")
	w.say(pacing.Confirm)
	w.expect("active lesson/a at 2027-01-07 05:00")
}

// TestFirstLetterByWindow: people brought in by an operator begin by the window,
// under first: at-once too, from the first question to the last look.
func TestFirstLetterByWindow(t *testing.T) {
	t.Parallel()
	w := setOut(t, road(), "Europe/London", "2027-01-01 12:00") // a Friday
	w.step(pacing.Event{Kind: pacing.Confirm, ByWindow: true})
	w.expect("active lesson/a at 2027-01-02 09:00")
	w.wait("2027-01-02 22:00")
	w.step(pacing.Event{Kind: pacing.Due}) // nobody claimed it while the window was open
	w.expect("active lesson/a at 2027-01-05 09:00")
	w.wait("2027-01-05 09:00")
	m := w.claim()
	w.wait("2027-01-05 21:00")
	if v := pacing.Look(w.c, w.s, m, w.now); v.Decision != pacing.Later || v.At.Format(time.RFC3339) != "2027-01-09T09:00:00Z" {
		t.Errorf("outside the window: %+v", v)
	}
}
