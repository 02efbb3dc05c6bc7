package pacing

import (
	"time"

	"longroad/internal/course"
)

// rule is what the timing of one mail rests on.
type rule struct {
	floor    time.Time // its gap, hold or silence ends then
	free     time.Time // the first moment of a day that is not full
	byDay    bool      // due at the window's at; else anywhere in the window
	any      bool      // at any hour, on any date
	calendar Calendar
}

func (w *walk) rule(m Mail) (rule, error) {
	places, err := w.places()
	if err != nil {
		return rule{}, err
	}
	at, err := find(places, m.Lesson)
	if err != nil {
		return rule{}, err
	}
	stage, zone := places[at].Stage, w.s.Reader.zone()
	r := rule{byDay: true, calendar: NewCalendar(stage.Window, w.s.Reader), free: w.free(m)}
	switch m.Kind {
	case KindLesson, KindEnd:
		r.byDay = stage.Gap.Exact == 0
		r.any = m.Kind == KindLesson && at == 0 && m.Occasion == 0 && w.course.First == course.FirstAtOnce && !w.inWindow && !w.s.ByWindow
		if !w.s.SentAt.IsZero() {
			r.floor = after(w.s.SentAt, stage.Gap, w.factor(stage), zone)
		}
	case KindReminder:
		r.byDay = stage.RemindAfter.Exact == 0
		r.floor = after(w.s.SentAt, stage.RemindAfter, 1, zone)
	case KindOpenDoor:
		r.floor = after(w.s.MailedAt, course.Span{Days: doorDays}, 1, zone)
	case KindAskAgain:
		r.floor = w.s.HoldUntil
	}
	return r, nil
}

// free is the first moment of a day that still takes this mail: a lesson or the
// end after fewer than per_day lessons, other mail only where there was none.
func (w *walk) free(m Mail) time.Time {
	day, err := parseDate(w.s.Day)
	if err != nil { // no lesson yet
		return time.Time{}
	}
	if m.Kind.paced() && w.s.DayCount < max(w.course.PerDay, 1) {
		return time.Time{}
	}
	return (day + 1).at(0, w.s.Reader.zone())
}

// from is the first moment not before t at which the mail may become due.
func (r rule) from(t time.Time) (time.Time, error) {
	switch {
	case r.any:
		return t.UTC(), nil
	case r.byDay:
		return r.calendar.Slot(t)
	}
	return r.calendar.Instant(t)
}

// late is the first moment not before now at which a mail that is already due
// may go: now, while today's window is open, else like any other.
func (r rule) late(now time.Time) (time.Time, error) {
	if !r.free.After(now) && r.calendar.Open(now) {
		return now.UTC(), nil
	}
	return r.from(latest(now, r.free))
}
