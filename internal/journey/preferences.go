package journey

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"longroad/internal/course"
	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

// Preferences are what a reader may change of a subscription, beside its pace.
type Preferences struct {
	Name     string
	Country  string // ISO 3166, upper case, or ""
	TimeZone string // IANA
	SendHour *int   // minutes after midnight; nil keeps the course's
	Days     [7]bool
	Dark     []course.DarkDate
	// CrisisMail is what may come by mail when a reply tells of danger. No page
	// shows which it is: who opens the mailbox must not learn of it.
	CrisisMail string
}

func preferencesOf(s store.Subscription) Preferences {
	return Preferences{Name: s.Name, Country: s.Country, TimeZone: s.TimeZone, SendHour: s.SendHour,
		Days: s.State.Reader.Days, Dark: slices.Clone(s.State.Reader.Dark), CrisisMail: s.CrisisMail}
}

// Prefer changes a reader's preferences: change gets them as they stand, in the
// same breath, and its values are checked. What is not claimed yet gets its time
// by them at once; what is, meets them when it is sent. It reports whether
// anything has changed.
func (r *Road) Prefer(ctx context.Context, ref token.Ref, change func(*Preferences)) (View, bool, error) {
	sub, err := r.Store.SubscriptionByRef(ctx, ref)
	if err != nil {
		return View{}, false, err
	}
	changed := false
	err = r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		changed, err = r.prefer(ctx, tx, sub.ID, change)
		return err
	})
	if err != nil {
		return View{}, false, err
	}
	view, err := r.OpenSubscription(ctx, ref)
	return view, changed, err
}

func (r *Road) prefer(ctx context.Context, tx *store.Tx, id int64, change func(*Preferences)) (bool, error) {
	sub, err := tx.LockSubscription(ctx, id)
	if err != nil {
		return false, err
	}
	old := preferencesOf(sub)
	p := preferencesOf(sub)
	change(&p)
	p.CrisisMail = cmp.Or(p.CrisisMail, store.CrisisFull)
	what := differences(old, p)
	if len(what) == 0 {
		return false, nil
	}
	zone, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return false, fmt.Errorf("time zone: %w", err)
	}
	reader := pacing.Reader{Zone: zone, Days: p.Days, Dark: p.Dark}
	if p.SendHour != nil {
		hour := course.Hour(*p.SendHour)
		reader.SendHour = &hour
	}
	e := Event{Event: pacing.Event{Kind: pacing.Prefer, Reader: reader}, By: ByPage, Why: strings.Join(what, ", ")}
	var b batch
	if samePlan(old, p) {
		b.events = []store.Event{storyOf(&sub, sub.State.Status, e, pacing.Result{Effect: pacing.Applied})}
	} else {
		if _, err := r.step(ctx, tx, tx.Now, &sub, e, &b); err != nil {
			return false, err
		}
		b.subs = []store.Subscription{sub}
	}
	if _, err := r.flush(ctx, tx, &b); err != nil {
		return false, err
	}
	sub.Name, sub.Country, sub.TimeZone, sub.SendHour = p.Name, p.Country, p.TimeZone, p.SendHour
	sub.CrisisMail = p.CrisisMail
	sub.State.Reader = reader
	if err := tx.SavePreferences(ctx, sub); err != nil || old.CrisisMail == p.CrisisMail {
		return true, err
	}
	return true, r.withholdHelp(ctx, tx, &sub)
}

// samePlan reports whether no time hangs on what has changed.
func samePlan(old, now Preferences) bool {
	return old.TimeZone == now.TimeZone && sameHour(old.SendHour, now.SendHour) && old.Days == now.Days && slices.Equal(old.Dark, now.Dark)
}

func sameHour(a, b *int) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// differences names what has changed, for the story. A name, a country and
// what help comes by mail are named without their values.
func differences(old, now Preferences) []string {
	var what []string
	if old.Name != now.Name {
		what = append(what, "name")
	}
	if old.Country != now.Country {
		what = append(what, "country")
	}
	if old.TimeZone != now.TimeZone {
		what = append(what, "time zone "+now.TimeZone)
	}
	switch {
	case sameHour(old.SendHour, now.SendHour):
	case now.SendHour == nil:
		what = append(what, "the course's hour")
	default:
		what = append(what, "hour "+course.Hour(*now.SendHour).String())
	}
	if old.Days != now.Days {
		what = append(what, "days "+dayNames(now.Days))
	}
	if old.CrisisMail != now.CrisisMail {
		what = append(what, "help by mail")
	}
	if !slices.Equal(old.Dark, now.Dark) {
		what = append(what, fmt.Sprintf("dark dates (%d)", len(now.Dark)))
	}
	return what
}

func dayNames(days [7]bool) string {
	var names []string
	for i := range 7 {
		if day := time.Weekday((i + 1) % 7); days[day] {
			names = append(names, strings.ToLower(day.String()[:3]))
		}
	}
	if len(names) == 0 {
		return "all"
	}
	return strings.Join(names, " ")
}

// Turn applies what a reader asks for beside any letter: slower, faster, pause,
// resume, practice letters or none.
func (r *Road) Turn(ctx context.Context, ref token.Ref, e pacing.Event) (View, pacing.Result, error) {
	var result pacing.Result
	switch e.Kind {
	case pacing.Slower, pacing.Faster, pacing.Pause, pacing.Resume, pacing.PracticeOff, pacing.PracticeOn:
	default:
		return View{}, result, errors.New("turn: " + string(e.Kind) + " belongs to a letter")
	}
	sub, err := r.Store.SubscriptionByRef(ctx, ref)
	if err != nil {
		return View{}, result, err
	}
	err = r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		result, err = r.Apply(ctx, tx, sub.ID, Event{Event: e, By: ByPage, Why: pauseWords(e)})
		return err
	})
	if err != nil {
		return View{}, result, err
	}
	view, err := r.OpenSubscription(ctx, ref)
	return view, result, err
}
