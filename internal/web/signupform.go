package web

import (
	"errors"
	"net/http"
	"net/url"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/person"
)

// homePage is what home.html shows.
type homePage struct {
	Courses   []*course.Course
	Help      []course.HelpLine // for every country that Countries has not
	Countries []countryHelp
}

// countryHelp is one country's help lines.
type countryHelp struct {
	Name  string
	Lines []course.HelpLine
}

func (s *site) home(w http.ResponseWriter, r *http.Request) error {
	courses, err := s.Road.Courses(r.Context())
	if err != nil {
		return err
	}
	p := homePage{Courses: courses}
	if len(courses) > 0 {
		p.Help = help(courses[0], "")
		for _, c := range person.Countries() {
			if lines := courses[0].Help[c.Value]; len(lines) > 0 {
				p.Countries = append(p.Countries, countryHelp{c.Label, lines})
			}
		}
	}
	s.show(w, r, http.StatusOK, "home", p)
	return nil
}

// signUpPage is what signup.html shows.
type signUpPage struct {
	Course    *course.Course
	Contact   string
	Usual     course.Hour // the course's own hour
	Fields    Fields      // as typed
	Faults    []Fault
	Wrong     map[string]string // the faults by field
	Zones     []person.ZoneGroup
	OtherZone string // a zone that was typed and that Zones does not hold
	Hours     []string
	Countries []person.Choice
	Mailboxes []person.Choice
	Crisis    []person.Choice
	Safes     []person.Choice
}

func (s *site) signUpForm(w http.ResponseWriter, r *http.Request) error {
	c, err := s.Road.CurrentCourse(r.Context(), r.PathValue("course"))
	if err != nil {
		return err
	}
	s.showSignUp(w, r, http.StatusOK, c, Fields{}, nil)
	return nil
}

// honeypot is a field that people do not see and programs fill in. Who fills it
// in gets the same page, and nothing is stored.
const honeypot = "comment"

func (s *site) signUpByForm(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	c, err := s.Road.CurrentCourse(r.Context(), r.PathValue("course"))
	if err != nil {
		return err
	}
	fields := formFields(form)
	signUp, faults := Check(c, fields)
	if len(faults) > 0 {
		s.showSignUp(w, r, http.StatusUnprocessableEntity, c, fields, faults)
		return nil
	}
	signUp.How = "form"
	if err := s.allowSignUp(r); err != nil {
		return err
	}
	if form.Get(honeypot) == "" {
		if err := s.Road.SignUp(r.Context(), signUp); err != nil {
			return err
		}
	}
	s.show(w, r, http.StatusOK, "mailbox", mailboxPage{
		Course: c, Subject: c.In(c.Mails["confirm"], c.Language).Subject, Safe: signUp.Safe, Help: help(c, signUp.Country),
	})
	return nil
}

// mailboxPage is what mailbox.html shows: the same for every address.
type mailboxPage struct {
	Course  *course.Course
	Subject string
	Safe    string
	Help    []course.HelpLine
}

func formFields(form url.Values) Fields {
	return Fields{
		Track: form.Get("track"), Email: form.Get("email"), Name: form.Get("name"), TimeZone: form.Get("time_zone"),
		SendHour: form.Get("send_hour"), Country: form.Get("country"), Adult: form.Get("adult"), Consent: form.Get("consent"),
		Safe: form.Get("safe"), Mailbox: form.Get("mailbox"), CrisisMail: form.Get("crisis_mail"), Asked: true,
	}
}

func (s *site) showSignUp(w http.ResponseWriter, r *http.Request, status int, c *course.Course, f Fields, faults []Fault) {
	p := signUpPage{
		Course: c, Contact: s.Contact, Usual: c.Tracks[0].Stages[0].Window.At, Fields: f, Faults: faults, Wrong: map[string]string{},
		Zones: person.ZoneGroups(), Hours: hours(), Countries: person.Countries(), Mailboxes: mailboxChoices, Crisis: crisisChoices, Safes: safeChoices,
	}
	for _, fault := range faults {
		p.Wrong[fault.Field] = fault.Message
	}
	if zone, ok := person.ReadZone(f.TimeZone); ok && !offersZone(p.Zones, zone) {
		p.OtherZone = zone
	}
	if p.Fields.CrisisMail == "" {
		p.Fields.CrisisMail = crisisChoices[0].Value
	}
	if at, ok := person.ReadHour(f.SendHour); ok && at != nil {
		p.Fields.SendHour = course.Hour(*at).String()
	}
	if len(c.Tracks) == 1 {
		p.Fields.Track = c.Tracks[0].ID
	}
	s.show(w, r, status, "signup", p)
}

func offersZone(groups []person.ZoneGroup, zone string) bool {
	for _, g := range groups {
		for _, z := range g.Zones {
			if z.Value == zone {
				return true
			}
		}
	}
	return false
}

var (
	safeChoices    = []person.Choice{{Value: "yes", Label: "Yes"}, {Value: "no", Label: "No"}, {Value: "unsure", Label: "I am not sure"}}
	mailboxChoices = []person.Choice{
		{Value: "private", Label: "Only I"}, {Value: "shared", Label: "Someone else can, or might"},
		{Value: "work", Label: "It is a work or school address"}, {Value: "unsure", Label: "I am not sure"},
	}
	crisisChoices = []person.Choice{
		{Value: "full", Label: "The numbers themselves"}, {Value: "link", Label: "Only a link to a page with the numbers"},
		{Value: "none", Label: "Nothing, if it is about violence or fear; a link otherwise"},
	}
)

// courseOf finds the course that an API sign-up means: the one it names, or the
// only one that there is.
func (s *site) courseOf(r *http.Request, id string) (*course.Course, error) {
	if id != "" {
		c, err := s.Road.CurrentCourse(r.Context(), id)
		if errors.Is(err, journey.ErrNotFound) {
			return nil, nil
		}
		return c, err
	}
	courses, err := s.Road.Courses(r.Context())
	if err != nil || len(courses) != 1 {
		return nil, err
	}
	return courses[0], nil
}
