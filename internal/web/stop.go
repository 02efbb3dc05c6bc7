package web

import (
	"errors"
	"net/http"

	"longroad/internal/course"
	"longroad/internal/journey"
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

func (s *site) stopPage(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.refOf(r, token.Unsubscribe); err != nil {
		return err
	}
	// The page is the same whatever has become of the subscription.
	s.show(w, r, http.StatusOK, "stop", stopPage{})
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
	if form, err := readForm(w, r); err == nil && form.Get("List-Unsubscribe") == "One-Click" {
		by = journey.ByUnsubscribe
	}
	v, err := s.Road.Stop(r.Context(), ref, by)
	if err != nil && !errors.Is(err, journey.ErrNotFound) {
		return err
	}
	s.show(w, r, http.StatusOK, "stopped", stoppedPage{Course: v.Course, Help: help(v.Course, v.Country)})
	return nil
}
