package pacing

import (
	"errors"
	"fmt"
	"time"

	"longroad/internal/course"
)

// ErrNeverOpen says that a window leaves no day for sending, because of its
// weekdays and dark dates.
var ErrNeverOpen = errors.New("the send window does not open in ten years: fewer dark dates, or more weekdays")

const horizon = 3660 // days to look ahead for an allowed one

// Calendar is a send window on one reader's local calendar: the course's or
// stage's window in the reader's zone, with the reader's own hour, days and dark
// dates.
type Calendar struct {
	days      [7]bool
	at, until course.Hour
	dark      [2][]course.DarkDate
	zone      *time.Location
}

// NewCalendar puts a window into a reader's life. The reader's hour replaces
// the window's at; where it is not before until, until becomes 24:00. Of the
// window's days those are left that the reader chose, or all where none would be.
func NewCalendar(w course.Window, r Reader) Calendar {
	c := Calendar{days: both(w.Days, r.Days), at: w.At, until: w.Until, zone: r.zone()}
	c.dark = [2][]course.DarkDate{w.Dark, r.Dark}
	if r.SendHour != nil {
		c.at = *r.SendHour
	}
	if c.at >= c.until {
		c.until = course.EndOfDay
	}
	return c
}

// both are the days of a window that a reader chose; all of them where that
// leaves none.
func both(window, chosen [7]bool) [7]bool {
	var days [7]bool
	for day := range days {
		days[day] = window[day] && chosen[day]
	}
	if days == [7]bool{} {
		return window
	}
	return days
}

// Slot is the first allowed at that is not before t, in UTC.
func (c Calendar) Slot(t time.Time) (time.Time, error) {
	today := dateOf(t, c.zone)
	for d := today; d < today+horizon; d++ {
		if open, _, ok := c.hours(d); ok && !open.Before(t) {
			return open, nil
		}
	}
	return time.Time{}, c.never(t)
}

// Instant is the first moment in [at, until) of an allowed day that is not
// before t, in UTC.
func (c Calendar) Instant(t time.Time) (time.Time, error) {
	today := dateOf(t, c.zone)
	for d := today; d < today+horizon; d++ {
		open, shut, ok := c.hours(d)
		if !ok {
			continue
		}
		if first := latest(open, t); first.Before(shut) && dateOf(first, c.zone) == d {
			return first.UTC(), nil
		}
	}
	return time.Time{}, c.never(t)
}

// Open reports whether t lies in [at, until) of an allowed day.
func (c Calendar) Open(t time.Time) bool {
	open, shut, ok := c.hours(dateOf(t, c.zone))
	return ok && !t.Before(open) && t.Before(shut)
}

// hours are the instants at which a date's window opens and shuts; not ok when
// nothing may go on that date.
func (c Calendar) hours(d date) (open, shut time.Time, ok bool) {
	if !c.allows(d) {
		return open, shut, false
	}
	open, shut = d.at(c.at, c.zone), d.at(c.until, c.zone)
	if dateOf(open, c.zone) != d {
		return open, shut, false // skipped as a whole, or from at on
	}
	if !open.Before(shut) {
		// The clocks skip the whole window: it keeps its length after the gap, within the day.
		shut = open.Add(time.Duration(c.until-c.at) * time.Minute)
		if midnight := (d + 1).at(0, c.zone); midnight.Before(shut) {
			shut = midnight
		}
	}
	return open, shut, true
}

func (c Calendar) allows(d date) bool {
	t := d.utc()
	if !c.days[t.Weekday()] {
		return false
	}
	year, month, day := t.Date()
	for _, dates := range c.dark {
		for _, dark := range dates {
			if dark.Day == day && dark.Month == month && (dark.Year == 0 || dark.Year == year) {
				return false
			}
		}
	}
	return true
}

func (c Calendar) never(t time.Time) error {
	return fmt.Errorf("from %s on: %w", dateOf(t, c.zone), ErrNeverOpen)
}

func (r Reader) zone() *time.Location {
	if r.Zone == nil {
		return time.UTC
	}
	return r.Zone
}

// latest is the latest of some moments.
func latest(first time.Time, rest ...time.Time) time.Time {
	for _, t := range rest {
		if t.After(first) {
			first = t
		}
	}
	return first
}
