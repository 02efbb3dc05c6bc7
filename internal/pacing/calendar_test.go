package pacing

import (
	"errors"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"longroad/internal/course"
)

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func hourOf(t testing.TB, s string) course.Hour {
	t.Helper()
	h, err := course.ParseHour(s)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestLocalHourBecomesInstant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, zone, date, hour, want string }{
		{"plain", "Europe/London", "2027-01-01", "09:00", "2027-01-01T09:00:00Z"},
		{"day before summer time", "Europe/London", "2027-03-27", "09:00", "2027-03-27T09:00:00Z"},
		{"first day of summer time", "Europe/London", "2027-03-28", "09:00", "2027-03-28T08:00:00Z"},
		{"missing hour", "Europe/London", "2027-03-28", "01:30", "2027-03-28T01:00:00Z"},
		{"first missing minute", "Europe/London", "2027-03-28", "01:00", "2027-03-28T01:00:00Z"},
		{"minute after the gap", "Europe/London", "2027-03-28", "02:00", "2027-03-28T01:00:00Z"},
		{"doubled hour", "Europe/London", "2027-10-31", "01:30", "2027-10-31T00:30:00Z"},
		{"after the doubled hour", "Europe/London", "2027-10-31", "02:00", "2027-10-31T02:00:00Z"},
		{"missing hour", "America/New_York", "2027-03-14", "02:30", "2027-03-14T07:00:00Z"},
		{"doubled hour", "America/New_York", "2027-11-07", "01:30", "2027-11-07T05:30:00Z"},
		{"missing half hour", "Australia/Lord_Howe", "2027-10-03", "02:15", "2027-10-02T15:30:00Z"},
		{"doubled half hour", "Australia/Lord_Howe", "2027-04-04", "01:45", "2027-04-03T14:45:00Z"},
		{"before the doubled half hour", "Australia/Lord_Howe", "2027-04-04", "01:15", "2027-04-03T14:15:00Z"},
		{"ramadan begins, doubled hour", "Africa/Casablanca", "2027-02-07", "02:30", "2027-02-07T01:30:00Z"},
		{"in ramadan", "Africa/Casablanca", "2027-02-10", "09:00", "2027-02-10T09:00:00Z"},
		{"ramadan ends, missing hour", "Africa/Casablanca", "2027-03-14", "02:30", "2027-03-14T02:00:00Z"},
		{"after ramadan", "Africa/Casablanca", "2027-03-15", "09:00", "2027-03-15T08:00:00Z"},
		{"odd offset", "Asia/Kathmandu", "2027-03-28", "09:00", "2027-03-28T03:15:00Z"},
		{"missing quarter after midnight", "Asia/Kathmandu", "1986-01-01", "00:10", "1985-12-31T18:30:00Z"},
		{"day before the skipped one", "Pacific/Apia", "2011-12-29", "09:00", "2011-12-29T19:00:00Z"},
		{"skipped date", "Pacific/Apia", "2011-12-30", "09:00", "2011-12-30T10:00:00Z"},
		{"day after the skipped one", "Pacific/Apia", "2011-12-31", "09:00", "2011-12-30T19:00:00Z"},
		{"missing midnight", "America/Sao_Paulo", "2018-11-04", "00:00", "2018-11-04T03:00:00Z"},
		{"missing midnight", "Africa/Cairo", "2027-04-30", "00:30", "2027-04-29T22:00:00Z"},
		{"end of a day without midnight", "America/Sao_Paulo", "2018-11-03", "24:00", "2018-11-04T03:00:00Z"},
		{"last hour of a day missing", "America/Nuuk", "2027-03-27", "23:30", "2027-03-28T01:00:00Z"},
		{"end of a leap year", "Europe/London", "2048-12-31", "09:00", "2048-12-31T09:00:00Z"},
		{"fixed zone", "UTC", "2027-03-28", "24:00", "2027-03-29T00:00:00Z"},
	} {
		d, err := parseDate(c.date)
		if err != nil {
			t.Fatal(err)
		}
		got := d.at(hourOf(t, c.hour), zoneOf(t, c.zone)).Format(time.RFC3339)
		if got != c.want {
			t.Errorf("%s: %s %s in %s is %s, want %s", c.name, c.date, c.hour, c.zone, got, c.want)
		}
	}
}

