package course

import (
	"fmt"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// weekdays in the order in which authors think of them.
var weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// window reads a send window. A stage's own (course is not nil) may set only
// some keys and takes the rest from the course's.
func (y *yamlFile) window(n ast.Node, course *Window) Window {
	required, optional := []string{"days", "at", "until"}, []string{"dark"}
	var w Window
	if course != nil {
		w, required, optional = *course, nil, append(required, optional...)
	}
	m, ok := y.record(n, "the window", required, optional)
	if !ok {
		return w
	}
	before := len(*y.report)
	if words, ok := m.words("days", "[tue, sat]"); ok {
		w.Days = m.days(words)
	}
	m.hour("at", &w.At, EndOfDay-1)
	m.hour("until", &w.Until, EndOfDay)
	if m.fields["dark"] != nil {
		w.Dark = m.dark()
	}
	// What the course left out or got wrong is reported there.
	whole := m.fields["until"] != nil && (course != nil || m.fields["at"] != nil) || course != nil && course.Until > course.At
	if whole && len(*y.report) == before && w.Until <= w.At {
		at := m.where
		for _, key := range []string{"at", "until"} {
			if n := m.fields[key]; n != nil {
				at = y.at(n)
			}
		}
		y.report.fail(at, "bad-window", fmt.Sprintf("until %s is not after at %s", w.Until, w.At), `write a later until, at most "24:00"`)
	}
	return w
}

func (m *mapping) days(words []word) (days [7]bool) {
	for _, w := range words {
		day := -1
		for i, name := range weekdays {
			if w.text == name {
				day = (i + 1) % 7 // time.Weekday begins with Sunday
			}
		}
		switch {
		case day < 0:
			known := weekdays
			for _, name := range weekdays {
				if strings.HasPrefix(strings.ToLower(w.text), name) {
					known = []string{name}
				}
			}
			m.report.fail(w.at, "unknown-day", fmt.Sprintf("%s is no weekday", quoted(w.text)), oneOf(w.text, known))
		case days[day]:
			m.report.fail(w.at, "duplicate-day", fmt.Sprintf("%q stands in the list twice", w.text), "keep one of the two")
		default:
			days[day] = true
		}
	}
	return days
}

func (m *mapping) hour(key string, into *Hour, latest Hour) {
	w, ok := m.text(key)
	if !ok {
		return
	}
	h, err := ParseHour(w.text)
	if err != nil || h > latest {
		m.report.fail(w.at, "bad-hour", fmt.Sprintf("%s is no hour for %s", quoted(w.text), key),
			fmt.Sprintf(`write it as "09:00", from "00:00" to %q`, latest))
		return
	}
	*into = h
}

// dark reads the dates on which nothing is sent. An empty list is legal: a
// stage lifts the course's dark dates with it.
func (m *mapping) dark() []DarkDate {
	if list, ok := m.fields["dark"].(*ast.SequenceNode); ok && len(list.Values) == 0 {
		return nil
	}
	words, _ := m.words("dark", `["12-24", "2027-04-02"]`)
	var dates []DarkDate
	for _, w := range words {
		d, ok := parseDark(w.text)
		if !ok {
			m.report.fail(w.at, "bad-date", fmt.Sprintf("%s is no date", quoted(w.text)), `write "2027-04-02", or "12-24" for every year`)
			continue
		}
		dates = append(dates, d)
	}
	if everyDay(dates) {
		m.report.fail(m.at(m.fields["dark"]), "bad-window", "every day of the year is dark, so nothing could ever be sent", "leave some days light")
	}
	return dates
}

// everyDay reports whether no day of a common year is left: 02-29 alone comes
// too seldom to wait for.
func everyDay(dates []DarkDate) bool {
	days := make(map[DarkDate]bool)
	for _, d := range dates {
		if d.Year == 0 && d != (DarkDate{0, time.February, 29}) {
			days[d] = true
		}
	}
	return len(days) == 365
}

func parseDark(s string) (DarkDate, bool) {
	if t, err := time.Parse(time.DateOnly, s); err == nil && t.Year() > 0 {
		return DarkDate{t.Year(), t.Month(), t.Day()}, true
	}
	// 2000 was a leap year: 02-29 is a date that some years have.
	if t, err := time.Parse(time.DateOnly, "2000-"+s); err == nil {
		return DarkDate{0, t.Month(), t.Day()}, true
	}
	return DarkDate{}, false
}
