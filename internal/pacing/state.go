package pacing

import (
	"fmt"
	"time"

	"longroad/internal/course"
)

// Status is where a subscription stands on its way.
type Status string

// The statuses. Completed, Stopped and Suppressed are ends. Only the reader's own
// word leads out of them: a repeat or a back out of Completed, a return out of
// Stopped.
const (
	Pending    Status = "pending"  // signed up, not confirmed
	Active     Status = "active"   // the next lesson, or the end, has a due time or is being sent
	Awaiting   Status = "awaiting" // the current lesson asked, and what comes next waits for ready
	Holding    Status = "holding"  // the reader said not yet
	Paused     Status = "paused"   // the reader asked for a pause
	Resting    Status = "resting"  // a long silence, or an unsafe; nothing goes until the reader writes
	Halted     Status = "halted"   // stopped by safety until an operator releases it
	Completed  Status = "completed"
	Stopped    Status = "stopped"
	Suppressed Status = "suppressed"
)

// Ended reports whether the status is an end.
func (s Status) Ended() bool { return s == Completed || s == Stopped || s == Suppressed }

// Kind is the kind of a mail on the way.
type Kind string

// The kinds that pacing decides.
const (
	KindLesson      Kind = "lesson"
	KindReminder    Kind = "reminder"     // once, after remind_after of silence
	KindOpenDoor    Kind = "open-door"    // three, 30 days apart, then rest
	KindAskAgain    Kind = "ask-again"    // after a not-yet
	KindWelcomeBack Kind = "welcome-back" // after a pause or a rest, when a question stands open
	KindPractice    Kind = "practice"     // while the next lesson waits; the way does not know of it
	KindEnd         Kind = "end"          // once, after the last lesson
)

// paced reports whether a mail of the kind keeps the gap of its stage and the
// reader's own pace.
func (k Kind) paced() bool { return k == KindLesson || k == KindEnd }

// Mail is one mail that the way owes.
type Mail struct {
	Kind     Kind   `json:"kind"`
	Lesson   string `json:"lesson"` // that it is or is about; of a practice letter its own id
	Occasion int    `json:"occasion"`
	// N counts the mails of one kind about one lesson on one occasion, from 1. It
	// is 0 for a lesson, the reminder and the end, of which there is one. A practice
	// letter is counted over all occasions.
	N int `json:"n,omitempty"`
}

// Step names the mail within its occasion, as the ledger does:
// lesson/no-but, reminder/no-but, open-door/no-but/2.
func (m Mail) Step() string {
	if m.N == 0 {
		return fmt.Sprintf("%s/%s", m.Kind, m.Lesson)
	}
	return fmt.Sprintf("%s/%s/%d", m.Kind, m.Lesson, m.N)
}

// Reader is what the person chose; a change takes effect from the next
// computation of a due time.
type Reader struct {
	Zone     *time.Location    // IANA zone; nil means UTC
	SendHour *course.Hour      // replaces the window's at; nil keeps it
	Days     [7]bool           // by time.Weekday: those of the window's days that suit; none set means all
	Dark     []course.DarkDate // the reader's own dark dates
}

// State is everything that pacing remembers of one subscription. It is a plain
// value: Step never changes the one it is given.
type State struct {
	Track  string `json:"track"`
	Status Status `json:"-"` // kept in a column of its own

	// DueAt is when the subscription must be looked at next, in UTC; zero when
	// nothing is due by time alone. Kept in a column of its own.
	DueAt time.Time `json:"-"`
	// Next is the mail that DueAt is for; nil when DueAt only ends a pause.
	Next *Mail `json:"next,omitempty"`
	// Sending is the mail that was claimed and has no outcome yet.
	Sending *Mail `json:"sending,omitempty"`

	// Lesson is the current lesson: the last one sent or let go, "" before the first.
	Lesson string `json:"lesson,omitempty"`
	// Owed is the lesson that a repeat or a back asked for, until it is sent; ""
	// means that the lesson after the current one comes next.
	Owed string `json:"owed,omitempty"`
	// Occasion rises by one with every repeat, back or resend; every mail carries
	// the occasion in which it was owed.
	Occasion int `json:"occasion,omitempty"`
	// SentAt is when the last lesson was really sent (any lesson: floors count from it).
	SentAt time.Time `json:"sent_at,omitzero"`
	// MailedAt is when the last mail of any kind on the way was really sent.
	MailedAt time.Time `json:"mailed_at,omitzero"`
	// Day and DayCount are the local date (2006-01-02) of the last lesson and how
	// many lessons were sent on it.
	Day      string `json:"day,omitempty"`
	DayCount int    `json:"day_count,omitempty"`

	// Answer is the current lesson's answer: "" (none), ready or not-yet.
	Answer course.Answer `json:"answer,omitempty"`
	// LetGo says that the current lesson never came and was let go: no gate waits
	// for its answer.
	LetGo bool `json:"let_go,omitempty"`
	// From is the latest moment at which a gate, a hold, a pause or a change of
	// pace was settled: no due time lies before it. It is zero until the
	// subscription is confirmed.
	From time.Time `json:"from,omitzero"`
	// ByWindow keeps the first letter inside its window, under first: at-once too.
	ByWindow bool `json:"by_window,omitempty"`
	// HoldUntil is when a hold asks again; zero when nothing is held.
	HoldUntil time.Time `json:"hold_until,omitzero"`
	// PausedUntil is when a pause ends; zero outside a pause.
	PausedUntil time.Time `json:"paused_until,omitzero"`
	// Unsafe is set by no or unsure to a safety question: the subscription rests
	// until the reader turns to it again.
	Unsafe bool `json:"unsafe,omitempty"`
	// Halted says that a stop came during a halt: taking it back leads there.
	Halted bool `json:"halted,omitempty"`

	// NotYets counts the not-yets to the current lesson on this occasion.
	NotYets int `json:"not_yets,omitempty"`
	// Rung is how far the ladder of silence has been climbed since the last sign of
	// the reader: 0 nothing, 1 reminded or asked again, 2 to 4 the open doors.
	Rung int `json:"rung,omitempty"`
	// Doors and Welcomes count those mails about the current lesson on this
	// occasion; they only rise, so that no step is owed twice.
	Doors    int `json:"doors,omitempty"`
	Welcomes int `json:"welcomes,omitempty"`

	// Goodbye says that the end was sent or let go. It is never taken back: nobody
	// is told twice that there is no more to come.
	Goodbye bool `json:"goodbye,omitempty"`

	// Pace is the reader's own factor, from 1 to 3; 0 means 1.
	Pace float64 `json:"pace,omitempty"`
	// Unanswered counts the check-ins in a row that got no answer, the current
	// lesson's own included.
	Unanswered int `json:"unanswered,omitempty"`

	// Practice is what is to know of the practice letters; nothing else of the
	// state hangs on them but Next and DueAt: see Ahead.
	Practice Practice `json:"practice,omitzero"`

	Reader Reader `json:"-"`
}