var zoneNames = []string{
	"Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu", "Pacific/Apia",
	"Africa/Cairo", "America/Sao_Paulo", "America/Nuuk", "America/Havana", "America/St_Johns", "Asia/Beirut",
	"Pacific/Kiritimati", "Etc/GMT+12", "Antarctica/Troll", "Atlantic/Azores", "UTC",
}

// firstShowing walks minute by minute to the first instant whose local clock
// shows the wall time or a later one.
func firstShowing(year int, month time.Month, day, minute int, zone *time.Location) time.Time {
	wall := time.Date(year, month, day, 0, minute, 0, 0, time.UTC)
	for t := wall.Add(-15 * time.Hour); ; t = t.Add(time.Minute) {
		y, m, d := t.In(zone).Date()
		h, min, _ := t.In(zone).Clock()
		if !time.Date(y, m, d, h, min, 0, 0, time.UTC).Before(wall) {
			return t
		}
	}
}

// transitionDay draws a day near a clock change, where there is one, or any day.
func transitionDay(t *rapid.T, zone *time.Location) time.Time {
	day := time.Date(1990, 1, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 60*365).Draw(t, "day"))
	if _, end := day.In(zone).ZoneBounds(); !end.IsZero() && rapid.Bool().Draw(t, "near a change") {
		day = end.AddDate(0, 0, rapid.IntRange(-2, 1).Draw(t, "off"))
	}
	return day
}

func TestLocalHourAgreesWithAClockOnTheWall(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zoneNames).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		year, month, day := transitionDay(t, zone).In(zone).Date()
		minute := rapid.IntRange(0, 1440).Draw(t, "minute")
		got := newDate(year, month, day).at(course.Hour(minute), zone)
		if want := firstShowing(year, month, day, minute, zone); !got.Equal(want) {
			t.Fatalf("%d-%d-%d + %d min in %s: %s, want %s", year, month, day, minute, zone, got, want.UTC())
		}
	})
}

func days(t testing.TB, names ...string) (set [7]bool) {
	t.Helper()
	all := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	for _, name := range names {
		found := false
		for i, day := range all {
			if day == name || name == "all" {
				set[i], found = true, true
			}
		}
		if !found {
			t.Fatalf("no such day: %s", name)
		}
	}
	return set
}

