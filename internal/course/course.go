// Package course turns an operator's files into a validated course: its
// tracks, stages, lessons and windows, and the version that a change of them
// makes. Its one rule: a course with any fault is refused whole, with every
// fault named at once. It reads through io/fs and knows no database.
package course

import "slices"

// Course is one validated version of a course, as its files tell it.
type Course struct {
	ID       string // stable, a slug
	Title    string
	Language string // default language, a BCP 47 tag such as "en"
	Sender   string // neutral display name of the From header
	First    First
	PerDay   int // lessons a reader may get in a local day; at least 1
	Tracks   []*Track
	Barriers []Barrier
	Hash     string // version: a hash over everything that a reader can receive

	// Mails are the pieces that no lesson is: confirm, choice, reminder, ask-again,
	// open-door, welcome-back, end, and receipts by what they tell; by name, then by language. A course that lacks one
	// uses the built-in text of templates/.
	Mails map[string]map[string]Text
	// Snippets are shared pieces of Markdown, by name, then by language.
	Snippets map[string]map[string]string
	// Help are the help lines by upper-case ISO 3166 country code; "" holds the
	// fallback for every other country. They are no part of Hash.
	Help map[string][]HelpLine

	snippets map[string]map[string]*compiled // Snippets, ready to render
}

// First says when a track's first letter goes.
type First string

// The two ways to begin.
const (
	FirstAtOnce First = "at-once" // right after confirming, at any hour
	FirstWindow First = "window"  // at the first allowed hour after confirming
)

// Track is the ordered way of one role through a course.
type Track struct {
	ID          string
	Title       string
	Counterpart string // the track that it can be linked with, or ""
	Stages      []*Stage
}

// Stage is a stretch of lessons that share a pacing.
type Stage struct {
	ID          string
	Title       string
	Gap         Span // floor between two letters
	Gate        Gate
	Window      Window // the stage's own, or the course's
	RemindAfter Span   // the stage's own, or the course's
	Lessons     []*Lesson
	// Practice are the letters that may come while the next lesson waits, in
	// order. None of them asks anything.
	Practice []*Lesson
}

// Gate says what a lesson waits for besides its gap.
type Gate string

// The gates.
const (
	GateNone  Gate = "none"
	GateReady Gate = "ready" // waits for "ready" to the lesson before it
)

// Lesson is one letter.
type Lesson struct {
	ID      string // stable and never reused, a slug
	CheckIn *CheckIn
	Covers  []string
	Texts   map[string]Text // by language; the default language is always there

	covers []word // Covers at their places
}

// Text is a mail's words in one language, as Markdown with template actions.
type Text struct {
	File    string // as the author knows it, for messages
	Line    int    // of the body's first line in File, from 1
	Subject string
	Title   string // stands in the body only; may be empty
	Body    string // Markdown source without the front matter

	// Question is the check-in's question in this language, or "".
	Question string

	compiled *compiled // Body, ready to render; nil in a text made by hand
}

// CheckIn is the question at the end of a lesson.
type CheckIn struct {
	Kind    CheckInKind
	Answers []Answer
}

// CheckInKind tells the ordinary check-in from the safety question.
type CheckInKind string

// The kinds of check-in.
const (
	CheckInPace   CheckInKind = "pace"   // answered ready or not-yet
	CheckInSafety CheckInKind = "safety" // answered yes, no or unsure; yes counts as ready
)

// Answer is one answer that a check-in offers.
type Answer string

// The answers.
const (
	AnswerReady  Answer = "ready"
	AnswerNotYet Answer = "not-yet"
	AnswerYes    Answer = "yes"
	AnswerNo     Answer = "no"
	AnswerUnsure Answer = "unsure"
	// AnswerAlone goes on past a safety question without a yes: the letters then
	// leave out what two people do together. Its page offers it; no course lists it.
	AnswerAlone Answer = "alone"
)

// Barrier makes a lesson of one track wait for lessons of the counterpart.
type Barrier struct {
	Lesson   LessonRef
	WaitsFor []LessonRef
	AtMost   Span
}

// LessonRef names a lesson of a track, written track/lesson.
type LessonRef struct{ Track, Lesson string }

// HelpLine is one line of help with where and when it was checked.
type HelpLine struct {
	For     string // what it is for, such as "Emergency"
	Contact string // the number or address
	Source  string
	Checked string // date, 2006-01-02

	where place // of Checked, or of the line
}

// Track finds a track by its id, or nil.
func (c *Course) Track(id string) *Track {
	for _, t := range c.Tracks {
		if t.ID == id {
			return t
		}
	}
	return nil
}

// Place is a lesson with the stage that paces it.
type Place struct {
	Stage  *Stage
	Lesson *Lesson
}

// Places lists the track's lessons in order; a track that there is not has none.
func (t *Track) Places() []Place {
	var places []Place
	if t == nil {
		return nil
	}
	for _, s := range t.Stages {
		for _, l := range s.Lessons {
			places = append(places, Place{Stage: s, Lesson: l})
		}
	}
	return places
}

// First reports whether a lesson is the track's first.
func (t *Track) First(lesson string) bool {
	places := t.Places()
	return len(places) > 0 && places[0].Lesson.ID == lesson
}

// Last reports whether a lesson is the track's last.
func (t *Track) Last(lesson string) bool {
	places := t.Places()
	return len(places) > 0 && places[len(places)-1].Lesson.ID == lesson
}

// Letter finds a lesson or a practice letter of the track by its id, or nil.
func (t *Track) Letter(id string) *Lesson {
	for _, s := range t.Stages {
		for _, l := range append(s.Lessons[:len(s.Lessons):len(s.Lessons)], s.Practice...) {
			if l.ID == id {
				return l
			}
		}
	}
	return nil
}

// Practises reports whether any stage of the track has practice letters.
func (t *Track) Practises() bool {
	return slices.ContainsFunc(t.Stages, func(s *Stage) bool { return len(s.Practice) > 0 })
}

// Asks reports whether the lesson ends with a check-in.
func (l *Lesson) Asks() bool { return l.CheckIn != nil }

// CanBeReady reports whether the lesson can be answered ready (or yes), so
// that a gate may stand after it.
func (l *Lesson) CanBeReady() bool {
	if l.CheckIn == nil {
		return false
	}
	for _, a := range l.CheckIn.Answers {
		if a == AnswerReady || a == AnswerYes {
			return true
		}
	}
	return false
}

// In gives the text in a language, falling back to the course's default.
func (c *Course) In(texts map[string]Text, language string) Text {
	if t, ok := texts[language]; ok {
		return t
	}
	return texts[c.Language]
}
