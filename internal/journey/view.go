package journey

import (
	"longroad/internal/course"
	"longroad/internal/pacing"
	"longroad/internal/token"
)

// Actor says who or what caused an event, as the event row keeps it.
type Actor string

// The actors.
const (
	ByPage        Actor = "reader:page"
	ByMail        Actor = "reader:mail"
	ByUnsubscribe Actor = "reader:unsubscribe" // one-click, RFC 8058
	ByWorker      Actor = "worker"
	ByOperator    Actor = "operator"
)

// View is what a page may know of one subscription, and of the letter that its
// link came with. It holds nothing of anybody else.
type View struct {
	Course  *course.Course
	Track   *course.Track
	Country string
	Name    string
	Lang    string
	State   pacing.State
	// Preferences are the reader's own; the state's Reader follows from them.
	Preferences Preferences

	// Lesson and Occasion are the letter that the link came with; Lesson is nil
	// for links that belong to no letter (confirm, unsubscribe).
	Lesson   *course.Lesson
	Occasion int

	// Earlier says of a sign-up that is not confirmed that it can go on where an
	// earlier way of the same person ended.
	Earlier bool

	// Back is, after an answer, what takes it back (TakeBack); "" for nothing.
	Back string

	// Unsubscribe is the ref that the stop page's token is signed for.
	Subscription token.Ref
}

// Current reports whether the link's letter is the one that an answer counts for.
func (v View) Current() bool {
	return v.Lesson != nil && v.State.Lesson == v.Lesson.ID && v.State.Occasion == v.Occasion
}
