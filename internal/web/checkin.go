package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/token"
)

// checkInPage is what checkin.html and answered.html show.
type checkInPage struct {
	Course *course.Course
	Path   string // this page's own
	Me     string // token of the page of preferences
	Help   []course.HelpLine

	Language string // of Title and Question
	Title    string
	Question string
	Asks     bool // the letter asks, and its answer still counts
	Safety   bool // the question is the one on safety
	Newer    bool // the letter asked, but a newer one has come
	Coming   bool // the letter asked, but a letter is on its way that asks anew
	Chosen   string

	Ended      bool      // nothing can change any more
	Completed  bool      // only repeat and back can
	Halted     bool      // only stop can
	Resting    bool      // nothing comes until the reader wants it
	Paused     time.Time // end of the pause; zero without one
	Next       time.Time // when the next letter comes at the earliest; zero when not settled
	First      bool      // there is no letter before the current one
	Last       bool      // there is none after it
	Seen       string
	Fault      string
	Until, For string // the pause as typed
	MinDay     string
	MaxDay     string

	Outcome string // what answered.html tells
	Back    string // what takes back what was just pressed; "" for nothing
}

func (s *site) checkInPage(w http.ResponseWriter, r *http.Request) error {
	ref, err := s.refOf(r, token.CheckIn)
	if err != nil {
		return err
	}
	v, err := s.Road.OpenDelivery(r.Context(), ref)
	if err != nil {
		return err
	}
	p := s.newCheckIn(r, v)
	if chosen := r.URL.Query().Get("answer"); slices.Contains(offers(v), chosen) {
		p.Chosen = chosen
	}
	s.show(w, r, http.StatusOK, "checkin", p)
	return nil
}

func (s *site) checkIn(w http.ResponseWriter, r *http.Request) error {
	ref, err := s.refOf(r, token.CheckIn)
	if err != nil {
		return err
	}
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	v, err := s.Road.OpenDelivery(r.Context(), ref)
	if err != nil {
		return err
	}
	if form.Get("intent") == returnIntent {
		return s.goOn(w, r, v.Subscription)
	}
	if form.Get("intent") == string(pacing.Undo) {
		return s.takeBack(w, r, ref, form.Get("back"))
	}
	answer, fault := readAnswer(form, v, s.Now())
	if fault != "" {
		p := s.newCheckIn(r, v)
		p.Fault, p.Until, p.For = fault, form.Get("until"), form.Get("for")
		s.show(w, r, http.StatusUnprocessableEntity, "checkin", p)
		return nil
	}
	told := told(form, v)
	if told == "" {
		var result pacing.Result
		if v, result, err = s.Road.Answer(r.Context(), ref, answer); err != nil {
			return err
		}
		told = outcome(form.Get("intent"), v, result.Effect)
	}
	if told == string(pacing.Stop) {
		s.show(w, r, http.StatusOK, "stopped", stoppedPage{Course: v.Course, Help: help(v.Course, v.Country)})
		return nil
	}
	p := s.newCheckIn(r, v)
	p.Outcome, p.Back = told, v.Back
	s.show(w, r, http.StatusOK, "answered", p)
	return nil
}

// takeBack takes back what the page was just told, by what it has kept of it.
func (s *site) takeBack(w http.ResponseWriter, r *http.Request, ref token.Ref, back string) error {
	v, stands, err := s.Road.TakeBack(r.Context(), ref, back)
	if err != nil {
		return err
	}
	p := s.newCheckIn(r, v)
	p.Outcome = "moved-on"
	if stands == journey.UndoDone {
		p.Outcome = "undone"
	}
	s.show(w, r, http.StatusOK, "answered", p)
	return nil
}

// newCheckIn says what the page knows before anything was pressed on it.
func (s *site) newCheckIn(r *http.Request, v journey.View) checkInPage {
	now := s.Now().In(zoneOf(v.State))
	p := checkInPage{
		Course: v.Course, Path: "/checkin/" + r.PathValue("token"), Me: s.Tokens.Sign(token.Preferences, v.Subscription), Help: help(v.Course, v.Country),
		Next: nextLetter(v.State, now), First: v.Track.First(v.State.Lesson), Last: v.Track.Last(v.State.Lesson),
		Seen: seen(v.State), MinDay: firstPauseDay(now), MaxDay: lastPauseDay(now),
	}
	switch v.State.Status {
	case pacing.Stopped, pacing.Suppressed:
		p.Ended = true
	case pacing.Completed:
		p.Completed = true
	case pacing.Halted:
		p.Halted = true
	case pacing.Resting:
		p.Resting = true
	case pacing.Paused:
		p.Paused = v.State.PausedUntil.In(zoneOf(v.State))
	}
	if v.Lesson == nil {
		return p
	}
	text := v.Course.In(v.Lesson.Texts, v.Lang)
	p.Title, p.Question, p.Language = text.Title, text.Question, v.Course.Language
	if _, ok := v.Lesson.Texts[v.Lang]; ok {
		p.Language = v.Lang
	}
	if !v.Lesson.Asks() || p.Ended {
		return p
	}
	p.Safety = v.Lesson.CheckIn.Kind == course.CheckInSafety
	if p.Completed && !p.Safety {
		return p // ready for what? Only the question on safety outlives the way
	}
	p.Asks = v.Current() && !p.Halted
	p.Coming = !v.Current() && v.State.Owed != ""
	p.Newer = !v.Current() && !p.Coming
	return p
}

// seen is what slower, faster, repeat and back change. It goes out with the
// page and comes back with the button: where the two differ, the button was
// pressed before (a page loaded again, a double press), and is not heard twice.
func seen(state pacing.State) string {
	return fmt.Sprintf("%d.%g", state.Occasion, max(state.Pace, 1))
}

// told is the outcome of what need not be asked of the road; "" for all else.
func told(form url.Values, v journey.View) string {
	switch intent := pacing.EventKind(form.Get("intent")); intent {
	case pacing.Slower, pacing.Faster, pacing.Repeat, pacing.Back:
		if form.Get("seen") != "" && form.Get("seen") != seen(v.State) {
			return "unchanged"
		}
		if intent == pacing.Back && v.Track.First(v.State.Lesson) {
			return "first"
		}
	}
	return ""
}
