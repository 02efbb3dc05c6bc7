package pacing

import (
	"math"
	"time"

	"longroad/internal/course"
)

// stale tells whether an answer is for another letter than the current one, or
// comes after the claim of the next.
func (w *walk) stale(e Event) bool {
	if w.s.Sending != nil && w.s.Sending.Kind.paced() {
		return w.s.Lesson != ""
	}
	if e.Lesson == "" || w.answersPractice(e) {
		return false
	}
	return e.Lesson != w.s.Lesson || e.Occasion != w.s.Occasion
}

// answerable tells whether a letter stands to be answered.
func (w *walk) answerable() bool { return w.s.Lesson != "" && w.s.Owed == "" }

func (w *walk) ready(e Event) (Effect, error) {
	if w.stale(e) {
		return Stale, nil
	}
	asleep := w.s.Status == Paused || w.s.Unsafe
	if !w.answerable() {
		if asleep && w.s.Lesson != "" {
			return w.resume()
		}
		return Unchanged, nil
	}
	way, err := w.way()
	if err != nil {
		return "", err
	}
	held := w.s.Answer == course.AnswerNotYet
	if !asleep && (w.s.Answer == course.AnswerReady || !held && !way.current.Lesson.Asks()) {
		return Unchanged, nil
	}
	w.heard(course.AnswerReady)
	w.s.HoldUntil, w.s.PausedUntil = time.Time{}, time.Time{}
	return Applied, w.settleNoLater()
}

func (w *walk) notYet(e Event) (Effect, error) {
	if w.stale(e) {
		return Stale, nil
	}
	if !w.answerable() {
		return Unchanged, nil
	}
	zone := w.s.Reader.zone()
	today := dateOf(w.now, zone)
	if !w.s.HoldUntil.IsZero() && w.s.HoldUntil.Equal((today+date(holdDays(w.s.NotYets))).at(0, zone)) {
		return Unchanged, nil // said twice on one day
	}
	w.heard(course.AnswerNotYet)
	w.s.NotYets++
	w.s.HoldUntil = (today + date(holdDays(w.s.NotYets))).at(0, zone)
	return Applied, w.settle()
}

// heard takes an answer: silence and rest are over, and what was claimed because
// of them is withdrawn.
func (w *walk) heard(a course.Answer) {
	w.s.Answer, w.s.From, w.s.Unsafe = a, w.now, false
	w.s.Rung, w.s.Unanswered = 0, 0
	w.withdraw()
}

// withdraw takes back a claimed mail about the current lesson. It may be on its
// way already, so its number is never used again.
func (w *walk) withdraw() {
	m := w.s.Sending
	if m == nil || m.Kind.paced() {
		return
	}
	if m.Kind == KindOpenDoor {
		w.s.Doors = max(w.s.Doors, m.N)
	}
	w.s.Sending = nil
}

// settleNoLater settles, but leaves a lesson alone that is due already and only
// late: what does not lengthen its gap must not cost it a window.
func (w *walk) settleNoLater() error {
	next, due := w.s.Next, w.s.DueAt
	if err := w.settle(); err != nil {
		return err
	}
	same := next != nil && w.s.Next != nil && *next == *w.s.Next
	if same && next.Kind.paced() && !due.After(w.now) {
		w.s.DueAt = due
	}
	return nil
}

func (w *walk) pace(by float64) (Effect, error) {
	old := clampPace(w.s.Pace)
	w.s.Pace = clampPace(old * by)
	if math.Abs(w.s.Pace-old) < 1e-9 {
		return Unchanged, nil
	}
	if w.s.Next == nil || !w.s.Next.Kind.paced() || w.s.SentAt.IsZero() {
		return Applied, nil // no gap is running
	}
	w.s.From = w.now
	if by < 1 {
		return Applied, w.settleNoLater()
	}
	return Applied, w.settle()
}

// pause begins a pause or replaces one. A claimed mail stays noted: Look cancels
// it, or its late outcome still finds its place.
func (w *walk) pause(e Event) (Effect, error) {
	if w.s.Unsafe { // nothing goes as it is, and no end of a pause may change that
		return Unchanged, nil
	}
	until, err := w.pauseEnd(e)
	if err != nil {
		return "", err
	}
	if !until.After(w.now) || until.Equal(w.s.PausedUntil) {
		return Unchanged, nil
	}
	w.s.PausedUntil = until
	return Applied, w.settle()
}

func (w *walk) pauseEnd(e Event) (time.Time, error) {
	zone := w.s.Reader.zone()
	if e.Until != "" {
		d, err := parseDate(e.Until)
		return d.at(0, zone), err
	}
	span := e.For
	if span.IsZero() {
		span = DefaultPause
	}
	return after(w.now, span, 1, zone), nil
}

// resume is the reader's own: it ends a pause, a hold or a rest.
func (w *walk) resume() (Effect, error) {
	switch w.s.Status {
	case Paused, Holding, Resting:
		w.s.HoldUntil = time.Time{}
		return Applied, w.comeBack(w.now)
	}
	return Unchanged, nil
}

// unsafe lets the subscription rest at once, whichever letter it came with:
// here erring means to send nothing. What is claimed stays noted; Look cancels
// it. After a halt or a stop it is kept, should they be taken back.
func (w *walk) unsafe() (Effect, error) {
	s := &w.s
	switch s.Status {
	case Pending: // nothing goes anyway
		return Unchanged, nil
	case Suppressed:
		return Ended, nil
	}
	hushed := w.hushPractice()
	if s.Status == Completed || s.Unsafe && (!w.answerable() || s.Answer == course.AnswerNotYet) {
		if hushed {
			return Applied, nil
		}
		return Unchanged, nil
	}
	s.Unsafe = true
	s.HoldUntil, s.PausedUntil = time.Time{}, time.Time{}
	s.Rung, s.Unanswered = 0, 0
	if w.answerable() {
		s.Answer = course.AnswerNotYet // a yes has to be said anew
	}
	return Applied, w.settle()
}

// comeBack goes on after a pause, a hold or a rest that ended at a moment. A
// question that stands open is asked by a welcome-back first.
func (w *walk) comeBack(at time.Time) error {
	w.s.PausedUntil, w.s.Unsafe, w.s.From = time.Time{}, false, latest(w.s.From, at)
	w.withdraw()
	if !w.s.HoldUntil.After(w.now) {
		w.s.HoldUntil = time.Time{}
	}
	way, err := w.way()
	if err != nil {
		return err
	}
	if w.open(way) && w.s.HoldUntil.IsZero() {
		w.s.Rung = 0
		w.s.Welcomes++
	}
	return w.settle()
}

// again owes the current lesson once more, or the one so many before it, on a
// new occasion. Asked twice, it is owed once.
func (w *walk) again(before int) (Effect, error) {
	if w.s.Lesson == "" {
		return Unchanged, nil
	}
	places, err := w.places()
	if err != nil {
		return "", err
	}
	at, err := find(places, w.s.Lesson)
	if err != nil {
		return "", err
	}
	owed := places[max(at-before, 0)].Lesson.ID
	if w.s.Owed == owed && w.s.Status == Active {
		return Unchanged, nil
	}
	s := &w.s
	s.Occasion++
	s.Owed, s.Sending, s.Status = owed, nil, Active
	s.Answer, s.NotYets, s.Rung, s.Doors, s.Welcomes, s.Unanswered = "", 0, 0, 0, 0, 0
	s.HoldUntil, s.PausedUntil, s.Unsafe, s.From = time.Time{}, time.Time{}, false, w.now
	return Applied, w.settle()
}
