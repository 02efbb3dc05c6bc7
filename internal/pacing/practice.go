package pacing

import (
	"maps"
	"slices"
	"time"

	"longroad/internal/course"
)

// Practice letters fill the wait for the next lesson. They lie over the way as a
// film does: whatever they do, the way below stays the same to the second, so
// that none of them hastens or delays anything. Step lifts the film, lets the
// event change the way, and lays it anew; what is due on the way goes first.

const (
	practiceDays = 14 // from one practice letter to the next, in local days
	lessonDays   = 4  // from a lesson to a practice letter and the other way round: three days lie between
)

// Practice is how a subscription stands with the practice letters.
type Practice struct {
	// Off says that the reader wants none, or has said not to be safe; only the
	// reader's own word brings them back.
	Off bool `json:"off,omitempty"`
	// Had is how often each practice letter was sent or let go, by id. It is never
	// taken back, so that no step of the ledger is owed twice.
	Had map[string]int `json:"had,omitempty"`
	// Last is the practice letter that was sent or let go last.
	Last string `json:"last,omitempty"`
	// SentAt is when one was really sent last.
	SentAt time.Time `json:"sent_at,omitzero"`
	// Sending is the practice letter that was claimed and has no outcome yet.
	// The way does not wait for it.
	Sending *Mail `json:"sending,omitempty"`

	// Behind and BehindAt are the way's own next mail and its due time, while a
	// practice letter comes before it.
	Behind   *Mail     `json:"behind,omitempty"`
	BehindAt time.Time `json:"behind_at,omitzero"`
}

// Ahead is the next mail of the way itself and when it is due: practice letters,
// which come between, are looked past.
func (s State) Ahead() (*Mail, time.Time) {
	if s.Practice.Behind != nil {
		return s.Practice.Behind, s.Practice.BehindAt
	}
	return s.Next, s.DueAt
}

// liftPractice takes the practice letter that is to come off the way.
func (w *walk) liftPractice() {
	p := &w.s.Practice
	if p.Behind == nil {
		return
	}
	w.s.Next, w.s.DueAt = p.Behind, p.BehindAt
	p.Behind, p.BehindAt = nil, time.Time{}
}

// layPractice lays the practice letter that is to come over the way, where one
// finds its place before what comes next.
func (w *walk) layPractice() {
	m, r, ok := w.practice()
	if !ok || w.s.Practice.Sending != nil {
		return
	}
	at, err := r.from(latest(r.floor, w.now))
	if err != nil || !r.fits(at) {
		return // no day is free: the way goes on without
	}
	w.s.Practice.Behind, w.s.Practice.BehindAt = w.s.Next, w.s.DueAt
	w.s.Next, w.s.DueAt = &m, at
}

// room is where in time a practice letter may go.
type room struct {
	rule
	before date // the first local date that is too late
	zone   *time.Location
}

func (r room) fits(t time.Time) bool {
	return !t.Before(r.floor) && dateOf(t, r.zone) < r.before
}

// practice is the practice letter that comes next and the room that it has. Not
// ok: there is none to come now, whatever the day.
func (w *walk) practice() (Mail, room, bool) {
	s := &w.s
	waiting := s.Status == Active || s.Status == Awaiting || s.Status == Holding
	silent := s.Rung > 0 // no more mail to who has not said a word since the reminder
	if s.Practice.Off || !waiting || silent || s.Sending != nil || s.Next == nil || s.Lesson == "" || s.Owed != "" {
		return Mail{}, room{}, false
	}
	way, err := w.way()
	if err != nil || way.next == nil || len(way.current.Stage.Practice) == 0 {
		return Mail{}, room{}, false
	}
	return w.inTurn(way.current.Stage.Practice), w.room(way), true
}

// inTurn takes a stage's practice letters in order, those first that were never
// had, and then round again. Stages may share some.
func (w *walk) inTurn(letters []*course.Lesson) Mail {
	p := w.s.Practice
	next, fewest := 0, p.Had[letters[0].ID]
	for i, l := range letters {
		if p.Had[l.ID] < fewest {
			next, fewest = i, p.Had[l.ID]
		}
	}
	if last := slices.IndexFunc(letters, func(l *course.Lesson) bool { return l.ID == p.Last }); last >= 0 && fewest > 0 {
		next = (last + 1) % len(letters)
	}
	id := letters[next].ID
	return Mail{Kind: KindPractice, Lesson: id, Occasion: w.s.Occasion, N: p.Had[id] + 1}
}

