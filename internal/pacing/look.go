package pacing

import (
	"time"

	"longroad/internal/course"
)

// Decision is what to do with a claimed mail.
type Decision string

// The decisions.
const (
	Go     Decision = "go"
	Cancel Decision = "cancel" // it is no longer wanted
	Later  Decision = "later"  // still owed, not now
)

// Verdict is the answer to Look.
type Verdict struct {
	Decision Decision
	At       time.Time // for Later: the first allowed moment, in UTC
	Why      string    // for Cancel and Later: one short phrase for the record
}

// Look is asked right before a claimed mail is sent, and before each further
// attempt: the reader may have turned round, or the window may have shut.
func Look(c *course.Course, s State, m Mail, now time.Time) Verdict {
	if m.Kind == KindPractice {
		return (&walk{course: c, s: s, now: now}).lookPractice(m)
	}
	if s.Sending == nil || *s.Sending != m {
		return Verdict{Decision: Cancel, Why: "no longer owed"}
	}
	if s.Status != carrier(m.Kind) {
		return Verdict{Decision: Cancel, Why: "the subscription is " + string(s.Status)}
	}
	w := &walk{course: c, s: s, now: now}
	r, err := w.rule(m)
	if err != nil {
		return Verdict{Decision: Cancel, Why: err.Error()}
	}
	at, err := r.late(now)
	switch {
	case err != nil:
		return Verdict{Decision: Cancel, Why: err.Error()}
	case !at.After(now):
		return Verdict{Decision: Go}
	case r.free.After(now):
		return Verdict{Decision: Later, At: at, Why: "the day has its letters"}
	}
	return Verdict{Decision: Later, At: at, Why: "outside the window"}
}
