package journey

import (
	"context"
	"slices"
	"time"

	"longroad/internal/inbound/report"
	"longroad/internal/pacing"
	"longroad/internal/store"
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

	Unread      []Unread   // what came in and waits for a person, oldest first, bounded
	Returned    []Returned // of the last seven days, the most frequent first
	IntakesOpen int        // sign-ups that no worker has decided yet
	Workers     int        // workers that were seen within their lease
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

// Unread is something that came in and that a person has to look at.
type Unread struct {
	Reply      token.Ref
	ReceivedAt time.Time
	Kind       string     // what it was taken for
	Why        string     // why it is kept
	Delivery   *token.Ref // the mail that it is about; nil when it could not be matched
}

// Returned is how many of our mails came back for one reason.
type Returned struct {
	Type, Reason string
	AboutUs      bool // it speaks of our mails or our server, not of the address
	N            int
}

// listed is how many rows a list of the overview shows.
const listed = 50

// Overview reads how things stand, at now. Its parts are read one after the
// other, so that counts may differ by what happens meanwhile.
func (r *Road) Overview(ctx context.Context) (Overview, error) {
	var o Overview
	counts, err := r.Store.StatusCounts(ctx)
	if err != nil {
		return o, err
	}
	o.Courses = byCourse(counts)
	states, err := r.Store.DeliveryCounts(ctx)
	if err != nil {
		return o, err
	}
	o.Deliveries = map[string]int{}
	for state, n := range states {
		o.Deliveries[string(state)] = n
	}
	if o.Overdue, o.OldestDue, err = r.Store.Overdue(ctx, r.Now()); err != nil {
		return o, err
	}
	if o.Unknown, err = r.Store.UnknownAttempts(ctx); err != nil {
		return o, err
	}
	if o.GivenUp, err = r.givenUp(ctx); err != nil {
		return o, err
	}
	if o.Unread, err = r.unread(ctx); err != nil {
		return o, err
	}
	if o.Returned, err = r.returned(ctx); err != nil {
		return o, err
	}
	if o.IntakesOpen, err = r.Store.OpenIntakes(ctx); err != nil {
		return o, err
	}
	o.Workers, err = r.Store.LiveWorkers(ctx)
	return o, err
}

func byCourse(counts []store.StatusCount) []CourseCounts {
	var all []CourseCounts
	for _, c := range counts { // in the order of their courses
		if len(all) == 0 || all[len(all)-1].Course != c.Course {
			all = append(all, CourseCounts{Course: c.Course, Statuses: map[pacing.Status]int{}})
		}
		all[len(all)-1].Statuses[pacing.Status(c.Status)] = c.N
	}
	return all
}

func (r *Road) givenUp(ctx context.Context) ([]GivenUp, error) {
	rows, err := r.Store.GivenUpDeliveries(ctx, listed)
	if err != nil {
		return nil, err
	}
	all := make([]GivenUp, len(rows))
	for i, d := range rows {
		kind := string(d.Mail.Kind)
		if kind == "" {
			kind = d.Step // the mail that asks to confirm
		}
		all[i] = GivenUp{Delivery: d.Ref, Kind: kind, Lesson: d.Mail.Lesson, Attempts: d.Attempt,
			Code: d.Code, Enhanced: d.Enhanced, EndedAt: d.EndedAt}
	}
	return all, nil
}

func (r *Road) unread(ctx context.Context) ([]Unread, error) {
	rows, err := r.Store.Quarantine(ctx, listed)
	if err != nil {
		return nil, err
	}
	all := make([]Unread, len(rows))
	for i, u := range rows {
		all[i] = Unread{Reply: u.Ref, ReceivedAt: u.ReceivedAt, Kind: u.Kind, Why: u.Why, Delivery: u.Delivery}
	}
	return all, nil
}

func (r *Road) returned(ctx context.Context) ([]Returned, error) {
	rows, err := r.Store.BounceCounts(ctx, r.Now().Add(-7*day))
	if err != nil {
		return nil, err
	}
	all := []Returned{}
	for _, row := range rows {
		one := Returned{Type: row.Type, Reason: row.Reason, AboutUs: report.Reason(row.Reason).AboutUs(), N: row.N}
		i := slices.IndexFunc(all, func(r Returned) bool { return r.Type == one.Type && r.Reason == one.Reason })
		if i < 0 {
			all = append(all, one)
		} else {
			all[i].N += one.N // from another source
		}
	}
	return all, nil
}
