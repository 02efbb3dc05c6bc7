package journey_test

import (
	"reflect"
	"testing"
	"time"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/token"
)

// saturday is noon in London; the shipped course goes on Tuesdays and Saturdays.
var saturday = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestPreferencesAreKeptAndCountAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, saturday)
	sub := h.reader("ann@example.org")
	_, _, err := h.road.Answer(t.Context(), h.last(sub).Ref, journey.Answer{Event: pacing.Event{Kind: pacing.Ready}})
	must(t, err)

	evening := 18 * 60
	for _, c := range []struct {
		name   string
		change func(*journey.Preferences)
		due    string // in UTC
		why    string
	}{
		{"hour", func(p *journey.Preferences) { p.SendHour = &evening }, "2026-11-24 18:00", "hour 18:00"},
		{"zone", func(p *journey.Preferences) { p.TimeZone = "America/New_York" }, "2026-11-24 23:00", "time zone America/New_York"},
		{"days", func(p *journey.Preferences) { p.Days[time.Saturday] = true }, "2026-11-28 23:00", "days sat"},
		{"dark", func(p *journey.Preferences) { p.Dark = []course.DarkDate{{Year: 2026, Month: 11, Day: 28}} }, "2026-12-05 23:00", "dark dates (1)"},
		{"name", func(p *journey.Preferences) { p.Name, p.Country = "Anna", "GB" }, "2026-12-05 23:00", "name, country"},
		{"all back", func(p *journey.Preferences) { *p = journey.Preferences{TimeZone: "Europe/London", CrisisMail: "full"} }, "2026-11-24 09:00",
			"name, country, time zone Europe/London, the course's hour, days all, dark dates (0)"},
	} {
		var wanted journey.Preferences
		view, changed, err := h.road.Prefer(t.Context(), sub.Ref, func(p *journey.Preferences) { c.change(p); wanted = *p })
		must(t, err)
		if !changed || !reflect.DeepEqual(view.Preferences, wanted) {
			t.Errorf("%s: changed %v to %+v, want %+v", c.name, changed, view.Preferences, wanted)
		}
		if got := view.State.DueAt.Format("2006-01-02 15:04"); got != c.due {
			t.Errorf("%s: due %s, want %s", c.name, got, c.due)
		}
		if kinds, why := h.story(sub); kinds[len(kinds)-1] != "preferences" || why != c.why {
			t.Errorf("%s: told as %s, %q", c.name, kinds[len(kinds)-1], why)
		}
	}
	before, _ := h.story(sub)
	_, changed, err := h.road.Prefer(t.Context(), sub.Ref, func(*journey.Preferences) {})
	must(t, err)
	if after, _ := h.story(sub); changed || len(after) != len(before) {
		t.Errorf("nothing was changed, and %v is told", after[len(before):])
	}
}

// A letter that is claimed when its reader chooses another hour waits for it.
func TestPreferencesAfterTheClaim(t *testing.T) {
	t.Parallel()
	h := newHouse(t, saturday)
	sub := h.reader("ann@example.org")
	_, _, err := h.road.Answer(t.Context(), h.last(sub).Ref, journey.Answer{Event: pacing.Event{Kind: pacing.Ready}})
	must(t, err)
	h.now = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	_, _, err = h.road.Claim(t.Context(), 10)
	must(t, err)
	evening := 18 * 60
	_, _, err = h.road.Prefer(t.Context(), sub.Ref, func(p *journey.Preferences) { p.SendHour = &evening })
	must(t, err)
	h.send()
	if d := h.last(sub); d.State != "retry" || !d.NextAttemptAt.Equal(time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)) {
		t.Errorf("the letter is %s, next %v", d.State, d.NextAttemptAt)
	}
	h.now = time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
	h.send()
	if d := h.last(sub); d.State != "sent" {
		t.Errorf("the letter is %s", d.State)
	}
}

func TestTurn(t *testing.T) {
	t.Parallel()
	h := newHouse(t, saturday)
	sub := h.reader("ann@example.org")
	for _, c := range []struct {
		e      pacing.Event
		status pacing.Status
		effect pacing.Effect
	}{
		{pacing.Event{Kind: pacing.Slower}, pacing.Awaiting, pacing.Applied},
		{pacing.Event{Kind: pacing.Faster}, pacing.Awaiting, pacing.Applied},
		{pacing.Event{Kind: pacing.Faster}, pacing.Awaiting, pacing.Unchanged},
		{pacing.Event{Kind: pacing.Pause, For: course.Span{Days: 7}}, pacing.Paused, pacing.Applied},
		{pacing.Event{Kind: pacing.Resume}, pacing.Awaiting, pacing.Applied},
	} {
		view, result, err := h.road.Turn(t.Context(), sub.Ref, c.e)
		must(t, err)
		if view.State.Status != c.status || result.Effect != c.effect {
			t.Errorf("%s: %s, %s", c.e.Kind, view.State.Status, result.Effect)
		}
	}
	if _, _, err := h.road.Turn(t.Context(), sub.Ref, pacing.Event{Kind: pacing.Ready}); err == nil {
		t.Error("a ready without its letter")
	}
	if _, _, err := h.road.Turn(t.Context(), token.NewRef(), pacing.Event{Kind: pacing.Resume}); err == nil {
		t.Error("a turn of nobody")
	}
}