func TestSlotsAndInstants(t *testing.T) {
	t.Parallel()
	type window struct {
		days      []string
		at, until string
	}
	tueSat := window{[]string{"tue", "sat"}, "09:00", "20:00"}
	daily := window{[]string{"all"}, "09:00", "20:00"}
	night := window{[]string{"all"}, "01:10", "01:50"}
	late := window{[]string{"all"}, "23:30", "24:00"}
	midnight := window{[]string{"all"}, "00:00", "24:00"}
	for _, c := range []struct {
		name, zone    string
		window        window
		sendHour      string
		dark          []course.DarkDate
		from          string
		slot, instant string // local
	}{
		{"before the hour", "Europe/London", tueSat, "", nil, "2027-01-02T08:59:59Z", "2027-01-02 09:00", "2027-01-02 09:00"},
		{"on the hour", "Europe/London", tueSat, "", nil, "2027-01-02T09:00:00Z", "2027-01-02 09:00", "2027-01-02 09:00"},
		{"a second late", "Europe/London", tueSat, "", nil, "2027-01-02T09:00:01Z", "2027-01-05 09:00", "2027-01-02 09:00"},
		{"last minute", "Europe/London", tueSat, "", nil, "2027-01-02T19:59:00Z", "2027-01-05 09:00", "2027-01-02 19:59"},
		{"until is exclusive", "Europe/London", tueSat, "", nil, "2027-01-02T20:00:00Z", "2027-01-05 09:00", "2027-01-05 09:00"},
		{"summer time keeps the hour", "Europe/London", tueSat, "", nil, "2027-03-27T20:00:00Z", "2027-03-30 09:00", "2027-03-30 09:00"},
		{"weekday is the reader's, not UTC's", "Asia/Tokyo", window{[]string{"thu"}, "05:00", "20:00"}, "", nil, "2027-01-04T00:00:00Z", "2027-01-07 05:00", "2027-01-07 05:00"},
		{"window inside the missing hour", "Europe/London", night, "", nil, "2027-03-27T12:00:00Z", "2027-03-28 02:00", "2027-03-28 02:00"},
		{"it keeps its length there", "Europe/London", night, "", nil, "2027-03-28T01:39:00Z", "2027-03-29 01:10", "2027-03-28 02:39"},
		{"and no more", "Europe/London", night, "", nil, "2027-03-28T01:40:00Z", "2027-03-29 01:10", "2027-03-29 01:10"},
		{"doubled hour is used once", "Europe/London", night, "", nil, "2027-10-31T01:15:00Z", "2027-11-01 01:10", "2027-11-01 01:10"},
		{"half an hour", "Australia/Lord_Howe", daily, "02:15", nil, "2027-10-02T12:00:00Z", "2027-10-03 02:30", "2027-10-03 02:30"},
		{"skipped date, daily", "Pacific/Apia", daily, "", nil, "2011-12-30T00:00:00Z", "2011-12-31 09:00", "2011-12-29 14:00"},
		{"skipped date, fridays", "Pacific/Apia", window{[]string{"fri"}, "09:00", "20:00"}, "", nil, "2011-12-27T00:00:00Z", "2012-01-06 09:00", "2012-01-06 09:00"},
		{"skipped date, all day", "Pacific/Apia", midnight, "", nil, "2011-12-29T10:00:01Z", "2011-12-31 00:00", "2011-12-29 00:00"},
		{"missing midnight", "Africa/Cairo", midnight, "", nil, "2027-04-29T12:00:00Z", "2027-04-30 01:00", "2027-04-29 14:00"},
		{"last hour missing, no slot", "America/Nuuk", late, "", nil, "2027-03-27T12:00:00Z", "2027-03-28 23:30", "2027-03-28 23:30"},
		{"until 24:00", "Europe/London", late, "", nil, "2027-01-02T23:59:59Z", "2027-01-03 23:30", "2027-01-02 23:59"},
		{"reader's hour", "Europe/London", tueSat, "18:30", nil, "2027-01-02T09:00:00Z", "2027-01-02 18:30", "2027-01-02 18:30"},
		{"reader's hour after until", "Europe/London", tueSat, "21:00", nil, "2027-01-02T23:00:00Z", "2027-01-05 21:00", "2027-01-02 23:00"},
		{"dark dates", "Europe/London", tueSat, "", []course.DarkDate{{Year: 2027, Month: 1, Day: 2}, {Month: 1, Day: 5}}, "2027-01-02T10:00:00Z", "2027-01-09 09:00", "2027-01-09 09:00"},
		{"dark in another year", "Europe/London", tueSat, "", []course.DarkDate{{Year: 2026, Month: 1, Day: 2}}, "2027-01-02T09:00:00Z", "2027-01-02 09:00", "2027-01-02 09:00"},
	} {
		zone := zoneOf(t, c.zone)
		r := Reader{Zone: zone, Dark: c.dark}
		if c.sendHour != "" {
			h := hourOf(t, c.sendHour)
			r.SendHour = &h
		}
		cal := NewCalendar(course.Window{Days: days(t, c.window.days...), At: hourOf(t, c.window.at), Until: hourOf(t, c.window.until)}, r)
		from, err := time.Parse(time.RFC3339, c.from)
		if err != nil {
			t.Fatal(err)
		}
		for kind, find := range map[string]func(time.Time) (time.Time, error){"slot": cal.Slot, "instant": cal.Instant} {
			want := map[string]string{"slot": c.slot, "instant": c.instant}[kind]
			got, err := find(from)
			if err != nil {
				t.Fatal(err)
			}
			if local := got.In(zone).Format("2006-01-02 15:04"); local != want {
				t.Errorf("%s (%s): %s from %s is %s, want %s", c.name, c.zone, kind, c.from, local, want)
			}
			if !cal.Open(got) {
				t.Errorf("%s (%s): not open at its own %s %s", c.name, c.zone, kind, got)
			}
		}
	}
}

