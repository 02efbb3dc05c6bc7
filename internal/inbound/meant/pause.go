package meant

import (
	"strconv"
	"strings"
	"time"
)

const (
	mostDays   = 3660
	dateLayout = "2006-01-02"
)

// clock reads a stretch of time at the beginning of some words.
type clock struct {
	l      *language
	tokens []token
	ids    []int32
	at     int
	now    time.Time
}

// time reads "for two weeks", "until 3 March" and the like: how many words that
// takes, 0 for none, and the pause, nil if no end is named.
func (l *language) time(tokens []token, ids []int32, now time.Time) (int, *Pause) {
	c := &clock{l: l, tokens: tokens, ids: ids, now: now}
	if c.take(someday) != nil {
		return c.at, nil
	}
	ends := c.is(until) // some words are both, as bis
	if !ends {
		c.skip(2)
		ends = c.is(until)
	}
	if ends {
		after := c.at
		for range 2 {
			c.is(until)
			after = c.at
		}
		if p, ok := c.date(); ok {
			return c.at, p
		}
		c.at = after
		if p, ok := c.stretch(); ok { // "for up to two weeks"
			return c.at, p
		}
		return after, nil
	}
	if p, ok := c.stretch(); ok {
		return c.at, p
	}
	return 0, nil
}

// take reads the longest phrase of a class.
func (c *clock) take(want class) *mark {
	if c.at >= len(c.ids) {
		return nil
	}
	n, marks := c.l.times.longest(c.ids[c.at:])
	for i := range marks {
		if marks[i].class == want {
			c.at += n
			return &marks[i]
		}
	}
	return nil
}

func (c *clock) is(want class) bool { return c.take(want) != nil }

func (c *clock) skip(most int) {
	for ; most > 0 && c.is(filler); most-- {
	}
}

// figure reads a number in figures of at most four digits.
func (c *clock) figure() (int, bool) {
	if c.at >= len(c.tokens) {
		return 0, false
	}
	n, err := strconv.Atoi(c.tokens[c.at].text)
	if err != nil || len(c.tokens[c.at].text) > 4 {
		return 0, false
	}
	c.at++
	return n, true
}

func (c *clock) number() (int, bool) {
	if n, ok := c.figure(); ok {
		return n, true
	}
	if m := c.take(number); m != nil {
		return m.value, true
	}
	return 0, false
}

// stretch reads "two weeks"; of "two or three weeks" the longer.
func (c *clock) stretch() (*Pause, bool) {
	if c.is(someday) {
		return nil, true
	}
	n, ok := c.number()
	if !ok {
		return nil, false
	}
	c.skip(2)
	if more, ok := c.number(); ok {
		n = max(n, more)
		c.skip(1)
	}
	u := c.take(unit)
	if u == nil || n <= 0 || n > mostDays || n*u.value > mostDays {
		return nil, false
	}
	return &Pause{For: strconv.Itoa(n*u.value) + "d"}, true
}

// date reads a day after "until".
func (c *clock) date() (*Pause, bool) {
	if p, ok := c.figures(); ok {
		return p, true
	}
	start := c.at
	if m := c.take(relative); m != nil {
		return c.until(c.now.AddDate(0, 0, m.value)), true
	}
	c.skip(3)
	if p, ok := c.figures(); ok {
		return p, true
	}
	if w := c.take(weekday); w != nil {
		days := (w.value - int(c.now.Weekday()) + 7) % 7
		if days == 0 {
			days = 7
		}
		end := c.at
		c.skip(2)
		if p, ok := c.dayAndMonth(); ok {
			return p, true
		}
		c.at = end
		return c.until(c.now.AddDate(0, 0, days)), true
	}
	if p, ok := c.dayAndMonth(); ok {
		return p, true
	}
	c.at = start
	return nil, false
}

// dayAndMonth reads "3 March", "March 3rd 2027", "March".
func (c *clock) dayAndMonth() (*Pause, bool) {
	day, hasDay := c.number()
	c.skip(3)
	m := c.take(month)
	if m == nil {
		return nil, false
	}
	if !hasDay {
		end := c.at
		c.skip(2)
		if day, hasDay = c.figure(); hasDay && day <= 31 {
			c.skip(1)
		} else {
			c.at, day, hasDay = end, 1, false
		}
	}
	end := c.at
	c.skip(1)
	year, hasYear := c.figure()
	if !hasYear || year < 2000 {
		c.at, year = end, 0
	}
	return c.next(year, time.Month(m.value), day)
}

// figures reads a date in figures: 2027-03-03, 3.3., 03/03/2027. ok is true if
// there is one; the pause is nil if day and month could be exchanged.
func (c *clock) figures() (p *Pause, ok bool) {
	if c.at >= len(c.tokens) {
		return nil, false
	}
	text := c.tokens[c.at].text
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '.' || r == '/' || r == '-' })
	if len(parts) < 2 || len(parts) > 3 {
		return nil, false
	}
	var n [3]int
	for i, part := range parts {
		v, err := strconv.Atoi(part)
		if err != nil || v > 9999 {
			return nil, false
		}
		n[i] = v
	}
	c.at++
	year, day, mon := n[2], n[0], n[1]
	switch {
	case n[0] > 31: // year first
		year, mon, day = n[0], n[1], n[2]
	case mon > 12:
		day, mon = mon, day
	case day > 12, day == mon, c.l.dayFirst, strings.Contains(text, "."):
	default:
		return nil, true
	}
	if year > 0 && year < 100 {
		year += 2000
	}
	p, _ = c.next(year, time.Month(mon), day)
	return p, true
}

// next gives the day in that year, or without a year its next occurrence.
func (c *clock) next(year int, mon time.Month, day int) (*Pause, bool) {
	y, m, d := c.now.Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	for _, try := range []int{year, y, y + 1, y + 2, y + 3, y + 4} {
		t := time.Date(try, mon, day, 0, 0, 0, 0, time.UTC)
		if try > 0 && t.After(today) && t.Month() == mon && t.Day() == day && t.Before(today.AddDate(0, 0, mostDays)) {
			return &Pause{Until: t.Format(dateLayout)}, true
		}
		if try == year && year > 0 {
			break
		}
	}
	return nil, false
}

func (c *clock) until(t time.Time) *Pause { return &Pause{Until: t.Format(dateLayout)} }
