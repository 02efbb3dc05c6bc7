package pacing_test

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

var watchedZones = []string{
	"Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu", "Pacific/Apia",
	"Africa/Cairo", "America/Nuuk", "America/Havana", "Pacific/Kiritimati", "Pacific/Honolulu", "UTC",
}

func drawZone(t *rapid.T) *time.Location {
	zone, err := time.LoadLocation(rapid.SampledFrom(watchedZones).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func drawReader(t *rapid.T) pacing.Reader {
	r := pacing.Reader{Zone: drawZone(t)}
	if rapid.IntRange(0, 3).Draw(t, "own hour") == 0 {
		h := course.Hour(rapid.IntRange(0, 95).Draw(t, "hour") * 15)
		r.SendHour = &h
	}
	r.Dark = drawDark(t)
	return r
}

func drawDark(t *rapid.T) []course.DarkDate {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) course.DarkDate {
		return course.DarkDate{
			Year:  rapid.SampledFrom([]int{0, 2026, 2027}).Draw(t, "year"),
			Month: time.Month(rapid.IntRange(1, 12).Draw(t, "month")), Day: rapid.IntRange(1, 28).Draw(t, "day"),
		}
	}), 0, 12).Draw(t, "dark")
}

// drawSpan draws days, or hours and seconds.
func drawSpan(t *rapid.T, what string, most int) course.Span {
	if rapid.Bool().Draw(t, what+" in days") {
		return course.Span{Days: rapid.IntRange(0, most).Draw(t, what)}
	}
	return course.Span{Exact: time.Duration(rapid.IntRange(1, most*86400).Draw(t, what)) * time.Second}
}

func drawWindow(t *rapid.T) course.Window {
	at := rapid.IntRange(0, 95).Draw(t, "at")
	w := course.Window{At: course.Hour(at * 15), Until: course.Hour(rapid.IntRange(at+1, 96).Draw(t, "until") * 15), Dark: drawDark(t)}
	for _, day := range rapid.SliceOfN(rapid.IntRange(0, 6), 1, 5).Draw(t, "weekdays") {
		w.Days[day] = true
	}
	return w
}

func drawCourse(t *rapid.T) *course.Course {
	c := &course.Course{ID: "any", PerDay: rapid.IntRange(1, 3).Draw(t, "per day")}
	c.First = rapid.SampledFrom([]course.First{course.FirstAtOnce, course.FirstWindow}).Draw(t, "first")
	way := &course.Track{ID: "way"}
	var last *course.Lesson
	for i := range rapid.IntRange(1, 3).Draw(t, "stages") {
		s := &course.Stage{ID: fmt.Sprintf("s%d", i), Gap: drawSpan(t, "gap", 30), RemindAfter: drawSpan(t, "remind", 20), Window: drawWindow(t)}
		s.Gate = rapid.SampledFrom([]course.Gate{course.GateNone, course.GateReady}).Draw(t, "gate")
		for j := range rapid.IntRange(1, 3).Draw(t, "lessons") {
			l := letter(fmt.Sprintf("l%d%d", i, j), rapid.Bool().Draw(t, "asks"))
			if s.Gate == course.GateReady && last != nil && last.CheckIn == nil {
				last.CheckIn = letter("", true).CheckIn // a gate stands only after a question
			}
			s.Lessons, last = append(s.Lessons, l), l
		}
		for j := range rapid.IntRange(0, 3).Draw(t, "practice letters") {
			s.Practice = append(s.Practice, letter(fmt.Sprintf("p%d", j), false)) // stages may share them
		}
		way.Stages = append(way.Stages, s)
	}
	c.Tracks = []*course.Track{way}
	return c
}