func TestWindowThatNeverOpens(t *testing.T) {
	t.Parallel()
	var dark []course.DarkDate
	for d := newDate(2028, 1, 1); d < newDate(2029, 1, 1); d++ {
		_, month, day := d.utc().Date()
		dark = append(dark, course.DarkDate{Month: month, Day: day})
	}
	cal := NewCalendar(course.Window{Days: days(t, "all"), At: 540, Until: 1200}, Reader{Dark: dark})
	if _, err := cal.Slot(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)); !errors.Is(err, ErrNeverOpen) {
		t.Errorf("slot: %v", err)
	}
	if _, err := cal.Instant(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)); !errors.Is(err, ErrNeverOpen) {
		t.Errorf("instant: %v", err)
	}
}

// TestCalendarAgreesWithAWalk compares the calendar with a walk along the
// reader's clock, minute by minute.
func TestCalendarAgreesWithAWalk(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zoneNames).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		at := rapid.IntRange(0, 1438).Draw(t, "at")
		until := rapid.IntRange(at+1, 1440).Draw(t, "until")
		w := course.Window{At: course.Hour(at), Until: course.Hour(until)}
		first := rapid.IntRange(0, 6).Draw(t, "weekday")
		w.Days[first], w.Days[(first+rapid.IntRange(0, 2).Draw(t, "second"))%7] = true, true
		from := transitionDay(t, zone).Add(time.Duration(rapid.IntRange(0, 1439).Draw(t, "minute")) * time.Minute).Truncate(time.Minute)
		if w.Days[from.In(zone).Weekday()] && rapid.Bool().Draw(t, "dark") {
			y, m, d := from.In(zone).Date()
			w.Dark = []course.DarkDate{{Year: y, Month: m, Day: d}}
		}
		got, err := NewCalendar(w, Reader{Zone: zone}).Slot(from)
		if err != nil {
			t.Fatal(err)
		}
		if want := walkToSlot(w, zone, from); !got.Equal(want) {
			t.Fatalf("slot from %s in %s: %s, want %s", from.UTC(), zone, got, want.UTC())
		}
	})
}

// walkToSlot is the first minute from t on that is the first of its local day
// to show at or later, on an allowed day.
func walkToSlot(w course.Window, zone *time.Location, t time.Time) time.Time {
	shows := func(t time.Time) (string, bool) {
		local := t.In(zone)
		return local.Format(dateLayout), local.Hour()*60+local.Minute() >= int(w.At)
	}
	seen := map[string]bool{} // local dates that showed their hour already
	for m := t.Add(-30 * time.Hour); ; m = m.Add(time.Minute) {
		day, shown := shows(m)
		if !shown || seen[day] {
			continue
		}
		seen[day] = true
		y, month, d := m.In(zone).Date()
		dark := len(w.Dark) == 1 && w.Dark[0] == course.DarkDate{Year: y, Month: month, Day: d}
		if !m.Before(t) && w.Days[m.In(zone).Weekday()] && !dark {
			return m
		}
	}
}
