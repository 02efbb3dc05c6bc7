package web

import (
	"errors"
	"net/http"
	"time"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/token"
)

// confirmPage is what confirm.html shows.
type confirmPage struct {
	Course  *course.Course
	Asking  bool      // not confirmed yet
	Earlier bool      // there is an earlier way to go on with
	Already bool      // confirmed before
	On      bool      // it goes on with the earlier way
	First   time.Time // when the first letter comes; zero for now
	Stop    string    // token of the stop page
	Me      string    // token of the page of preferences
}

func (s *site) confirmPage(w http.ResponseWriter, r *http.Request) error {
	ref, err := s.refOf(r, token.Confirm)
	if err != nil {
		return err
	}
	v, err := s.Road.OpenConfirmation(r.Context(), ref)
	if err != nil {
		return expired(err)
	}
	s.showConfirm(w, r, v, confirmPage{Already: true})
	return nil
}

func (s *site) confirm(w http.ResponseWriter, r *http.Request) error {
	ref, err := s.refOf(r, token.Confirm)
	if err != nil {
		return err
	}
	// What the body holds only tells two buttons apart: a yes is never refused for
	// its form.
	confirm, on := s.Road.Confirm, false
	if form, err := readForm(w, r); err == nil && form.Get("way") == "on" {
		confirm, on = s.Road.ConfirmAndGoOn, true
	}
	v, result, err := confirm(r.Context(), ref)
	if err != nil {
		return expired(err)
	}
	s.showConfirm(w, r, v, confirmPage{Already: result.Effect != pacing.Applied, On: on})
	return nil
}

// expired tells a link of ours whose sign-up was let go from one that never was.
func expired(err error) error {
	if errors.Is(err, journey.ErrNotFound) {
		return refusal(http.StatusGone)
	}
	return err
}

func (s *site) showConfirm(w http.ResponseWriter, r *http.Request, v journey.View, p confirmPage) {
	state := v.State
	if state.Status == pacing.Stopped || state.Status == pacing.Suppressed {
		s.show(w, r, http.StatusOK, "stopped", stoppedPage{Course: v.Course, Help: help(v.Course, v.Country), Earlier: true})
		return
	}
	p.Course, p.Asking, p.Earlier = v.Course, state.Status == pacing.Pending, v.Earlier
	if !p.Asking {
		p.Stop = s.Tokens.Sign(token.Unsubscribe, v.Subscription)
		p.Me = s.Tokens.Sign(token.Preferences, v.Subscription)
		p.First = nextLetter(state, s.Now())
	}
	s.show(w, r, http.StatusOK, "confirm", p)
}
