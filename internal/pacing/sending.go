package pacing

import (
	"fmt"
	"time"

	"longroad/internal/course"
)

// due claims what is owed, ends a pause, or, where its window has passed, sets
// a new time.
func (w *walk) due() (Effect, *Mail, error) {
	s := &w.s
	switch {
	case s.Status.Ended():
		return Ended, nil, nil
	case s.DueAt.IsZero() || w.now.Before(s.DueAt):
		return Unchanged, nil, nil
	case s.Status == Paused:
		w.inWindow = true
		return Applied, nil, w.comeBack(s.PausedUntil)
	case s.Next == nil:
		return "", nil, fmt.Errorf("a %s subscription is due for nothing", s.Status)
	}
	m := *s.Next
	r, err := w.rule(m)
	if err != nil {
		return "", nil, err
	}
	at, err := w.stillDue(r)
	if err != nil {
		return "", nil, err
	}
	if at.After(w.now) {
		s.DueAt = at
		return Applied, nil, nil
	}
	s.Next, s.Sending, s.DueAt = nil, &m, time.Time{}
	return Applied, &m, nil
}

// stillDue is now, or the next time when the mail's own window has passed: a
// mail that goes by days is late only until the end of its day.
func (w *walk) stillDue(r rule) (time.Time, error) {
	zone := w.s.Reader.zone()
	if r.byDay && !r.any && dateOf(w.now, zone) != dateOf(w.s.DueAt, zone) {
		return r.from(latest(w.now, r.free))
	}
	return r.late(w.now)
}

// sent notes what really went out. Only a mail that is still claimed moves the
// reader on; any other (the reader turned round meanwhile) moves the floors.
func (w *walk) sent(m Mail) (Effect, error) {
	s := &w.s
	if s.From.IsZero() { // no mail of the way goes before confirming
		return Unchanged, nil
	}
	s.MailedAt = latest(s.MailedAt, w.now)
	switch m.Kind {
	case KindLesson:
		s.SentAt = latest(s.SentAt, w.now)
		w.countDay()
	case KindEnd:
		s.Goodbye = true
	}
	if s.Sending == nil || *s.Sending != m {
		if m.Kind == KindLesson {
			return Applied, w.settle()
		}
		return Applied, w.settleNoLater()
	}
	if err := w.past(m); err != nil {
		return "", err
	}
	return Applied, w.settle()
}

// letGo leaves a claimed mail behind that never went. The way goes on with what
// comes after it: of a letter that nobody got, no gate waits for an answer. Gaps
// still count from what was really sent.
func (w *walk) letGo(m Mail) (Effect, error) {
	s := &w.s
	if s.Sending == nil || *s.Sending != m {
		return Unchanged, nil
	}
	silent := s.Unanswered
	if err := w.past(m); err != nil {
		return "", err
	}
	s.Unanswered, s.From = silent, w.now
	s.LetGo = s.LetGo || m.Kind == KindLesson
	return Applied, w.settle()
}

// past puts a claimed mail behind the reader.
func (w *walk) past(m Mail) error {
	s := &w.s
	s.Sending = nil
	switch m.Kind {
	case KindLesson:
		return w.arrive(m.Lesson)
	case KindEnd:
		s.Goodbye = true
	case KindOpenDoor:
		s.Doors = max(s.Doors, m.N)
		s.Rung = min(s.Rung+1, lastRung)
	default: // reminder, ask-again, welcome-back: the doors come next
		s.Rung = firstRung
		s.HoldUntil = time.Time{}
	}
	return nil
}

// arrive makes a lesson the current one.
func (w *walk) arrive(lesson string) error {
	places, err := w.places()
	if err != nil {
		return err
	}
	at, err := find(places, lesson)
	if err != nil {
		return err
	}
	s := &w.s
	s.Lesson, s.Owed, s.LetGo = lesson, "", false
	s.Answer, s.HoldUntil = course.Answer(""), time.Time{}
	s.NotYets, s.Rung, s.Doors, s.Welcomes = 0, 0, 0, 0
	if places[at].Lesson.Asks() {
		s.Unanswered++
	}
	return nil
}

// countDay counts a lesson on the reader's local date; a date never goes back.
func (w *walk) countDay() {
	today := dateOf(w.now, w.s.Reader.zone()).String()
	if today > w.s.Day {
		w.s.Day, w.s.DayCount = today, 0
	}
	w.s.DayCount++
}

// cancelled frees the place of a claimed mail. Where the status still allows
// it, the same mail is owed again: nothing is skipped.
func (w *walk) cancelled(m Mail) (Effect, error) {
	if w.s.Sending == nil || *w.s.Sending != m {
		return Unchanged, nil
	}
	w.s.Sending = nil
	return Applied, w.settle()
}
