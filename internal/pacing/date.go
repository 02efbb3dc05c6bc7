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

// reach is more than any zone's distance from UTC, now or in history.
const reach = 16 * time.Hour

// at is the first instant at which the local clock shows this date and hour or
// a later one. That one sentence settles every clock change: an hour that the
// clocks skip moves to the first instant after the gap, one that they show twice
// is the first of the two, and the hours of a skipped date all fall on the
// midnight after it. (time.Date does not say which it takes.)
func (d date) at(hour course.Hour, zone *time.Location) time.Time {
	wall := int64(d)*86400 + int64(hour)*60
	t := time.Unix(wall, 0).Add(-reach).In(zone)
	for {
		start, end := t.ZoneBounds()
		_, offset := t.Zone()
		instant := time.Unix(wall-int64(offset), 0)
		if instant.Before(start) && !start.IsZero() {
			return start.UTC()
		}
		if end.IsZero() || instant.Before(end) {
			return instant.UTC()
		}
		t = end
	}
}

// after is the moment at which a span, stretched by a factor, has passed since
// t: for days 00:00 of the target date, else the exact time.
func after(t time.Time, span course.Span, factor float64, zone *time.Location) time.Time {
	if span.Exact != 0 {
		return t.Add(stretchExact(span.Exact, factor))
	}
	return (dateOf(t, zone) + date(stretchDays(span.Days, factor))).at(0, zone)
}