// EventKind says what happened.
type EventKind string

// What a reader can say.
const (
	Ready  EventKind = "ready"
	NotYet EventKind = "not-yet"
	Slower EventKind = "slower"
	Faster EventKind = "faster"
	Pause  EventKind = "pause"
	Resume EventKind = "resume"
	Repeat EventKind = "repeat"
	Back   EventKind = "back"
	Stop   EventKind = "stop"
	Help   EventKind = "help"
	// Prefer is a change of time zone, hour, days or dark dates.
	Prefer EventKind = "preferences"
	// Return takes a stop back: the way goes on from where it was.
	Return EventKind = "return"
	// Unsafe is no or unsure to a safety question: nothing more goes until the
	// reader writes or answers again, as in a rest.
	Unsafe EventKind = "unsafe"
	// PracticeOff and PracticeOn say whether practice letters are wanted.
	PracticeOff EventKind = "practice-off"
	PracticeOn  EventKind = "practice-on"
	// Undo takes a word of the reader's back: Before says where the way stood.
	Undo EventKind = "undo"
)

// What else happens to a subscription.
const (
	Confirm   EventKind = "confirm"   // double opt-in
	Due       EventKind = "due"       // DueAt has come: claims what is owed
	Sent      EventKind = "sent"      // Mail was really sent, at now
	Cancelled EventKind = "cancelled" // Mail was claimed and will not be sent
	LetGo     EventKind = "let-go"    // Mail was given up, and an operator lets it go: nobody gets it
	Halt      EventKind = "halt"      // safety
	Release   EventKind = "release"   // an operator ends a halt
	Suppress  EventKind = "suppress"  // the address gets nothing any more
)

// Event is one thing that happened.
type Event struct {
	Kind EventKind

	// Lesson and Occasion say which letter a Ready or NotYet answers; an empty
	// Lesson means the current one.
	Lesson   string
	Occasion int

	// For or Until bound a Pause; with both zero it lasts DefaultPause. Until is a
	// local date, at whose 00:00 the pause ends.
	For   course.Span
	Until string // 2006-01-02

	Mail Mail // of Sent, Cancelled and LetGo

	// ByWindow says of a Confirm that the first letter keeps its window, under
	// first: at-once too: many people who begin on one day are not written to at
	// any hour of it.
	ByWindow bool

	// After is, of a Confirm, how an earlier way through the same track ended: the
	// new one goes on from there; see CanGoOn.
	After *State

	Reader Reader // of a Prefer

	// Before is, of an Undo, the state before the word that is taken back.
	Before *State
}

// Effect says what an event did, so that a page or a receipt can tell.
type Effect string

// The effects.
const (
	Applied   Effect = "applied"
	Unchanged Effect = "unchanged" // heard; it was so already, or there is nothing to change
	Stale     Effect = "stale"     // it answers a letter that is no longer the current one
	Ended     Effect = "ended"     // the subscription has ended
)

// Result is what a step leads to.
type Result struct {
	State  State
	Send   *Mail // set by Due alone: what is owed now
	Effect Effect
}

// DefaultPause is how long a pause lasts that names no end.
var DefaultPause = course.Span{Days: 30}
