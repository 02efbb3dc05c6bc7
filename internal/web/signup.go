package web

import (
	"fmt"
	"strings"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/person"
)

// The versions of the texts that a reader agrees to, as they stand with the proof.
// The newest text stands in page/part-consent.html, those before in the history
// of that file; a changed text needs a new version, and a test keeps the two
// together.
//
//	consent-1  2026-11-21  the first
//	consent-2  2026-11-22  names the days and dates that a reader chooses
//	consent-3  2026-11-22  tells that replies are read for signs of danger
//	adult-1    2026-11-21  the first
const (
	ConsentVersion = "consent-3"
	AdultVersion   = "adult-1"
)

// Fields are a sign-up as it was typed or sent.
type Fields struct {
	Track, Email, Name, TimeZone, SendHour, Country, Adult, Consent, Safe, Mailbox, CrisisMail string

	// Asked is set where the person saw the question on safety: then it needs an
	// answer. A caller of the API may leave it out.
	Asked bool
}

// Fault is what is wrong with one field, in words for the person who typed it.
type Fault struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// What is wrong with a field, where two pages say it.
const (
	unknownZone    = "We do not know this time zone. Please choose one from the list."
	unknownHour    = "Please choose an hour from the list."
	unknownCountry = "Please choose a country from the list, or leave it open."
)

func badName() string {
	return fmt.Sprintf("Please use up to %d letters, on one line, without signs such as < > { }.", person.MaxName)
}

// Check turns fields into a sign-up for a course, or names every fault.
func Check(c *course.Course, f Fields) (journey.SignUp, []Fault) {
	s := journey.SignUp{Course: c.ID, Track: strings.TrimSpace(f.Track)}
	var faults []Fault
	fault := func(field, message string) { faults = append(faults, Fault{field, message}) }
	var ok bool

	if c.Track(s.Track) == nil {
		fault("track", "Please choose one.")
	}
	if s.Email, ok = person.ReadAddress(f.Email); !ok {
		fault("email", "This does not look like a mail address. It needs a name, an @ and a place, like name@example.org.")
	}
	if s.Mailbox, ok = person.ReadMailbox(f.Mailbox); !ok {
		fault("mailbox", "Please choose one.")
	}
	if s.CrisisMail, ok = person.ReadCrisisMail(f.CrisisMail); !ok {
		fault("crisis_mail", "Please choose one.")
	}
	if s.Name, ok = person.ReadName(f.Name); !ok {
		fault("name", badName())
	}
	if s.Country, ok = person.ReadCountry(f.Country); !ok {
		fault("country", unknownCountry)
	}
	if s.TimeZone, ok = person.ReadZone(f.TimeZone); !ok {
		fault("time_zone", unknownZone)
	}
	if s.SendHour, ok = person.ReadHour(f.SendHour); !ok {
		fault("send_hour", unknownHour)
	}
	if s.Safe, ok = person.ReadSafe(f.Safe); !ok || f.Asked && s.Safe == "" {
		fault("safe", "Please choose one.")
	}
	if !ticked(f.Adult) {
		fault("adult", "These letters are for people of 18 or older.")
	}
	if !ticked(f.Consent) {
		fault("consent", "Please tick this if you agree. Without it we may not write to you.")
	}
	if len(faults) > 0 {
		return journey.SignUp{}, faults
	}
	s.ConsentVersion, s.AdultVersion = ConsentVersion, AdultVersion
	return s, nil
}

// ticked reads a box that must be ticked.
func ticked(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "on", "yes", "true", "1":
		return true
	}
	return false
}