// watcher knows the rules by its own arithmetic, on plain local dates.
type watcher struct {
	t       *rapid.T
	c       *course.Course
	lessons []string
	stages  []*course.Stage
	asks    []bool

	steps   map[string]bool       // every mail that went, by step and occasion
	claims  []pacing.Mail         // every mail that was claimed
	runs    map[int][]int         // lessons that went, by occasion
	answers map[string]answerNote // the last answer to a letter
	seen    []pacing.Mail         // letters that went
	kinds   []pacing.Kind         // all mails that went

	practices []pacing.Mail  // practice letters that were claimed
	practice  time.Time      // the last one that went
	had       map[string]int // how often each went or was let go
	lastHad   string         // which of them did last
	off       bool           // the reader wants none
	silent    bool           // no sign of the reader since a mail about a letter

	last   time.Time        // the last letter
	zones  []*time.Location // of the reader since then
	perDay map[string]int
}

type answerNote struct{ ready, notYet bool }

func newWatcher(t *rapid.T, c *course.Course) *watcher {
	w := &watcher{t: t, c: c, steps: map[string]bool{}, runs: map[int][]int{}, answers: map[string]answerNote{}, perDay: map[string]int{},
		had: map[string]int{}}
	for _, s := range c.Tracks[0].Stages {
		for _, l := range s.Lessons {
			w.lessons, w.stages, w.asks = append(w.lessons, l.ID), append(w.stages, s), append(w.asks, l.CheckIn != nil)
		}
	}
	return w
}

func key(lesson string, occasion int) string { return fmt.Sprintf("%s#%d", lesson, occasion) }

// answered notes what the reader said of which letter.
func (w *watcher) answered(e pacing.Event, before pacing.State, effect pacing.Effect) {
	if effect != pacing.Applied || before.Owed != "" {
		return
	}
	if e.Lesson != "" && key(e.Lesson, e.Occasion) != key(before.Lesson, before.Occasion) {
		w.t.Fatalf("%s to %s was applied, the current letter is %s", e.Kind, key(e.Lesson, e.Occasion), key(before.Lesson, before.Occasion))
	}
	w.answers[key(before.Lesson, before.Occasion)] = answerNote{ready: e.Kind == pacing.Ready, notYet: e.Kind == pacing.NotYet}
}

func (w *watcher) claimed(m pacing.Mail) {
	w.claims = append(w.claims, m)
	w.earned(m)
}

// earned checks that silence passed no gate, and a not-yet nothing at all.
func (w *watcher) earned(m pacing.Mail) {
	if m.Kind != pacing.KindLesson && m.Kind != pacing.KindEnd {
		return
	}
	i, run := slices.Index(w.lessons, m.Lesson), w.runs[m.Occasion]
	if len(run) == 0 { // the first of a track, a repeat or a back
		if m.Kind == pacing.KindEnd {
			w.t.Fatalf("the end before any letter of occasion %d", m.Occasion)
		}
		return
	}
	before := run[len(run)-1]
	said := w.answers[key(w.lessons[before], m.Occasion)]
	if m.Kind == pacing.KindEnd {
		if before != len(w.lessons)-1 || i != before || said.notYet {
			w.t.Fatalf("the end came after %s, answered %+v", w.lessons[before], said)
		}
		return
	}
	if w.stages[i].Gate == course.GateReady && w.asks[before] && !said.ready {
		w.t.Fatalf("silence passed the gate before %s: %+v", m.Lesson, said)
	}
	if said.notYet {
		w.t.Fatalf("%s came after a not-yet", m.Lesson)
	}
}

// goes checks a mail at the moment at which it leaves.
func (w *watcher) goes(m pacing.Mail, s pacing.State, now time.Time) {
	step := fmt.Sprintf("%s#%d", m.Step(), m.Occasion)
	if w.steps[step] {
		w.t.Fatalf("%s went twice", step)
	}
	w.steps[step] = true
	w.earned(m)
	if m.Occasion != s.Occasion {
		w.t.Fatalf("%s went after the reader turned round, on occasion %d", step, s.Occasion)
	}
	if s.Status != pacing.Active && s.Status != pacing.Awaiting && s.Status != pacing.Holding {
		w.t.Fatalf("%s went to a subscription that is %s", step, s.Status)
	}
	w.kinds = append(w.kinds, m.Kind)
	w.silent = m.Kind != pacing.KindLesson
	i := slices.Index(w.lessons, m.Lesson)
	date := now.In(s.Reader.Zone).Format(time.DateOnly)
	atOnce := m.Kind == pacing.KindLesson && i == 0 && m.Occasion == 0 && w.c.First == course.FirstAtOnce
	if !atOnce {
		w.inside(w.stages[i].Window, s.Reader, now)
	}
	if m.Kind == pacing.KindEnd {
		w.ends(step, date, w.stages[i].Gap, s.Reader.Zone, now)
		return
	}
	if m.Kind != pacing.KindLesson {
		if w.perDay[date] > 0 {
			w.t.Fatalf("%s on %s, a day with a letter", step, date)
		}
		return
	}
	w.order(m, i)
	w.floor(w.stages[i].Gap, s.Reader.Zone, now)
	w.last, w.zones = now, nil
	w.perDay[date]++
	if w.perDay[date] > w.c.PerDay {
		w.t.Fatalf("%d letters on %s", w.perDay[date], date)
	}
	w.seen = append(w.seen, m)
}

