package web

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/person"
	"longroad/internal/token"
)

// mePage is what me.html shows: how the letters come, and what of it the reader
// can change. Nothing on it counts letters or weeks.
type mePage struct {
	Course  *course.Course
	Path    string // this page's own
	Help    []course.HelpLine
	Told    string // what was changed just now, or why it was not
	Wrong   map[string]string
	Section string // that Told or Wrong is about

	Waiting   bool // not confirmed yet
	Completed bool
	Halted    bool
	Resting   bool
	Paused    time.Time // end of the pause; zero without one
	Next      time.Time // when the next letter comes at the earliest; zero when not settled

	Name, Country string
	TimeZone      string
	Hour          string
	Usual         course.Hour
	Days          []dayChoice // those of the course, where there is a choice
	Dark          []darkChoice
	Slowest       bool
	Quickest      bool
	Seen          string
	Practice      string // whether practice letters come: on, off, or "" where the course has none

	Zones      []person.ZoneGroup
	OtherZone  string
	Hours      []string
	Countries  []person.Choice
	Crisis     []person.Choice // what help may come by mail; never which was chosen
	Until, For string          // the pause as typed
	Notes      string          // the page of the reader's journal; "" before they have confirmed
	Date       string          // a day without letters, as typed
	MinDay     string
	MaxDay     string
}

// dayChoice is a weekday that the course's letters may come on.
type dayChoice struct {
	Day    int // time.Weekday
	Label  string
	Chosen bool
}

// darkChoice is a date on which nothing comes.
type darkChoice struct {
	Value string // 2006-01-02
	Date  time.Time
}

func (s *site) mePage(w http.ResponseWriter, r *http.Request) error {
	ref, err := s.refOf(r, token.Preferences)
	if err != nil {
		return err
	}
	v, err := s.Road.OpenSubscription(r.Context(), ref)
	if err != nil {
		return err
	}
	s.showMe(w, r, v, mePage{})
	return nil
}

// change hears one section's form.
func (s *site) change(w http.ResponseWriter, r *http.Request) error {
	ref, err := s.refOf(r, token.Preferences)
	if err != nil {
		return err
	}
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	v, err := s.Road.OpenSubscription(r.Context(), ref)
	if err != nil {
		return err
	}
	switch intent := form.Get("intent"); intent {
	case returnIntent:
		return s.goOn(w, r, ref)
	case string(pacing.Stop):
		if v, err = s.Road.Stop(r.Context(), ref, journey.ByPage); err != nil {
			return err
		}
		s.show(w, r, http.StatusOK, "stopped", stoppedPage{Course: v.Course, Help: help(v.Course, v.Country)})
		return nil
	case string(pacing.PracticeOff), string(pacing.PracticeOn):
		return s.practise(w, r, ref, pacing.EventKind(intent))
	case string(pacing.Slower), string(pacing.Faster), string(pacing.Pause), string(pacing.Resume):
		return s.turn(w, r, ref, v, form)
	default:
		return s.prefer(w, r, ref, v, form)
	}
}

// turn hears slower, faster, pause and resume, as the check-in page does.
func (s *site) turn(w http.ResponseWriter, r *http.Request, ref token.Ref, v journey.View, form url.Values) error {
	answer, fault := readAnswer(form, v, s.Now())
	p := mePage{Section: sectionOf(form.Get("intent")), Until: form.Get("until"), For: form.Get("for")}
	if fault != "" {
		p.Wrong = map[string]string{"until": fault}
		s.showMe(w, r, v, p)
		return nil
	}
	if p.Told = told(form, v); p.Told == "" {
		var result pacing.Result
		var err error
		if v, result, err = s.Road.Turn(r.Context(), ref, answer.Event); err != nil {
			return err
		}
		p.Told = outcome(form.Get("intent"), v, result.Effect)
	}
	p.Until, p.For = "", ""
	s.showMe(w, r, v, p)
	return nil
}

func sectionOf(intent string) string {
	switch pacing.EventKind(intent) {
	case pacing.Pause, pacing.Resume:
		return "pause"
	}
	return "pace"
}

// prefer hears a change of preferences.
func (s *site) prefer(w http.ResponseWriter, r *http.Request, ref token.Ref, v journey.View, form url.Values) error {
	change, p := s.readPreferences(form, v)
	if len(p.Wrong) > 0 {
		s.showMe(w, r, v, p)
		return nil
	}
	if v.State.Status.Ended() { // the page offers none of it
		s.showMe(w, r, v, mePage{Told: "ended"})
		return nil
	}
	v, changed, err := s.Road.Prefer(r.Context(), ref, change)
	if err != nil {
		return err
	}
	p = mePage{Section: p.Section, Told: "saved"}
	switch {
	case p.Section == "help": // whether it was so before is nobody's to try out
		p.Told = "kept"
	case !changed:
		p.Told = "unchanged"
	}
	s.showMe(w, r, v, p)
	return nil
}

