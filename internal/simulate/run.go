// Package simulate foretells a reader's whole way through a course. Its one
// rule: it decides nothing itself; the real pacing does, one moment after
// another, as a worker would without any lateness.
package simulate

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

// Options say whose way it is.
type Options struct {
	Track   string
	Start   time.Time // the moment of confirming
	Until   time.Time // exclusive
	Reader  pacing.Reader
	Replies Replies
	// NoPractice is for a reader who signed up without feeling safe: no practice
	// letters come until the script switches them on.
	NoPractice bool

	// Subject gives a mail's subject; nil takes the lesson's own.
	Subject func(pacing.Mail) (string, error)
}

// Line is one mail of the way.
type Line struct {
	At      time.Time // in the reader's zone
	Kind    pacing.Kind
	ID      string // of the letter that it is or is about
	Subject string
}

// MarshalJSON writes a line as scripts read it, the time with the zone's offset
// and in whole seconds (RFC 3339).
func (l Line) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		At      string      `json:"at"`
		Kind    pacing.Kind `json:"kind"`
		ID      string      `json:"id"`
		Subject string      `json:"subject"`
	}{l.At.Format(time.RFC3339), l.Kind, l.ID, l.Subject})
}

// Run gives every mail of the way from Start until Until. Each goes exactly when
// it is due. Errors are those of a track or a lesson in a script that the course
// does not have, and of pacing.
func Run(c *course.Course, o Options) ([]Line, error) {
	track := c.Track(o.Track)
	if track == nil {
		return nil, fmt.Errorf("course %s has no track %q", c.ID, o.Track)
	}
	w := &way{course: c, options: o, letters: map[string]*course.Lesson{}, state: pacing.NewState(o.Track)}
	for _, s := range track.Stages {
		for _, l := range slices.Concat(s.Lessons, s.Practice) {
			w.letters[l.ID] = l
		}
	}
	for _, e := range o.Replies.script {
		if e.After != "" && w.letters[e.After] == nil {
			return nil, fmt.Errorf("the script answers %q, which is no lesson of the track %s", e.After, o.Track)
		}
	}
	w.state.Reader, w.state.Practice.Off = o.Reader, o.NoPractice
	w.options.Replies.said = map[int]bool{} // a script serves any number of runs
	for _, s := range o.Replies.dated(zoneOf(o.Reader)) {
		w.plan(s)
	}
	if _, err := w.step(pacing.Event{Kind: pacing.Confirm}, o.Start); err != nil {
		return nil, err
	}
	for {
		more, err := w.next()
		if err != nil || !more {
			return w.lines, err
		}
	}
}

// way is one run.
type way struct {
	course  *course.Course
	options Options
	letters map[string]*course.Lesson // lessons and practice letters, by id
	state   pacing.State
	saying  []said // by time
	lines   []Line
}

// next handles the next moment at which anything happens.
func (w *way) next() (bool, error) {
	due := w.state.DueAt
	if len(w.saying) > 0 && (due.IsZero() || w.saying[0].at.Before(due)) {
		s := w.saying[0]
		if w.saying = w.saying[1:]; !s.at.Before(w.options.Until) {
			return false, nil
		}
		if s.at.Before(w.options.Start) {
			return true, nil // before the way began there was nobody to hear it
		}
		_, err := w.step(s.event, s.at)
		return true, err
	}
	if due.IsZero() || !due.Before(w.options.Until) {
		return false, nil
	}
	send, err := w.step(pacing.Event{Kind: pacing.Due}, due)
	if err != nil {
		return false, err
	}
	if send != nil {
		return true, w.send(*send, due)
	}
	if w.state.DueAt.Equal(due) {
		return false, errors.New("what is due stays due")
	}
	return true, nil
}

func (w *way) step(e pacing.Event, now time.Time) (*pacing.Mail, error) {
	result, err := pacing.Step(w.course, w.state, e, now)
	if err != nil {
		return nil, err
	}
	w.state = result.State
	w.state.Reader = w.options.Reader
	return result.Send, nil
}

// send writes the line of a mail, and asks what the reader says to it.
func (w *way) send(m pacing.Mail, now time.Time) error {
	if _, err := w.step(pacing.Event{Kind: pacing.Sent, Mail: m}, now); err != nil {
		return err
	}
	subject, err := w.subject(m)
	if err != nil {
		return err
	}
	w.lines = append(w.lines, Line{At: now.In(zoneOf(w.options.Reader)), Kind: m.Kind, ID: m.Lesson, Subject: subject})
	for _, s := range w.options.Replies.to(m, w.letters[m.Lesson], w.state, now) {
		w.plan(s)
	}
	return nil
}

func (w *way) subject(m pacing.Mail) (string, error) {
	if w.options.Subject != nil {
		return w.options.Subject(m)
	}
	lesson := w.letters[m.Lesson]
	if lesson == nil {
		return "", fmt.Errorf("lesson %s: %w", m.Lesson, pacing.ErrUnknownLesson)
	}
	return w.course.In(lesson.Texts, w.course.Language).Subject, nil
}

// plan keeps what will be said in the order of time.
func (w *way) plan(s said) {
	i := len(w.saying)
	for i > 0 && s.at.Before(w.saying[i-1].at) {
		i--
	}
	w.saying = append(w.saying[:i], append([]said{s}, w.saying[i:]...)...)
}

func zoneOf(r pacing.Reader) *time.Location {
	if r.Zone == nil {
		return time.UTC
	}
	return r.Zone
}
