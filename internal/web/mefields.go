package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/person"
)

// mostDark is how many days without letters a reader may keep.
const mostDark = 12

// readPreferences reads one section of the page. It gives what to change, or a
// page that names the faults and holds what was typed.
func (s *site) readPreferences(form url.Values, v journey.View) (func(*journey.Preferences), mePage) {
	p := mePage{Section: form.Get("intent"), Wrong: map[string]string{}}
	local := s.Now().In(zoneOf(v.State))
	switch p.Section {
	case "when":
		return readWhen(form, v, &p), p
	case "you":
		return readYou(form, &p), p
	case "help":
		return readHelp(form, &p), p
	case "dark":
		return readDark(form, v, local, &p), p
	case "light":
		p.Section = "dark"
		return withoutDark(form.Get("date"), local), p
	}
	p.Section = ""
	p.Wrong["intent"] = chooseOne
	return nil, p
}

func readWhen(form url.Values, v journey.View, p *mePage) func(*journey.Preferences) {
	zone, ok := person.ReadZone(form.Get("time_zone"))
	if !ok {
		p.Wrong["time_zone"] = unknownZone
	}
	hour, ok := person.ReadHour(form.Get("send_hour"))
	if !ok {
		p.Wrong["send_hour"] = unknownHour
	}
	days := readDays(form["days"], courseDays(v.Track))
	p.TimeZone, p.Hour, p.Days = zone, form.Get("send_hour"), dayChoices(v, days)
	if p.Wrong["send_hour"] != "" {
		p.Hour = ""
	}
	return func(kept *journey.Preferences) { kept.TimeZone, kept.SendHour, kept.Days = zone, hour, days }
}

// readDays reads the ticked days. All of the course's, or none of them, is no
// choice: whichever days the course comes to have are meant then.
func readDays(ticked []string, open [7]bool) [7]bool {
	var days [7]bool
	for _, text := range ticked {
		if d, err := strconv.Atoi(text); err == nil && d >= 0 && d < len(open) {
			days[d] = open[d]
		}
	}
	if days == open {
		return [7]bool{}
	}
	return days
}

func readYou(form url.Values, p *mePage) func(*journey.Preferences) {
	name, ok := person.ReadName(form.Get("name"))
	if !ok {
		p.Wrong["name"] = badName()
	}
	country, ok := person.ReadCountry(form.Get("country"))
	if !ok {
		p.Wrong["country"] = unknownCountry
	}
	p.Name, p.Country = form.Get("name"), country
	return func(kept *journey.Preferences) { kept.Name, kept.Country = name, country }
}

// readHelp reads what help may come by mail; nothing chosen leaves it as it is.
func readHelp(form url.Values, p *mePage) func(*journey.Preferences) {
	chosen := form.Get("crisis_mail")
	read, ok := person.ReadCrisisMail(chosen)
	if !ok {
		p.Wrong["crisis_mail"] = chooseOne
	}
	return func(kept *journey.Preferences) {
		if chosen != "" {
			kept.CrisisMail = read
		}
	}
}

// readDark reads one more day without letters.
func readDark(form url.Values, v journey.View, local time.Time, p *mePage) func(*journey.Preferences) {
	p.Date = form.Get("date")
	t, err := time.Parse(dateLayout, p.Date)
	switch {
	case err != nil || p.Date < firstPauseDay(local) || p.Date > lastPauseDay(local):
		p.Wrong["date"] = chooseDate
		return nil
	case len(future(v.Preferences.Dark, local)) >= mostDark:
		p.Wrong["date"] = fmt.Sprintf("That is as many days as can be kept: %d. A pause may fit better.", mostDark)
		return nil
	}
	return func(kept *journey.Preferences) {
		kept.Dark = future(kept.Dark, local)
		if d := (course.DarkDate{Year: t.Year(), Month: t.Month(), Day: t.Day()}); !slices.Contains(kept.Dark, d) && len(kept.Dark) < mostDark {
			kept.Dark = append(kept.Dark, d)
		}
		slices.SortFunc(kept.Dark, byDate)
	}
}

func withoutDark(date string, local time.Time) func(*journey.Preferences) {
	return func(kept *journey.Preferences) {
		kept.Dark = slices.DeleteFunc(future(kept.Dark, local), func(d course.DarkDate) bool { return dateText(d) == date })
	}
}

// future leaves out the dates that are over.
func future(all []course.DarkDate, local time.Time) []course.DarkDate {
	today := local.Format(dateLayout)
	return slices.DeleteFunc(slices.Clone(all), func(d course.DarkDate) bool { return dateText(d) < today })
}

func dateText(d course.DarkDate) string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

func byDate(a, b course.DarkDate) int {
	if dateText(a) < dateText(b) {
		return -1
	}
	return 1
}