// room leaves the lessons their distance and every other mail its day.
func (w *walk) room(way way) room {
	s, zone := &w.s, w.s.Reader.zone()
	stage := way.current.Stage
	r := room{zone: zone, rule: rule{byDay: true, calendar: NewCalendar(stage.Window, s.Reader)}}
	for _, since := range []struct {
		at   time.Time
		days int
	}{{s.SentAt, lessonDays}, {s.MailedAt, 1}, {s.Practice.SentAt, practiceDays}} {
		if !since.at.IsZero() {
			r.floor = latest(r.floor, after(since.at, course.Span{Days: since.days}, 1, zone))
		}
	}
	if day, err := parseDate(s.Day); err == nil { // a reader who moved may live that date again
		r.floor = latest(r.floor, (day+lessonDays).at(0, zone))
	}
	r.before = dateOf(s.DueAt, zone)
	if s.Next.Kind == KindLesson {
		r.before -= lessonDays - 1
	}
	if way.current.Lesson.Asks() && s.Answer == "" && !s.LetGo {
		// Where no gate waits there is no reminder: silence ends them at its time.
		r.before = min(r.before, dateOf(after(s.SentAt, stage.RemindAfter, 1, zone), zone))
	}
	return r
}

// duePractice claims the practice letter that was laid over the way, unless its
// day is over or something of the way has become due meanwhile. Not ok: it is the
// way's turn.
func (w *walk) duePractice() (*Mail, bool) {
	s := &w.s
	if s.Practice.Behind == nil || w.now.Before(s.DueAt) || !w.now.Before(s.Practice.BehindAt) {
		return nil, false
	}
	w.liftPractice()
	m, r, ok := w.practice()
	if !ok || s.Practice.Sending != nil || !r.calendar.Open(w.now) || !r.fits(w.now) {
		return nil, true // laid anew, or not at all
	}
	s.Practice.Sending = &m
	return &m, true
}

// hearPractice takes what became of a practice letter.
func (w *walk) hearPractice(e Event) Effect {
	p := &w.s.Practice
	mine := p.Sending != nil && *p.Sending == e.Mail
	switch {
	case e.Kind == Sent:
		p.SentAt = latest(p.SentAt, w.now)
	case !mine:
		return Unchanged
	}
	if e.Kind != Cancelled {
		p.Last, p.Had = e.Mail.Lesson, maps.Clone(p.Had)
		if p.Had == nil {
			p.Had = make(map[string]int)
		}
		p.Had[e.Mail.Lesson] = max(p.Had[e.Mail.Lesson], e.Mail.N)
	}
	if mine {
		p.Sending = nil
	}
	return Applied
}

// switchPractice is the reader's own word on practice letters.
func (w *walk) switchPractice(off bool) Effect {
	if s := w.s.Status; s.Ended() && s != Completed {
		return Ended
	}
	if w.s.Practice.Off == off {
		return Unchanged
	}
	w.s.Practice.Off = off
	return Applied
}

// hushPractice switches practice letters off for who is not safe, wherever the
// way stands. It reports whether that is new.
func (w *walk) hushPractice() bool {
	before := w.s.Practice.Off
	w.s.Practice.Off = true
	return !before
}

// answersPractice tells whether an answer came to the last practice letter: it
// answers the lesson that the practice letter came after, while that is current.
func (w *walk) answersPractice(e Event) bool {
	p := w.s.Practice
	return e.Lesson == p.Last && e.Occasion == w.s.Occasion && p.SentAt.After(w.s.SentAt)
}

// lookPractice is Look for a claimed practice letter.
func (w *walk) lookPractice(m Mail) Verdict {
	if p := w.s.Practice.Sending; p == nil || *p != m {
		return Verdict{Decision: Cancel, Why: "no longer owed"}
	}
	w.liftPractice()
	now, r, ok := w.practice()
	if !ok || now != m {
		return Verdict{Decision: Cancel, Why: "no practice letter is to come now"}
	}
	if r.calendar.Open(w.now) && r.fits(w.now) {
		return Verdict{Decision: Go}
	}
	at, err := r.from(latest(r.floor, w.now))
	if err != nil || !r.fits(at) {
		return Verdict{Decision: Cancel, Why: "no day is free for it"}
	}
	return Verdict{Decision: Later, At: at, Why: "outside the window"}
}
