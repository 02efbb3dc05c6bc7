package pacing

import (
	"fmt"
	"time"

	"longroad/internal/course"
)

// date is a day of the calendar, counted from 1970-01-01; no zone, no hour.
type date int

const dateLayout = "2006-01-02"

func newDate(year int, month time.Month, day int) date {
	return date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// dateOf is the date that the local calendar shows at t.
func dateOf(t time.Time, zone *time.Location) date { return newDate(t.In(zone).Date()) }

func parseDate(s string) (date, error) {
	t, err := time.Parse(dateLayout, s)
	if err != nil {
		return 0, fmt.Errorf("date %q: write it as 2027-03-28", s)
	}
	return newDate(t.Date()), nil
}

// utc is the date's midnight in UTC, for its parts only.
func (d date) utc() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

func (d date) String() string { return d.utc().Format(dateLayout) }

const (
	reach  = 16 * 3600 // seconds; more than any zone's distance from UTC, now or in history
	stride = 4 * 3600  // seconds in which no zone changes its clocks twice
)

// at is the first instant at which the local clock shows this date and hour or
// a later one. That one sentence settles every clock change: an hour that the
// clocks skip moves to the first instant after the gap, one that they show twice
// is the first of the two, and the hours of a skipped date all fall on the
// midnight after it. (time.Date does not say which it takes, and the bounds that
// time.ZoneBounds gives are wrong at the end of leap years after 2037.)
func (d date) at(hour course.Hour, zone *time.Location) time.Time {
	wall := int64(d)*86400 + int64(hour)*60
	for from := wall - reach; ; from += stride {
		to := from + stride
		before, after := offset(from, zone), offset(to, zone)
		change := to
		if before != after {
			change = firstWith(after, from, to, zone)
		}
		if t := wall - before; t < change {
			return time.Unix(t, 0).UTC()
		}
		if t := wall - after; before != after && t < to {
			return time.Unix(max(t, change), 0).UTC()
		}
	}
}

// offset is the zone's distance from UTC in seconds.
func offset(unix int64, zone *time.Location) int64 {
	_, seconds := time.Unix(unix, 0).In(zone).Zone()
	return int64(seconds)
}

// firstWith is the second at which the zone changes to an offset, between two
// moments before and after the change.
func firstWith(after, from, to int64, zone *time.Location) int64 {
	for from+1 < to {
		middle := from + (to-from)/2
		if offset(middle, zone) == after {
			to = middle
		} else {
			from = middle
		}
	}
	return to
}

// after is the moment at which a span, stretched by a factor, has passed since
// t: for days 00:00 of the target date, else the exact time.
func after(t time.Time, span course.Span, factor float64, zone *time.Location) time.Time {
	if span.Exact != 0 {
		return t.Add(stretchExact(span.Exact, factor))
	}
	return (dateOf(t, zone) + date(stretchDays(span.Days, factor))).at(0, zone)
}
