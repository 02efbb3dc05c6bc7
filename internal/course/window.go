package course

import (
	"errors"
	"fmt"
	"time"
)

// Window says when letters may go, on the reader's local calendar.
type Window struct {
	Days  [7]bool // by time.Weekday; at least one is set
	At    Hour
	Until Hour // exclusive and after At
	Dark  []DarkDate
}

// Hour is a time of day in minutes after local midnight, from 0 (00:00) to
// 1440 (24:00, legal as an end only).
type Hour int

// EndOfDay is 24:00.
const EndOfDay Hour = 24 * 60

var errHour = errors.New(`write an hour as "09:00", from "00:00" to "23:59"`)

// ParseHour reads HH:MM. "24:00" parses too; where only a beginning makes
// sense, the caller refuses it.
func ParseHour(s string) (Hour, error) {
	if len(s) != 5 || s[2] != ':' {
		return 0, errHour
	}
	var digits [4]int
	for i, c := range []byte{s[0], s[1], s[3], s[4]} {
		if c < '0' || c > '9' {
			return 0, errHour
		}
		digits[i] = int(c - '0')
	}
	h, m := digits[0]*10+digits[1], digits[2]*10+digits[3]
	if m > 59 || h > 24 || h == 24 && m != 0 {
		return 0, errHour
	}
	return Hour(h*60 + m), nil
}

// String writes HH:MM.
func (h Hour) String() string { return fmt.Sprintf("%02d:%02d", int(h)/60, int(h)%60) }

// DarkDate is a date on which nothing is sent; Year 0 means every year.
type DarkDate struct {
	Year  int
	Month time.Month
	Day   int
}