// showMe shows the page, or that the letters were stopped. What p holds already
// goes before what is kept.
func (s *site) showMe(w http.ResponseWriter, r *http.Request, v journey.View, p mePage) {
	if status := v.State.Status; status == pacing.Stopped || status == pacing.Suppressed {
		s.show(w, r, http.StatusOK, "stopped", stoppedPage{
			Course: v.Course, Help: help(v.Course, v.Country), Earlier: status == pacing.Suppressed})
		return
	}
	status := http.StatusOK
	if len(p.Wrong) > 0 {
		status = http.StatusUnprocessableEntity
	}
	now := s.Now().In(zoneOf(v.State))
	if v.State.Status != pacing.Pending {
		p.Notes = "/journal/" + s.Tokens.Sign(token.Journal, v.Subscription)
	}
	p.Course, p.Path, p.Help = v.Course, "/me/"+r.PathValue("token"), help(v.Course, v.Country)
	p.Next, p.Seen, p.Practice = nextLetter(v.State, now), seen(v.State), practice(v)
	p.MinDay, p.MaxDay = firstPauseDay(now), lastPauseDay(now)
	p.Zones, p.Countries, p.Hours, p.Crisis = person.ZoneGroups(), person.Countries(), hours(), crisisChoices
	pace := max(v.State.Pace, 1)
	p.Slowest, p.Quickest = pace >= 3, pace <= 1
	switch v.State.Status {
	case pacing.Pending:
		p.Waiting = true
	case pacing.Completed:
		p.Completed = true
	case pacing.Halted:
		p.Halted = true
	case pacing.Resting:
		p.Resting = true
	case pacing.Paused:
		p.Paused = v.State.PausedUntil.In(zoneOf(v.State))
	}
	p.fill(v, now)
	s.show(w, r, status, "me", p)
}

// fill shows preferences as they are kept, where nothing was typed.
func (p *mePage) fill(v journey.View, now time.Time) {
	kept := v.Preferences
	if p.Section != "you" || len(p.Wrong) == 0 {
		p.Name, p.Country = kept.Name, kept.Country
	}
	if p.Section != "when" || len(p.Wrong) == 0 {
		p.TimeZone, p.Hour = kept.TimeZone, ""
		if kept.SendHour != nil {
			p.Hour = course.Hour(*kept.SendHour).String()
		}
		p.Days = dayChoices(v, kept.Days)
	}
	if !offersZone(p.Zones, p.TimeZone) {
		p.OtherZone = p.TimeZone
	}
	if p.Hour != "" && !slices.Contains(p.Hours, p.Hour) {
		p.Hours = append([]string{p.Hour}, p.Hours...)
	}
	p.Usual = v.Course.Tracks[0].Stages[0].Window.At
	if v.Track != nil {
		p.Usual = v.Track.Stages[0].Window.At
	}
	today := now.Format(dateLayout)
	for _, d := range kept.Dark {
		date := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
		if value := date.Format(dateLayout); value >= today {
			p.Dark = append(p.Dark, darkChoice{value, date})
		}
	}
}

// hours are the hours that a form offers.
func hours() []string {
	all := make([]string, 24)
	for h := range all {
		all[h] = course.Hour(h * 60).String()
	}
	return all
}

// courseDays are the weekdays on which any letter of a track may come.
func courseDays(t *course.Track) (days [7]bool) {
	if t == nil {
		return days
	}
	for _, stage := range t.Stages {
		for d, open := range stage.Window.Days {
			days[d] = days[d] || open
		}
	}
	return days
}

// dayChoices are the days to choose from, from Monday on; none where there is
// nothing to choose. None chosen means all.
func dayChoices(v journey.View, chosen [7]bool) []dayChoice {
	open := courseDays(v.Track)
	none := true
	for d := range open {
		none = none && !(open[d] && chosen[d])
	}
	var all []dayChoice
	for i := range 7 {
		d := (i + 1) % 7
		if open[d] {
			all = append(all, dayChoice{Day: d, Label: time.Weekday(d).String(), Chosen: none || chosen[d]})
		}
	}
	if len(all) < 2 {
		return nil
	}
	return all
}
