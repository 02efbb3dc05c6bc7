package pacing

import (
	"time"

	"longroad/internal/course"
)

// prefer takes what the reader chose anew about when letters come, and gives
// what is not claimed yet its time by it.
func (w *walk) prefer(r Reader) error {
	s := &w.s
	old := s.Reader.zone()
	s.Reader = r
	s.HoldUntil = sameDate(s.HoldUntil, old, r.zone())
	s.PausedUntil = sameDate(s.PausedUntil, old, r.zone())
	// A first letter that has an hour of its own already keeps to the window.
	w.inWindow = s.DueAt.After(w.now)
	return w.settleNoLater()
}

// sameDate moves a local midnight to the midnight of the same date elsewhere; any
// other moment stays.
func sameDate(t time.Time, from, to *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	d := dateOf(t, from)
	if !d.at(0, from).Equal(t) {
		return t
	}
	return d.at(0, to)
}

// CanGoOn reports whether a new way through the same track can go on where one
// ended: a letter came, this version of the course has it, and another follows.
// What was halted for safety does not go on by itself.
func CanGoOn(c *course.Course, ended State) bool {
	if ended.Status != Stopped && ended.Status != Completed || ended.Halted {
		return false
	}
	w := &walk{course: c, s: State{Track: ended.Track, Lesson: ended.Lesson}}
	way, err := w.way()
	return err == nil && way.current != nil && way.next != nil
}

// takeUp puts the reader where an earlier way ended. A question that stood open
// there is asked anew.
func (w *walk) takeUp(ended State) error {
	s := &w.s
	s.Lesson, s.Answer, s.LetGo, s.Pace = ended.Lesson, ended.Answer, ended.LetGo, ended.Pace
	s.SentAt, s.MailedAt, s.Day, s.DayCount = ended.SentAt, ended.MailedAt, ended.Day, ended.DayCount
	had, off := ended.Practice, s.Practice.Off
	s.Practice = Practice{Off: off || had.Off, Had: had.Had, Last: had.Last, SentAt: had.SentAt}
	return w.comeBack(w.now)
}
