package worker

import (
	"cmp"
	"slices"
	"time"

	"longroad/internal/pacing"
	"longroad/internal/store"
)

// check holds the record of one reader against what may be.
func (s *storm) check(sub store.Subscription) {
	ctx, t := s.t.Context(), s.t
	deliveries, err := s.store.DeliveriesOf(ctx, sub.ID)
	must(t, err)
	attempts, err := s.store.AttemptsOf(ctx, sub.ID)
	must(t, err)
	events, err := s.store.EventsOf(ctx, sub.ID)
	must(t, err)
	now := s.subscription(sub.Email)
	zone := now.State.Reader.Zone

	byID, unknowns := map[int64]store.Delivery{}, map[int64]int{}
	for _, e := range events {
		if e.Kind == "unknown" {
			unknowns[*e.DeliveryID]++
		}
	}
	var lessons []store.Delivery
	for _, d := range deliveries {
		byID[d.ID] = d
		n := s.sky.got(d.MessageID)
		if n > 1+unknowns[d.ID] {
			t.Errorf("%s: %d copies of %v, with %d outcomes unknown", sub.Email, n, d, unknowns[d.ID])
		}
		if d.State != store.Sent && d.State != store.Cancelled || d.State == store.Sent && n == 0 {
			t.Errorf("%s: %v is %s with %d copies", sub.Email, d, d.State, n)
		}
		if d.State == store.Sent && d.Mail.Kind == pacing.KindLesson {
			lessons = append(lessons, d)
		}
	}
	slices.SortFunc(lessons, func(a, b store.Delivery) int {
		return cmp.Or(a.SentAt.Compare(b.SentAt), cmp.Compare(a.Occasion, b.Occasion))
	})
	for i := range max(0, len(lessons)-1) {
		a, b := lessons[i], lessons[i+1]
		if days := dateIn(b.SentAt, zone).Sub(dateIn(a.SentAt, zone)).Hours() / 24; days < 3 {
			t.Errorf("%s: %v at %v, and only %v days on %v", sub.Email, a, a.SentAt, days, b)
		}
		if a.Occasion == b.Occasion && a.Mail.Lesson >= b.Mail.Lesson {
			t.Errorf("%s: %v goes before %v", sub.Email, a, b)
		}
	}
	for _, a := range attempts {
		d, at := byID[a.DeliveryID], a.StartedAt.In(zone)
		atOnce := d.Step == store.ConfirmStep || d.Step == "lesson/a" && d.Occasion == 0
		open := (at.Weekday() == time.Tuesday || at.Weekday() == time.Saturday) && at.Hour() >= 9 && at.Hour() < 20
		if !atOnce && !open {
			t.Errorf("%s: %v is tried at %v", sub.Email, d, at)
		}
		if !now.EndedAt.IsZero() && a.StartedAt.After(now.EndedAt) {
			t.Errorf("%s: %v is tried at %v, ended at %v", sub.Email, d, a.StartedAt, now.EndedAt)
		}
	}
	switch status := now.State.Status; {
	case status == pacing.Completed && (len(lessons) < 3 || lessons[len(lessons)-1].Mail.Lesson != "c"):
		t.Errorf("%s: completed with %d letters", sub.Email, len(lessons))
	case !status.Ended():
		t.Errorf("%s: still %s: %+v", sub.Email, status, now.State)
	}
}

// summary tells how rough it was, and insists that it was rough.
func (s *storm) summary() {
	counts, err := s.store.StatusCounts(s.t.Context())
	must(s.t, err)
	unknown, err := s.store.UnknownAttempts(s.t.Context())
	must(s.t, err)
	most, all := 0, 0
	for _, n := range s.sky.copies {
		most, all = max(most, n), all+n
	}
	s.t.Logf("%d mails, %d copies of one at most, %d outcomes unknown, in the end %+v", all, most, unknown, counts)
	if unknown == 0 || all == 0 {
		s.t.Error("that was no storm")
	}
}

func dateIn(at time.Time, zone *time.Location) time.Time {
	y, m, d := at.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
