package web

import (
	"net/http"

	"longroad/internal/course"
	"longroad/internal/person"
)

// linesPage is what lines.html shows: people to talk to. Its address tells
// nothing of why somebody opens it; mails link to it, and every page's foot.
type linesPage struct {
	Path      string
	Country   string
	Help      []course.HelpLine
	Countries []person.Choice
}

// lines shows the help lines of a country: of the course that the path names, or
// of the first that there is.
func (s *site) lines(w http.ResponseWriter, r *http.Request) error {
	p := linesPage{Path: r.URL.Path, Countries: person.Countries()}
	p.Country, _ = person.ReadCountry(r.URL.Query().Get("country"))
	var c *course.Course
	if id := r.PathValue("course"); id != "" {
		found, err := s.Road.CurrentCourse(r.Context(), id)
		if err != nil {
			return err
		}
		c = found
	} else {
		courses, err := s.Road.Courses(r.Context())
		if err != nil {
			return err
		}
		if len(courses) > 0 {
			c = courses[0]
		}
	}
	p.Help = help(c, p.Country)
	s.show(w, r, http.StatusOK, "lines", p)
	return nil
}
