package journey

import (
	"time"

	"longroad/internal/pacing"
	"longroad/internal/token"
)

// Overview is what an operator may see at one glance. It holds counts and
// references, and never an address, a name or a word that a reader wrote.
type Overview struct {
	Courses    []CourseCounts
	Deliveries map[string]int // how many by state: owed, attempting, sent, retry, unknown, cancelled, given-up

	Overdue   int       // deliveries that should have gone and have no outcome
	OldestDue time.Time // when the oldest of them should have gone; zero without any
	Unknown   int       // attempts whose outcome nobody knows, ever
	GivenUp   []GivenUp // newest first, bounded

	Unread      []Unread // replies that wait for a person, oldest first, bounded
	IntakesOpen int      // sign-ups that no worker has decided yet
	Workers     int      // workers that were seen within their lease
}

// CourseCounts are one course's subscriptions by status.
type CourseCounts struct {
	Course   string
	Statuses map[pacing.Status]int
}

// GivenUp is a delivery that was tried until nobody believed in it. It advances
// nobody, so it stays here until an operator resends it or lets it go.
type GivenUp struct {
	Delivery token.Ref
	Kind     string
	Lesson   string // "" where the mail belongs to no lesson
	Attempts int
	Code     int    // last SMTP reply code, 0 when there was none
	Enhanced string // last RFC 3463 status, or ""
	EndedAt  time.Time
}

// Unread is a reply that we could not understand.
type Unread struct {
	Reply      token.Ref
	ReceivedAt time.Time
	Delivery   *token.Ref // the mail that it answers; nil when it could not be matched
}
