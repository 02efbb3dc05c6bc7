package web

import (
	"net/http"
	"time"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/token"
)

// undoPage is what undo.html shows: what a mail was understood as, and whether
// that can be taken back.
type undoPage struct {
	Course  *course.Course
	Word    string
	Open    bool
	Done    bool // with neither, something has happened since
	JustNow bool
	Next    time.Time // when the next letter comes at the earliest; zero when that is not settled
	CheckIn string    // token of the page that goes on from here
	Me      string    // token of the page of preferences
}

func (s *site) undoPage(w http.ResponseWriter, r *http.Request) error {
	ref, err := s.refOf(r, token.Undo)
	if err != nil {
		return err
	}
	u, err := s.Road.OpenUndo(r.Context(), ref)
	if err != nil {
		return err
	}
	s.showUndo(w, r, u)
	return nil
}

// undo hears the page's one button; there is nothing else to press.
func (s *site) undo(w http.ResponseWriter, r *http.Request) error {
	ref, err := s.refOf(r, token.Undo)
	if err != nil {
		return err
	}
	if _, err := readForm(w, r); err != nil {
		return err
	}
	u, err := s.Road.Undo(r.Context(), ref)
	if err != nil {
		return err
	}
	s.showUndo(w, r, u)
	return nil
}

func (s *site) showUndo(w http.ResponseWriter, r *http.Request, u journey.Undoing) {
	p := undoPage{
		Course: u.Course, Word: string(u.Word), Open: u.Stands == journey.UndoOpen, Done: u.Stands == journey.UndoDone, JustNow: u.JustNow,
		CheckIn: s.Tokens.Sign(token.CheckIn, u.CheckIn), Me: s.Tokens.Sign(token.Preferences, u.Subscription),
	}
	if !p.Open {
		p.Next = nextLetter(u.View.State, s.Now().In(zoneOf(u.View.State)))
	}
	s.show(w, r, http.StatusOK, "undo", p)
}
