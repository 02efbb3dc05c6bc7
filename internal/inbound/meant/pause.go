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
	later  bool // after the day that is named
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
		for c.is(after) || c.is(until) {
		}
		c.later = l.endsLater(ids[:c.at])
		from := c.at
		if p, ok := c.date(); ok {
			return c.at, c.dayLater(p)
		}
		c.at = from
		if p, ok := c.stretch(); ok { // "for up to two weeks"
			return c.at, p
		}
		return from, nil
	}
	if p, ok := c.stretch(); ok {
		return c.at, p
	}
	return 0, nil
}

// endsLater tells whether a word such as after stands among these.
func (l *language) endsLater(ids []int32) bool {
	for i := range ids {
		if n, marks := l.times.longest(ids[i:]); n > 0 {
			for _, m := range marks {
				if m.class == after {
					return true
				}
			}
		}
	}
	return false
}

// dayLater moves the end to the next day, if it is to come after the day named.
func (c *clock) dayLater(p *Pause) *Pause {
	if !c.later || p == nil || p.Until == "" {
		return p
	}
	day, err := time.Parse(dateLayout, p.Until)
	if err != nil {
		return p
	}
	return c.until(day.AddDate(0, 0, 1))
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
	for range 4 {
		from := c.at
		for _, try := range []func() (*Pause, bool){c.figures, c.near, c.part, c.weekday, c.dayAndMonth, c.dayOnly} {
			if p, ok := try(); ok {
				return p, true
			}
			c.at = from
		}
		if !c.is(filler) {
			break
		}
	}
	return nil, false
}

// near reads "tomorrow", "next week" (its Monday), "Christmas".
func (c *clock) near() (*Pause, bool) {
	if m := c.take(relative); m != nil {
		return c.until(c.now.AddDate(0, 0, m.value)), true
	}
	if m := c.take(period); m != nil {
		return c.until(c.begin(m.value, 1)), true
	}
	if m := c.take(feast); m != nil {
		return c.next(0, time.Month(m.value/100), m.value%100)
	}
	return nil, false
}

// begin gives the first day of a week, a month or a year (7, 30 or 365 days)
// from the present one on.
func (c *clock) begin(days, ahead int) time.Time {
	y, m, d := c.now.Date()
	switch days {
	case 7:
		return time.Date(y, m, d-(int(c.now.Weekday())+6)%7+7*ahead, 0, 0, 0, 0, time.UTC)
	case 30:
		return time.Date(y, m+time.Month(ahead), 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(y+ahead, 1, 1, 0, 0, 0, 0, time.UTC)
}

// part reads "the end of January", "the middle of next month".
func (c *clock) part() (*Pause, bool) {
	p := c.take(part)
	if p == nil {
		return nil, false
	}
	for range 4 {
		from := c.at
		if m := c.take(month); m != nil {
			if p.value < 28 {
				return c.next(0, time.Month(m.value), p.value)
			}
			first, ok := c.next(0, time.Month(m.value)%12+1, 1)
			if !ok {
				return nil, false
			}
			return c.dayBefore(first), true
		}
		days, ahead := 0, 0
		if m := c.take(period); m != nil {
			days, ahead = m.value, 1
		} else if m := c.take(unit); m != nil {
			days = m.value
		}
		if days == 7 || days == 30 || days == 365 {
			end := c.begin(days, ahead+1).AddDate(0, 0, -1)
			switch {
			case p.value == 1:
				end = c.begin(days, ahead)
			case p.value < 28:
				end = c.begin(days, ahead).AddDate(0, 0, days/2-1)
			}
			if !end.After(c.now) {
				return nil, true
			}
			return c.until(end), true
		}
		c.at = from
		if !c.is(filler) {
			break
		}
	}
	return nil, false
}

func (c *clock) dayBefore(p *Pause) *Pause {
	day, err := time.Parse(dateLayout, p.Until)
	if err != nil {
		return p
	}
	return c.until(day.AddDate(0, 0, -1))
}

// weekday reads "Friday", "Friday, 3 March".
func (c *clock) weekday() (*Pause, bool) {
	c.is(coming)
	w := c.take(weekday)
	if w == nil {
		return nil, false
	}
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
	c.is(coming)
	return c.until(c.now.AddDate(0, 0, days)), true
}

// dayOnly reads "the 3rd": the next day of that number.
func (c *clock) dayOnly() (*Pause, bool) {
	day, ok := c.figure()
	if !ok || day < 1 || day > 31 {
		return nil, false
	}
	c.is(filler) // rd
	if c.at < len(c.tokens) && !c.tokens[c.at].apart && (c.take(unit) != nil || c.take(number) != nil) {
		return nil, false
	}
	y, m, d := c.now.Date()
	for ahead := range 4 {
		t := time.Date(y, m+time.Month(ahead), day, 0, 0, 0, 0, time.UTC)
		if t.Day() == day && (ahead > 0 || day > d) {
			return c.until(t), true
		}
	}
	return nil, false
}

// dayAndMonth reads "3 March", "March 3rd 2027", "March".
func (c *clock) dayAndMonth() (*Pause, bool) {
	day, hasDay := c.number()
	if m := c.take(ordinal); !hasDay && m != nil {
		day, hasDay = m.value, true
	}
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
