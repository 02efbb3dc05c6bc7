package web

import (
	"net/http"
	"time"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/token"
)

// choosePage is what choose.html shows: which letters shall come, where an
// address was given for others than those that do. Whoever reads it has opened
// the mailbox, so that it may name both; it tells nothing else of either.
type choosePage struct {
	Course        *course.Course
	On            journey.Side
	First, Second string    // titles of the tracks; empty where there is nothing to choose
	Changed       bool      // by this press
	Pressed       bool      // a button, which changed nothing
	Begun         bool      // the second has been on before
	Fresh         bool      // no letter has come of what is on
	Next          time.Time // when the next letter comes at the earliest; zero when that is not settled
	Until         time.Time // until when one may change
	Open          bool      // with nothing to choose: letters come, or may come, all the same
	Me            string    // token of the page of preferences
	Help          []course.HelpLine
}

func (s *site) choosePage(w http.ResponseWriter, r *http.Request) error {
	ref, err := s.refOf(r, token.Choose)
	if err != nil {
		return err
	}
	c, err := s.Road.OpenChoice(r.Context(), ref)
	if err != nil {
		return expired(err)
	}
	s.showChoose(w, r, c, false)
	return nil
}

// choose takes a button. Whatever else was sent leaves everything as it is, as
// doing nothing does.
func (s *site) choose(w http.ResponseWriter, r *http.Request) error {
	ref, err := s.refOf(r, token.Choose)
	if err != nil {
		return err
	}
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	side := journey.Side(form.Get("side"))
	if side != journey.First && side != journey.Second {
		return s.choosePage(w, r)
	}
	c, err := s.Road.Choose(r.Context(), ref, side)
	if err != nil {
		return expired(err)
	}
	s.showChoose(w, r, c, true)
	return nil
}

func (s *site) showChoose(w http.ResponseWriter, r *http.Request, c journey.Choice, pressed bool) {
	p := choosePage{
		Course: c.Course, On: c.On, Changed: c.JustChanged, Pressed: pressed, Begun: c.Begun, Until: c.ChangeUntil, Open: c.OtherWaysOpen,
		Help: help(c.Course, c.Country), Me: s.Tokens.Sign(token.Preferences, c.Subscription),
		Fresh: c.State.Lesson == "", Next: nextLetter(c.State, s.Now()),
	}
	if c.On != journey.Neither {
		p.First, p.Second = c.FirstTrack.Title, c.SecondTrack.Title
	}
	s.show(w, r, http.StatusOK, "choose", p)
}
