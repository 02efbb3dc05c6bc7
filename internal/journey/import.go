package journey

import (
	"cmp"
	"context"
	"slices"
	"time"

	"longroad/internal/course"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// Newcomer is somebody who confirmed elsewhere, with the proof of it: the text
// or the source of the consent stands in ConsentVersion.
type Newcomer struct {
	SignUp
	ConsentedAt time.Time
	// StartAt is when the first letter may go at the earliest; zero for now.
	StartAt time.Time
	// AtOnce lets the first letter go by the course's own first; else it keeps
	// the window.
	AtOnce bool
}

// Admission is what an import made of one newcomer.
type Admission string

// The admissions.
const (
	Admitted    Admission = "imported"
	OnTheWay    Admission = "already on the way"
	Unconfirmed Admission = "signed up already, but has not confirmed"
	Duplicate   Admission = "duplicate in the file"
	Barred      Admission = "suppressed"
	Left        Admission = "ended this course after that consent"
)

// KindImport is the event of somebody who was brought in with proof of consent.
const KindImport = "import"

// Import brings confirmed people into a course, pinned to its version c, in one
// transaction, and says of each what became of it; their fields are checked, and
// their tracks are the course's. At is the moment at which the whole import
// began: it tells who came by this one from who was there before. Importing
// again doubles nobody. A suppressed address stays out, and so does who stopped
// or completed this course after the consent that is brought.
func (r *Road) Import(ctx context.Context, at time.Time, c *course.Course, all []Newcomer) ([]Admission, error) {
	var verdicts []Admission
	err := r.Store.InTx(ctx, at, func(tx *store.Tx) error {
		var err error
		if verdicts, err = r.screen(ctx, tx, c, all); err != nil {
			return err
		}
		var order []int // of the admitted: whoever locks people does so in one order
		for i, v := range verdicts {
			if v == Admitted {
				order = append(order, i)
			}
		}
		if len(order) == 0 {
			return nil
		}
		slices.SortFunc(order, func(a, b int) int {
			return cmp.Compare(store.AddressKey(all[a].Email), store.AddressKey(all[b].Email))
		})
		return admit(ctx, tx, c, all, order, verdicts)
	})
	return verdicts, err
}

// screen says who may come in.
func (r *Road) screen(ctx context.Context, tx *store.Tx, c *course.Course, all []Newcomer) ([]Admission, error) {
	keys, hashes := make([]string, len(all)), make([][]byte, len(all))
	for i, n := range all {
		keys[i] = store.AddressKey(n.Email)
		hashes[i] = r.Hasher.Address(keys[i])
	}
	barred, err := tx.SuppressedAmong(ctx, hashes)
	if err != nil {
		return nil, err
	}
	met, err := tx.MetInCourse(ctx, c.ID, keys)
	if err != nil {
		return nil, err
	}
	before := make(map[string][]store.Met, len(met))
	for _, m := range met {
		before[m.AddressKey] = append(before[m.AddressKey], m)
	}
	verdicts, seen := make([]Admission, len(all)), make(map[string]bool, len(all))
	for i, n := range all {
		switch {
		case barred[string(hashes[i])]:
			verdicts[i] = Barred
		case seen[keys[i]]:
			verdicts[i] = Duplicate
		default:
			verdicts[i] = welcome(before[keys[i]], n.ConsentedAt, tx.Now)
		}
		seen[keys[i]] = true
	}
	return verdicts, nil
}

// welcome weighs what is known of somebody in that course against the consent
// that an import of the moment at brings.
func welcome(met []store.Met, consented, at time.Time) Admission {
	verdict := Admitted
	for _, m := range met {
		switch {
		case m.Status == pacing.Pending:
			return Unconfirmed
		case !m.Status.Ended() && m.CreatedAt.Equal(at):
			return Duplicate
		case !m.Status.Ended():
			return OnTheWay
		case !m.EndedAt.Before(consented):
			verdict = Left
		}
	}
	return verdict
}

// admit writes those of the newcomers that order names, and corrects its verdict
// on who was quicker by another door.
func admit(ctx context.Context, tx *store.Tx, c *course.Course, all []Newcomer, order []int, verdicts []Admission) error {
	emails, subs := make([]string, len(order)), make([]store.Subscription, len(order))
	zones := map[string]*time.Location{} // there are few, and each costs a file
	for k, i := range order {
		emails[k] = all[i].Email
		zone := zones[all[i].TimeZone]
		var err error
		if zone == nil {
			if zone, err = time.LoadLocation(all[i].TimeZone); err != nil {
				return err
			}
			zones[all[i].TimeZone] = zone
		}
		if subs[k], err = begin(c, all[i], zone, tx.Now); err != nil {
			return err
		}
	}
	people, err := tx.FindOrAddSubscribers(ctx, emails)
	if err != nil {
		return err
	}
	for k, id := range people {
		subs[k].SubscriberID = id
	}
	if err := tx.AddSubscriptions(ctx, subs); err != nil {
		return err
	}
	var ids []int64
	var consents []store.Consent
	var events []store.Event
	for k, s := range subs {
		n := all[order[k]]
		if s.ID == 0 {
			verdicts[order[k]] = OnTheWay
			continue
		}
		ids = append(ids, s.ID)
		consents = append(consents, store.Consent{Kind: "consent", TextVersion: n.ConsentVersion, How: n.How, At: n.ConsentedAt})
		events = append(events, store.Event{SubscriptionID: s.ID, Actor: string(ByOperator), Kind: KindImport,
			Effect: string(pacing.Applied), To: string(s.State.Status), DueAt: &s.State.DueAt})
	}
	if err := tx.AddConsents(ctx, ids, consents); err != nil {
		return err
	}
	return tx.AddEvents(ctx, events)
}

// begin is the subscription of a newcomer as it stands after confirming, by the
// same pacing as everybody's.
func begin(c *course.Course, n Newcomer, zone *time.Location, now time.Time) (store.Subscription, error) {
	s := store.Subscription{
		Course: c.ID, Track: n.Track, Version: c.Hash, Name: n.Name, Language: n.Language, TimeZone: n.TimeZone,
		SendHour: n.SendHour, Country: n.Country, Safe: n.Safe, Mailbox: n.Mailbox, CrisisMail: n.CrisisMail, ConfirmedAt: now,
	}
	state := pacing.NewState(n.Track)
	state.Reader.Zone, state.Practice.Off = zone, s.Solo()
	if n.SendHour != nil {
		hour := course.Hour(*n.SendHour)
		state.Reader.SendHour = &hour
	}
	start := now
	if n.StartAt.After(now) {
		start = n.StartAt
	}
	result, err := pacing.Step(c, state, pacing.Event{Kind: pacing.Confirm, ByWindow: !n.AtOnce}, start)
	s.State = result.State
	return s, err
}
