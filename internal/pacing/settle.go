package pacing

import (
	"fmt"
	"time"

	"longroad/internal/course"
)

const (
	doorDays  = 30 // from one open door to the next, in local days
	lastRung  = 4  // the third open door
	firstRung = 1  // reminded, asked again, or welcomed back
)

// walk is one step in the making: the facts, changed one by one, and what they
// are read against.
type walk struct {
	course *course.Course
	s      State
	now    time.Time

	// inWindow keeps a first letter inside the window, under first: at-once too.
	inWindow bool
}

// settle reads from the facts where the subscription stands, what it owes next
// and when. It leaves ends and halts alone.
func (w *walk) settle() error {
	s := &w.s
	s.Next, s.DueAt = nil, time.Time{}
	if s.Status.Ended() || s.Status == Halted {
		return nil
	}
	if s.From.IsZero() {
		s.Status = Pending
		return nil
	}
	way, err := w.way()
	if err != nil {
		return err
	}
	if way.next == nil && s.Goodbye { // from a pause or a rest too: nothing is left to wait for
		s.Status = Completed
		return nil
	}
	if s.Unsafe { // a mail in the air still finds its place
		s.Status = Resting
		return nil
	}
	if !s.PausedUntil.IsZero() {
		s.Status, s.DueAt = Paused, latest(s.PausedUntil, w.now)
		return nil
	}
	if s.Sending != nil { // its outcome settles anew
		s.Status = carrier(s.Sending.Kind)
		if s.Status == Active && s.Answer == course.AnswerNotYet {
			s.Status = Awaiting // an unsafe overtook the letter: Look cancels it
		}
		return nil
	}
	switch {
	case !w.open(way):
		s.Status = Active
		return w.owe(w.ahead(way))
	case !s.HoldUntil.IsZero():
		s.Status = Holding
		return w.owe(w.about(KindAskAgain, s.NotYets))
	case s.Rung >= lastRung:
		s.Status = Resting
		return nil
	}
	s.Status = Awaiting
	return w.owe(w.rung())
}

// carrier is the status in which a mail of a kind may go.
func carrier(k Kind) Status {
	switch k {
	case KindLesson, KindEnd:
		return Active
	case KindAskAgain:
		return Holding
	}
	return Awaiting
}

// rung is the next mail on the ladder of silence.
func (w *walk) rung() Mail {
	switch {
	case w.s.Rung >= firstRung:
		return w.about(KindOpenDoor, w.s.Doors+1)
	case w.s.Welcomes > 0:
		return w.about(KindWelcomeBack, w.s.Welcomes)
	}
	return w.about(KindReminder, 0)
}

// ahead is the next lesson or, after the last, the end.
func (w *walk) ahead(way way) Mail {
	if way.next == nil {
		return w.about(KindEnd, 0)
	}
	return Mail{Kind: KindLesson, Lesson: way.next.Lesson.ID, Occasion: w.s.Occasion}
}

// about is a mail about the current lesson.
func (w *walk) about(k Kind, n int) Mail {
	return Mail{Kind: k, Lesson: w.s.Lesson, Occasion: w.s.Occasion, N: n}
}

// way is the stretch of the track around the reader.
type way struct {
	current *course.Place // nil before the first lesson
	next    *course.Place // nil after the last
}

func (w *walk) way() (way, error) {
	places, err := w.places()
	if err != nil {
		return way{}, err
	}
	at := -1
	if w.s.Lesson != "" {
		if at, err = find(places, w.s.Lesson); err != nil {
			return way{}, err
		}
	}
	next := at + 1
	if w.s.Owed != "" {
		if next, err = find(places, w.s.Owed); err != nil {
			return way{}, err
		}
	}
	var around way
	if at >= 0 {
		around.current = &places[at]
	}
	if next < len(places) {
		around.next = &places[next]
	}
	return around, nil
}

func (w *walk) places() ([]course.Place, error) {
	track := w.course.Track(w.s.Track)
	if track == nil {
		return nil, fmt.Errorf("track %q: %w", w.s.Track, ErrUnknownLesson)
	}
	return track.Places(), nil
}

func find(places []course.Place, lesson string) (int, error) {
	for i, p := range places {
		if p.Lesson.ID == lesson {
			return i, nil
		}
	}
	return 0, fmt.Errorf("lesson %q: %w", lesson, ErrUnknownLesson)
}

// open reports whether the current letter keeps what comes next waiting for a
// ready. The end waits only where the reader has said not yet.
func (w *walk) open(way way) bool {
	if way.current == nil || w.s.Owed != "" {
		return false
	}
	switch w.s.Answer {
	case course.AnswerReady:
		return false
	case course.AnswerNotYet:
		return true
	}
	return way.next != nil && !w.s.LetGo && way.next.Stage.Gate == course.GateReady && way.current.Lesson.Asks()
}

// owe sets the mail that comes next and when it is due.
func (w *walk) owe(m Mail) error {
	r, err := w.rule(m)
	if err != nil {
		return err
	}
	due, err := r.from(latest(r.floor, w.s.From, w.now, r.free))
	if err != nil {
		return err
	}
	w.s.Next, w.s.DueAt = &m, due
	return nil
}
