package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/pacing"
)

// postAll sends a form in which a name may stand several times.
func (h *house) postAll(path string, form url.Values) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return h.do(r)
}

func TestPreferences(t *testing.T) {
	t.Parallel()
	seven := 7 * 60
	kept := journey.Preferences{Name: "Anna", Country: "GB", TimeZone: "Europe/London"}
	with := func(change func(*journey.Preferences)) journey.Preferences {
		p := kept
		change(&p)
		return p
	}
	eve := []course.DarkDate{{Year: 2026, Month: 12, Day: 24}}
	for _, c := range []struct {
		name string
		form url.Values
		says string
		want journey.Preferences
	}{
		{"zone and hour", url.Values{"intent": {"when"}, "time_zone": {"Asia/Calcutta"}, "send_hour": {"07:00"}, "days": {"2", "6"}}, "Saved.",
			with(func(p *journey.Preferences) { p.TimeZone, p.SendHour = "Asia/Calcutta", &seven })},
		{"one of the course's days", url.Values{"intent": {"when"}, "time_zone": {"Europe/London"}, "days": {"6"}}, "Saved.",
			with(func(p *journey.Preferences) { p.Days[time.Saturday] = true })},
		{"no day at all", url.Values{"intent": {"when"}, "time_zone": {"Europe/London"}}, "That is how it already was.", kept},
		{"days that the course has not", url.Values{"intent": {"when"}, "time_zone": {"Europe/London"}, "days": {"1", "9", "-1", "x"}}, "That is how it already was.", kept},
		{"name and country", url.Values{"intent": {"you"}, "name": {" Bo "}, "country": {"us"}}, "Saved.",
			with(func(p *journey.Preferences) { p.Name, p.Country = "Bo", "US" })},
		{"no name", url.Values{"intent": {"you"}, "country": {"GB"}}, "Saved.", with(func(p *journey.Preferences) { p.Name = "" })},
		{"help by mail", url.Values{"intent": {"help"}, "crisis_mail": {"none"}}, "Saved.", with(func(p *journey.Preferences) { p.CrisisMail = "none" })},
		{"help by mail, left as it is", url.Values{"intent": {"help"}}, "Saved.", kept},
		{"a day without letters", url.Values{"intent": {"dark"}, "date": {"2026-12-24"}}, "Thursday, 24 December 2026",
			with(func(p *journey.Preferences) { p.Dark = eve })},
		{"one that is not there is taken away", url.Values{"intent": {"light"}, "date": {"2026-12-24"}}, "That is how it already was.", kept},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.deliver()
			expect(t, h.postAll(h.mePath(), c.form), 200, "How the letters come", `role="status"`, c.says)
			if fmt.Sprint(h.wishes.Dark) == "[]" {
				h.wishes.Dark = nil
			}
			if !reflect.DeepEqual(h.wishes, c.want) {
				t.Errorf("kept %+v, want %+v", h.wishes, c.want)
			}
		})
	}
}

func TestPreferencesWithFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ body, says, typed string }{
		{"intent=when&time_zone=Mars/Base&send_hour=20:00&days=6", "We do not know this time zone.", `<option selected>20:00</option>`},
		{"intent=when&time_zone=Asia/Calcutta&send_hour=25:00", "choose an hour", `<option value="Asia/Calcutta" selected>`},
		{"intent=you&name=%3Cb%3E&country=US", "on one line, without signs", `value="US" selected`},
		{"intent=you&name=Bo&country=Mars", "choose a country", `value="Bo"`},
		{"intent=dark&date=2026-11-21", chooseDate, `value="2026-11-21"`},
		{"intent=dark&date=2027-11-22", chooseDate, ""},
		{"intent=dark&date=2026-02-30", chooseDate, ""},
		{"intent=dark", chooseDate, ""},
		{"intent=pause&until=2020-01-01", chooseDate, `value="2020-01-01"`},
		{"", chooseOne, ""},
		{"intent=ready", chooseOne, ""},
		{"intent=suppress", chooseOne, ""},
	} {
		h := newHouse(t)
		h.deliver()
		h.readOnly = true
		r := httptest.NewRequest(http.MethodPost, h.mePath(), strings.NewReader(c.body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		expect(t, h.do(r), 422, c.says, c.typed, "Nothing was changed.", "!<b>")
	}
}

func TestDaysWithoutLettersAreFew(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deliver()
	h.wishes.Dark = []course.DarkDate{{Year: 2026, Month: 11, Day: 20}} // yesterday: it counts no more
	for day := range mostDark {
		expect(t, h.post(h.mePath(), "intent", "dark", "date", fmt.Sprintf("2026-12-%02d", mostDark-day)), 200, "Saved.")
	}
	expect(t, h.post(h.mePath(), "intent", "dark", "date", "2026-12-31"), 422, "as many days as can be kept")
	if len(h.wishes.Dark) != mostDark || h.wishes.Dark[0].Day != 1 {
		t.Errorf("kept %v", h.wishes.Dark)
	}
	expect(t, h.post(h.mePath(), "intent", "light", "date", "2026-12-01"), 200, "Saved.", "!Tuesday, 1 December", "Wednesday, 2 December 2026")
}

func TestPreferencesTurn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deliver()
	once := seen(h.state)
	expect(t, h.get(h.mePath()), 200, "usual pace", "Slower, please", "!A little faster")
	expect(t, h.post(h.mePath(), "intent", "slower", "seen", once), 200, "Slower it is.", "more slowly than usual")
	expect(t, h.post(h.mePath(), "intent", "slower", "seen", once), 200, "Nothing has changed.")
	expect(t, h.post(h.mePath(), "intent", "faster", "seen", seen(h.state)), 200, "A little faster.")
	expect(t, h.post(h.mePath(), "intent", "pause", "until", "2026-12-24"), 200, "Paused until Thursday, 24 December 2026.", "Go on again")
	expect(t, h.post(h.mePath(), "intent", "resume"), 200, "We go on.", "!Go on again")
	expect(t, h.post(h.mePath(), "intent", "stop"), 200, "The letters have stopped", `value="return"`)
	if h.state.Status != pacing.Stopped || h.stopBy != journey.ByPage {
		t.Fatalf("%s by %s", h.state.Status, h.stopBy)
	}
	expect(t, h.get(h.mePath()), 200, "The letters have stopped", `value="return"`)
	expect(t, h.post(h.mePath(), "intent", "when", "time_zone", "UTC"), 200, "The letters have stopped")
	expect(t, h.post(h.mePath(), "intent", "return"), 200, "The letters go on")
	h.step(pacing.Event{Kind: pacing.Suppress})
	expect(t, h.get(h.mePath()), 200, "The letters were stopped", `!value="return"`)
	if h.wishes.TimeZone != "Europe/London" {
		t.Error("a stopped way changed its zone")
	}
}

func TestPreferencesSayNothingOfTheWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deliver()
	expect(t, h.get(h.mePath()), 200, `value="Anna"`, `<option value="Europe/London" selected>`, "Tuesday", "Saturday", "!Wednesday",
		"!partner", "!broke trust", "!"+h.lesson.Texts["en"].Title, "!letter 1", "!of 2", "!week 1", "!anna@")
	expect(t, h.get(h.checkInPath()), 200, h.mePath())
	expect(t, h.post(h.confirmPath()), 200, h.mePath())
	h.step(pacing.Event{Kind: pacing.Halt})
	expect(t, h.get(h.mePath()), 200, "0808 2000 247", "Stop the letters", "!Take a pause")
	h.state.Status = pacing.Completed
	expect(t, h.get(h.mePath()), 200, "come to their end", "!<form")
}
