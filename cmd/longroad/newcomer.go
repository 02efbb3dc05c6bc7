package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"longroad/internal/course"
	"longroad/internal/journey"
	people "longroad/internal/person"
)

// The columns of a file of people, in any order; the first ones must be there.
var importColumns = []string{"email", "time_zone", "consented_at", "consent_source",
	"name", "send_hour", "country", "language", "track", "safe", "mailbox", "crisis_mail", "start_at"}

const (
	neededColumns = 4
	maxSource     = 200 // characters of consent_source
	farthestStart = 366 * 24 * time.Hour
)

// firstConsent is before anybody consented to a course by mail: older moments
// are other systems' way to say that they know none.
var firstConsent = time.Date(1995, 1, 1, 0, 0, 0, 0, time.UTC)

// rowReader turns the rows of one file into newcomers.
type rowReader struct {
	course *course.Course
	track  string // of rows that name none
	atOnce bool
	now    time.Time
	place  map[string]int // of each column
	zones  map[string]*time.Location
}

// readHeader says where each column stands, or everything that is wrong with the
// header.
func readHeader(fields, ignore []string) (map[string]int, error) {
	place, faults := map[string]int{}, []error(nil)
	for i, field := range fields {
		name := columnName(field)
		_, twice := place[name]
		switch {
		case slices.ContainsFunc(ignore, func(s string) bool { return columnName(s) == name }):
			continue
		case strings.Contains(name, "@"):
			return nil, errors.New("row 1 holds a person: the first row must name the columns, such as " + strings.Join(importColumns[:neededColumns], ","))
		case twice:
			faults = append(faults, fmt.Errorf("row 1: the column %s comes twice", name))
		case !slices.Contains(importColumns, name):
			faults = append(faults, unknownColumn(field, name))
		}
		place[name] = i
	}
	for _, name := range importColumns[:neededColumns] {
		if _, ok := place[name]; !ok {
			faults = append(faults, fmt.Errorf("row 1: the column %s is missing", name))
		}
	}
	return place, errors.Join(faults...)
}

// columnName folds a column's name: Time Zone is time_zone.
func columnName(s string) string {
	return strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(s)))
}

func unknownColumn(field, name string) error {
	best, least := "", 2+len(name)/3
	for _, known := range importColumns {
		if d := distance(name, known); d < least {
			best, least = known, d
		}
	}
	if best != "" {
		return fmt.Errorf("row 1: there is no column %q; did you mean %s?", field, best)
	}
	return fmt.Errorf("row 1: there is no column %q; leave it out with --ignore, or name it one of %s", field, strings.Join(importColumns, ", "))
}

// newcomer reads one row, or says everything that is wrong with it.
func (r *rowReader) newcomer(fields []string) (journey.Newcomer, []string) {
	var faults []string
	check := func(ok bool, fault string) {
		if !ok {
			faults = append(faults, fault)
		}
	}
	cell := func(column string) string {
		if i, ok := r.place[column]; ok {
			return harmed(strings.TrimSpace(fields[i]))
		}
		return ""
	}
	n := journey.Newcomer{AtOnce: r.atOnce}
	n.Course, n.How, n.Track = r.course.ID, "import", cell("track")
	if n.Track == "" {
		n.Track = r.track
	}
	var ok bool
	n.Email, ok = people.ReadAddress(cell("email"))
	check(ok, "bad address")
	n.Name, ok = people.ReadName(cell("name"))
	check(ok, "bad name")
	zone := r.zone(cell("time_zone"))
	check(zone != nil, "unknown time zone")
	n.TimeZone = cell("time_zone")
	n.SendHour, ok = people.ReadHour(cell("send_hour"))
	check(ok, "bad send_hour")
	n.Country, ok = people.ReadCountry(cell("country"))
	check(ok, "unknown country")
	n.Language, ok = people.ReadLanguage(cell("language"))
	check(ok, "unknown language")
	check(r.course.Track(n.Track) != nil, "unknown track")
	n.Safe, ok = people.ReadSafe(cell("safe"))
	check(ok, "bad safe")
	n.Mailbox, ok = people.ReadMailbox(cell("mailbox"))
	check(ok, "bad mailbox")
	n.CrisisMail, ok = people.ReadCrisisMail(cell("crisis_mail"))
	check(ok, "bad crisis_mail: write full, link or none")
	n.ConsentVersion = cell("consent_source")
	check(n.ConsentVersion != "", "no proof of consent: consent_source is empty")
	check(plainText(n.ConsentVersion), "bad consent_source")
	if zone == nil {
		zone = time.UTC
	}
	var fault string
	n.ConsentedAt, fault = readConsented(cell("consented_at"), zone, r.now)
	check(fault == "", fault)
	n.StartAt, fault = readStart(cell("start_at"), zone, r.now)
	check(fault == "", fault)
	return n, faults
}

// zone gives a zone by its name, or nil; there are few, and each costs a file.
func (r *rowReader) zone(name string) *time.Location {
	if zone := r.zones[name]; zone != nil {
		return zone
	}
	name, ok := people.ReadZone(name)
	if !ok {
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	r.zones[name] = zone
	return zone
}

// harmed takes off the apostrophes that harmless put before formulas.
func harmed(s string) string {
	parts := strings.Split(s, ";")
	for i, part := range parts {
		if rest, ok := strings.CutPrefix(part, "'"); ok && formula(rest) {
			parts[i] = rest
		}
	}
	return strings.Join(parts, ";")
}

// plainText tells whether a text is one short line.
func plainText(s string) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxSource &&
		!strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) })
}

func readConsented(s string, zone *time.Location, now time.Time) (time.Time, string) {
	at, ok := readInstant(s, zone)
	switch {
	case s == "":
		return at, "no proof of consent: consented_at is empty"
	case !ok:
		return at, "bad consented_at: write 2027-03-28 or 2027-03-28T09:00:00Z"
	case at.After(now):
		return at, "no proof of consent: consented_at lies in the future"
	case at.Before(firstConsent):
		return at, "no proof of consent: consented_at lies before 1995"
	}
	return at, ""
}

func readStart(s string, zone *time.Location, now time.Time) (time.Time, string) {
	if s == "" {
		return time.Time{}, ""
	}
	at, ok := readInstant(s, zone)
	switch {
	case !ok:
		return at, "bad start_at: write 2027-03-28 or 2027-03-28T09:00:00Z"
	case at.After(now.Add(farthestStart)):
		return at, "bad start_at: it lies more than a year ahead"
	}
	return at, ""
}

// readInstant reads RFC 3339, or a date, which begins at the person's midnight.
func readInstant(s string, zone *time.Location) (time.Time, bool) {
	if at, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		return at.UTC(), true
	}
	at, err := time.Parse(time.RFC3339, s)
	return at.UTC(), err == nil
}