// ends: the end comes once in a way, after its gap and on a day that is not full.
// Where it was in the air while the reader turned round, it stands all the same.
func (w *watcher) ends(step, date string, gap course.Span, zone *time.Location, now time.Time) {
	if slices.Contains(w.kinds[:len(w.kinds)-1], pacing.KindEnd) {
		w.t.Fatalf("%s is a second end: %v", step, w.kinds)
	}
	w.floor(gap, zone, now)
	if w.perDay[date] >= w.c.PerDay {
		w.t.Fatalf("%s on %s, a day that was full", step, date)
	}
}

// order: within an occasion the letters follow each other without a hole.
func (w *watcher) order(m pacing.Mail, i int) {
	run := w.runs[m.Occasion]
	switch {
	case len(run) > 0 && i != run[len(run)-1]+1:
		w.t.Fatalf("on occasion %d letter %d came after %v", m.Occasion, i, run)
	case len(run) == 0 && m.Occasion == 0 && i != 0:
		w.t.Fatalf("the way began with letter %d", i)
	case len(run) == 0 && m.Occasion > 0 && len(w.seen) == 0:
		w.t.Fatalf("a repeat before any letter: %+v", m)
	}
	w.runs[m.Occasion] = append(run, i)
}

// inside: an allowed local weekday and date, between at and until.
func (w *watcher) inside(window course.Window, r pacing.Reader, now time.Time) {
	local := now.In(r.Zone)
	year, month, day := local.Date()
	if !window.Days[local.Weekday()] {
		w.t.Fatalf("sent on a %s: %s", local.Weekday(), local)
	}
	for _, dark := range append(slices.Clone(window.Dark), r.Dark...) {
		if dark.Month == month && dark.Day == day && (dark.Year == 0 || dark.Year == year) {
			w.t.Fatalf("sent on a dark date: %s", local)
		}
	}
	at, until := int(window.At), int(window.Until)
	if r.SendHour != nil {
		if at = int(*r.SendHour); at >= until {
			until = 1440
		}
	}
	_, before := local.Add(-26 * time.Hour).Zone()
	_, after := local.Add(2 * time.Hour).Zone()
	minute := local.Hour()*60 + local.Minute()
	if before == after && (minute < at || minute >= until) { // days of a clock change: calendar_test.go
		w.t.Fatalf("sent at %s, outside %s to %s", local, course.Hour(at), course.Hour(until))
	}
}

// floor: so many local dates, or so much time, since the last letter. A reader
// who moved meanwhile lived by another calendar for a while.
func (w *watcher) floor(gap course.Span, zone *time.Location, now time.Time) {
	if w.last.IsZero() {
		return
	}
	if since := now.Sub(w.last); since < gap.Exact-time.Microsecond {
		w.t.Fatalf("only %s after the last letter, gap %s", since, gap)
	}
	for _, z := range append(w.zones, zone) {
		if civil(now.In(z)).Sub(civil(w.last.In(z))) >= time.Duration(gap.Days)*24*time.Hour {
			return
		}
	}
	w.t.Fatalf("sent %s, the last letter was %s, gap %s", now.In(zone), w.last.In(zone), gap)
}

func civil(t time.Time) time.Time {
	year, month, day := t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}
