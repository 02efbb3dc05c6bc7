package pacing

import (
	"errors"
	"fmt"
	"time"

	"longroad/internal/course"
)

// ErrUnknownLesson says that a state names a track or a lesson that this
// version of the course does not have.
var ErrUnknownLesson = errors.New("not in this version of the course")

// NewState is the state of a fresh sign-up, before it is confirmed.
func NewState(track string) State { return State{Track: track, Status: Pending} }

// Step applies one event, at now, and never changes the state it is given. Times
// are kept in UTC and to the microsecond, as Postgres does. Errors are only for
// what cannot be: ErrUnknownLesson, ErrNeverOpen, an unknown event, a malformed
// date; the result then holds the state as it was.
func Step(c *course.Course, s State, e Event, now time.Time) (Result, error) {
	w := &walk{course: c, s: s, now: now.UTC().Truncate(time.Microsecond)}
	if e.Kind == Due {
		if send, ok := w.duePractice(); ok {
			w.layPractice()
			return Result{State: w.s, Send: send, Effect: Applied}, nil
		}
	}
	w.liftPractice()
	effect, send, err := w.apply(e)
	if err != nil {
		return Result{State: s}, fmt.Errorf("pace %s: %w", e.Kind, err)
	}
	if effect != Applied {
		return Result{State: s, Effect: effect}, nil
	}
	w.layPractice()
	return Result{State: w.s, Send: send, Effect: effect}, nil
}

func (w *walk) apply(e Event) (Effect, *Mail, error) {
	if e.Kind == Due {
		return w.due()
	}
	effect, err := w.hear(e)
	return effect, nil, err
}

// hear takes every event but Due.
func (w *walk) hear(e Event) (Effect, error) {
	if e.Mail.Kind == KindPractice {
		return w.hearPractice(e), nil
	}
	switch e.Kind {
	case PracticeOff, PracticeOn:
		return w.switchPractice(e.Kind == PracticeOff), nil
	case Sent:
		return w.sent(e.Mail)
	case Cancelled:
		return w.cancelled(e.Mail)
	case LetGo:
		return w.letGo(e.Mail)
	case Confirm:
		return w.confirm(e)
	case Halt:
		return w.halt(), nil
	case Release:
		return w.release()
	case Return:
		return w.takeBack()
	case Stop, Suppress:
		return w.end(e.Kind), nil
	case Unsafe:
		return w.unsafe()
	case Undo:
		return w.undo(e.Before)
	case Help:
		return Unchanged, nil
	case Prefer:
		return Applied, w.prefer(e.Reader)
	}
	if effect, deaf := w.deaf(e.Kind); deaf {
		return effect, nil
	}
	switch e.Kind {
	case Ready:
		return w.ready(e)
	case NotYet:
		return w.notYet(e)
	case Slower:
		return w.pace(paceStep)
	case Faster:
		return w.pace(1 / paceStep)
	case Pause:
		return w.pause(e)
	case Resume:
		return w.resume()
	case Repeat:
		return w.again(0)
	case Back:
		return w.again(1)
	}
	return "", errors.New("unknown event")
}

// deaf tells whether a reader's word is without effect by the status alone.
func (w *walk) deaf(k EventKind) (Effect, bool) {
	answer := k == Ready || k == NotYet
	turn := k == Repeat || k == Back
	pace := k == Slower || k == Faster
	if !answer && !turn && !pace && k != Pause && k != Resume {
		return "", false
	}
	switch w.s.Status {
	case Completed:
		if answer {
			return Unchanged, true
		}
		return Ended, !turn
	case Stopped, Suppressed:
		return Ended, true
	case Halted:
		return Unchanged, true
	case Pending:
		return Unchanged, !pace
	}
	return "", false
}

// confirm begins the way. A confirmation during a halt is kept for its release.
func (w *walk) confirm(e Event) (Effect, error) {
	switch {
	case w.s.Status.Ended():
		return Ended, nil
	case !w.s.From.IsZero():
		return Unchanged, nil
	}
	w.s.From, w.s.ByWindow = w.now, e.ByWindow
	if e.After != nil {
		return Applied, w.takeUp(*e.After)
	}
	return Applied, w.settle()
}

func (w *walk) halt() Effect {
	switch {
	case w.s.Status.Ended():
		return Ended
	case w.s.Status == Halted:
		return Unchanged
	}
	w.s.Status, w.s.Next, w.s.DueAt = Halted, nil, time.Time{}
	return Applied
}

// release goes on from the facts, as if the halt had been a moment.
func (w *walk) release() (Effect, error) {
	switch {
	case w.s.Status.Ended():
		return Ended, nil
	case w.s.Status != Halted:
		return Unchanged, nil
	}
	return Applied, w.goOn()
}

// goOn settles anew from the facts, after a halt or a stop.
func (w *walk) goOn() error {
	w.s.Status, w.inWindow = Pending, true
	if !w.s.From.IsZero() {
		w.s.From = w.now
	}
	return w.settle()
}

// takeBack goes on from the facts, as if a stop had been a moment. A suppression,
// a halt and the end of the way are not the reader's to take back.
func (w *walk) takeBack() (Effect, error) {
	switch {
	case w.s.Status == Suppressed:
		return Ended, nil
	case w.s.Status != Stopped:
		return Unchanged, nil
	}
	if w.s.Halted {
		w.s.Status, w.s.Halted = Halted, false
		return Applied, nil
	}
	return Applied, w.goOn()
}

// end stops everything, a completed way too: no repeat wakes it then. A
// suppression outlasts every other end.
func (w *walk) end(k EventKind) Effect {
	status := Stopped
	if k == Suppress {
		status = Suppressed
	}
	if w.s.Status == Suppressed || status == w.s.Status {
		return Ended
	}
	w.s.Halted = w.s.Status == Halted
	w.s.Status, w.s.Next, w.s.DueAt = status, nil, time.Time{}
	return Applied
}
