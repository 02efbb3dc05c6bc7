package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/seal"
	"longroad/internal/token"
)

// Journals keep what readers wrote, for who asked for it. All methods give
// journey.ErrNotFound where there is no such subscription or journal, and those
// that take a passphrase journey.ErrPassphrase where it is not the right one.
type Journals interface {
	OpenJournal(ctx context.Context, ref token.Ref) (journey.Journal, error)
	BeginJournal(ctx context.Context, ref token.Ref, passphrase string) error
	ReadJournal(ctx context.Context, ref token.Ref, passphrase string) ([]journey.JournalEntry, error)
	RestJournal(ctx context.Context, ref token.Ref, resting bool) error
	ForgetJournal(ctx context.Context, ref token.Ref, passphrase string) error
	ForgetJournalLater(ctx context.Context, ref token.Ref) error
	KeepJournal(ctx context.Context, ref token.Ref) error
}

// Passphrases that one journal is tried with, so that nobody guesses: opening one
// costs memory and a tenth of a second on purpose.
const (
	tries        = 10
	triesIn      = time.Hour
	triesOverall = 5 // a second
	triesAtOnce  = 2
)

// What the page says about what was done or asked.
const (
	journalWrong   = "That passphrase does not open it."
	journalShort   = "Please take at least 10 characters."
	journalDiffers = "The two do not match. Please write it twice."
)

// journalPage is what journal.html shows.
type journalPage struct {
	Course   *course.Course
	Path     string
	Back     string // the page of preferences
	Kept     bool
	Resting  bool
	Entries  int
	ForgetAt time.Time // in the reader's zone; zero: never
	Least    int
	Told     string // what was done
	Wrong    string // what was wrong with the passphrase
	Open     bool   // Read is shown
	Read     []journey.JournalEntry
}

func (s *site) journalPage(w http.ResponseWriter, r *http.Request) error {
	ref, err := s.refOf(r, token.Journal)
	if err != nil {
		return err
	}
	return s.showJournal(w, r, ref, journalPage{})
}

// showJournal shows the page as things stand now.
func (s *site) showJournal(w http.ResponseWriter, r *http.Request, ref token.Ref, p journalPage) error {
	j, err := s.Road.OpenJournal(r.Context(), ref)
	if err != nil {
		return err
	}
	p.Course, p.Path, p.Least = j.Course, "/journal/"+r.PathValue("token"), seal.LeastPassphrase
	p.Back = "/me/" + s.Tokens.Sign(token.Preferences, ref)
	p.Kept, p.Resting, p.Entries = j.Kept, j.Resting, j.Entries
	if !j.ForgetAt.IsZero() {
		p.ForgetAt = j.ForgetAt.In(zoneOf(j.State))
	}
	status := http.StatusOK
	if p.Wrong != "" {
		status = http.StatusUnprocessableEntity
	}
	s.show(w, r, status, "journal", p)
	return nil
}

// journal hears one button of the page.
func (s *site) journal(w http.ResponseWriter, r *http.Request) error {
	ref, err := s.refOf(r, token.Journal)
	if err != nil {
		return err
	}
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	passphrase, p := form.Get("passphrase"), journalPage{Told: form.Get("intent")}
	switch p.Told {
	case "begin":
		switch {
		case len([]rune(passphrase)) < seal.LeastPassphrase:
			p = journalPage{Wrong: journalShort}
		case passphrase != form.Get("again"):
			p = journalPage{Wrong: journalDiffers}
		default:
			err = s.tried(r, ref, func() error { return s.Road.BeginJournal(r.Context(), ref, passphrase) })
		}
	case "open", "export":
		p.Open = true
		err = s.tried(r, ref, func() error { p.Read, err = s.Road.ReadJournal(r.Context(), ref, passphrase); return err })
	case "forget":
		err = s.tried(r, ref, func() error { return s.Road.ForgetJournal(r.Context(), ref, passphrase) })
	case "forget-later":
		err = s.Road.ForgetJournalLater(r.Context(), ref)
	case "keep":
		err = s.Road.KeepJournal(r.Context(), ref)
	case "rest":
		err = s.Road.RestJournal(r.Context(), ref, true)
	case "go-on":
		err = s.Road.RestJournal(r.Context(), ref, false)
	default:
		return refusal(http.StatusBadRequest)
	}
	switch {
	case errors.Is(err, journey.ErrPassphrase):
		p = journalPage{Wrong: journalWrong}
	case err != nil:
		return err
	case p.Told == "export":
		return exportJournal(w, p.Read)
	}
	return s.showJournal(w, r, ref, p)
}

// tried does what costs a passphrase's work, a few at a time.
func (s *site) tried(r *http.Request, ref token.Ref, do func() error) error {
	if s.Tries != nil {
		if wait := s.Tries.Allow(r.Context(), "journal "+ref.String(), tries, triesIn); wait > 0 {
			return tooMany{wait}
		}
		if wait := s.Tries.Allow(r.Context(), "journals", triesOverall, time.Second); wait > 0 {
			return tooMany{wait}
		}
	}
	select {
	case s.passphrases <- struct{}{}:
		defer func() { <-s.passphrases }()
	case <-r.Context().Done():
		return r.Context().Err()
	}
	return do()
}

// exportJournal gives all entries as a file of plain text.
func exportJournal(w http.ResponseWriter, all []journey.JournalEntry) error {
	var b strings.Builder
	for _, e := range all {
		fmt.Fprintf(&b, "%s\n", e.At.Format("Monday, 2 January 2006, 15:04"))
		if e.About != "" {
			fmt.Fprintf(&b, "%s\n", e.About)
		}
		fmt.Fprintf(&b, "\n%s\n\n* * *\n\n", e.Text)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="notes.txt"`)
	_, _ = w.Write([]byte(b.String())) // a reader who has gone needs no answer
	return nil
}
