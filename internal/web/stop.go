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

// stopPage is what stop.html shows: the question before stopping.
type stopPage struct{}

// stoppedPage is what stopped.html shows.
type stoppedPage struct {
	Course  *course.Course
	Help    []course.HelpLine
	Earlier bool // it was stopped before this page was opened
}

// returnedPage is what returned.html shows.
type returnedPage struct {
	Next time.Time // when the next letter may come, in the reader's zone; or zero
}

func (s *site) stopPage(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.refOf(r, token.Unsubscribe); err != nil {
		return err
	}
	// The page is the same whatever has become of the subscription.
	s.show(w, r, http.StatusOK, "stop", stopPage{})
	return nil
}

// returnIntent is what the button that takes a stop back posts.
const returnIntent = "return"

// goOn takes a stop back and says what came of it.
func (s *site) goOn(w http.ResponseWriter, r *http.Request, ref token.Ref) error {
	v, result, err := s.Road.Return(r.Context(), ref)
	if err != nil {
		return err
	}
	if result.Effect == pacing.Ended || v.State.Status == pacing.Completed {
		s.show(w, r, http.StatusOK, "stopped", stoppedPage{Course: v.Course, Help: help(v.Course, v.Country), Earlier: true})
		return nil
	}
	s.show(w, r, http.StatusOK, "returned", returnedPage{Next: nextLetter(v.State, s.Now().In(zoneOf(v.State)))})
	return nil
}

// stop ends a subscription, for our own button and for a mailbox provider's
// one-click post (RFC 8058 section 3.2). What the body holds only tells the two
// apart: a stop is never refused for its form. A subscription that is gone gets
// nothing any more either.
func (s *site) stop(w http.ResponseWriter, r *http.Request) error {
	ref, err := s.refOf(r, token.Unsubscribe)
	if err != nil {
		return err
	}
	by := journey.ByPage
	if form, err := readForm(w, r); err == nil {
		if form.Get("List-Unsubscribe") == "One-Click" {
			by = journey.ByUnsubscribe
		} else if form.Get("intent") == returnIntent {
			return s.goOn(w, r, ref)
		}
	}
	v, err := s.Road.Stop(r.Context(), ref, by)
	if err != nil && !errors.Is(err, journey.ErrNotFound) {
		return err
	}
	s.show(w, r, http.StatusOK, "stopped", stoppedPage{Course: v.Course, Help: help(v.Course, v.Country)})
	return nil
}
