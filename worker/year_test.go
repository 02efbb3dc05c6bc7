package worker

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"longroad/courses"
	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/simulate"
	"longroad/internal/store"
)

// What is foretold of a year is what a worker does in it, mail by mail, when its
// clock is moved through every moment at which anything is due.
func TestYearAsForetold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		files  fstest.MapFS
		start  time.Time
		people []*person
	}{
		{"the shipped course", shipped(t), noon, []*person{
			{track: "offender", zone: "Europe/London", replies: "ready"},
			{track: "offender", zone: "Europe/London", replies: "silent"},
			{track: "offender", zone: "Europe/London", replies: "not-yet:3"},
			{track: "hurt-partner", zone: "Europe/London", replies: "ready"},
			{track: "hurt-partner", zone: "Europe/London", replies: "silent"},
			{track: "hurt-partner", zone: "Europe/London", replies: "not-yet:3"},
		}},
		{"a longer course", longer(), time.Date(2027, 3, 24, 22, 15, 0, 0, time.UTC), []*person{
			{track: "walker", zone: "Europe/London", replies: "ready"},
			{track: "walker", zone: "Australia/Lord_Howe", replies: "silent"},
			{track: "walker", zone: "America/New_York", replies: "not-yet:3"},
			{track: "walker", zone: "Africa/Casablanca", replies: "not-yet:1", hour: 23 * 60},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, c.files, c.start)
			s.run()
			loaded, report := course.Load(c.files)
			if report.Failed() {
				t.Fatal(report)
			}
			until := c.start.AddDate(1, 0, 0)
			y := &year{stack: s, course: loaded, people: c.people}
			y.begin()
			for y.step(until) {
			}
			for _, p := range c.people {
				got, want := y.sent(p), y.foretold(p, c.start, until)
				if len(want) == 0 || !slices.Equal(got, want) {
					t.Errorf("%s in %s, %s: the worker sent\n%s\nforetold was\n%s", p.track, p.zone, p.replies,
						strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
		})
	}
}

// person is a reader and the way in which that reader answers.
type person struct {
	track, zone, replies string
	hour                 int // that letters come at, in minutes; 0 keeps the course's

	sub  store.Subscription
	seen int // deliveries that were read
}

func (p *person) email() string {
	return strings.NewReplacer(":", "-", "/", "-", "_", "-").Replace(strings.ToLower(p.track+"."+p.replies+"."+p.zone)) + "@example.org"
}

func (p *person) sendHour() *int {
	if p.hour == 0 {
		return nil
	}
	return &p.hour
}

// answer is what a person is about to say to a letter.
type answer struct {
	at       time.Time
	delivery store.Delivery
	said     journey.Answer
}

// year is a worker's whole year.
type year struct {
	*stack
	course  *course.Course
	people  []*person
	answers []answer // in the order of time
}

// begin signs everybody up and confirms, all at the first moment.
func (y *year) begin() {
	y.t.Helper()
	ctx := y.t.Context()
	for _, p := range y.people {
		must(y.t, y.road.SignUp(ctx, journey.SignUp{Course: y.course.ID, Track: p.track, Email: p.email(), TimeZone: p.zone,
			SendHour: p.sendHour(), ConsentVersion: "1", AdultVersion: "1", How: "form"}))
	}
	y.settle()
	for _, p := range y.people {
		_, _, err := y.road.Confirm(ctx, y.subscription(p.email()).Ref)
		must(y.t, err)
		p.sub, p.seen = y.subscription(p.email()), 1
	}
	y.settle()
	y.read()
}

// step moves the clock to the next moment at which something is due or somebody
// answers. Where both are at once the answer comes later.
func (y *year) step(until time.Time) bool {
	y.t.Helper()
	due, err := y.store.NextMoment(y.t.Context())
	must(y.t, err)
	if len(y.answers) > 0 && (due.IsZero() || y.answers[0].at.Before(due)) {
		a := y.answers[0]
		if y.answers = y.answers[1:]; !a.at.Before(until) {
			return false
		}
		y.clock.set(a.at)
		_, result, err := y.road.Answer(y.t.Context(), a.delivery.Ref, a.said)
		must(y.t, err)
		if result.Effect == pacing.Stale {
			y.t.Errorf("%s to %s is %s", a.said.Kind, a.delivery, result.Effect)
		}
		return true
	}
	if due.IsZero() || !due.Before(until) {
		return false
	}
	y.clock.set(due)
	y.settle()
	y.read()
	return true
}

// read lets everybody read what has come and plan the answer.
func (y *year) read() {
	y.t.Helper()
	for _, p := range y.people {
		all, err := y.store.DeliveriesOf(y.t.Context(), p.sub.ID)
		must(y.t, err)
		for _, d := range all[p.seen:] {
			p.seen++
			if said, ok := y.says(p, d); ok {
				y.answers = append(y.answers, answer{d.SentAt.Add(time.Hour), d, said})
			}
		}
	}
	slices.SortStableFunc(y.answers, func(a, b answer) int { return a.at.Compare(b.at) })
}

// says is what a person says to a mail: not yet so many times to a question, or
// to its reminders, and then ready.
func (y *year) says(p *person, d store.Delivery) (journey.Answer, bool) {
	if d.Mail.Kind == pacing.KindPractice {
		return journey.Answer{}, false
	}
	view, err := y.road.OpenDelivery(y.t.Context(), d.Ref)
	must(y.t, err)
	if p.replies == "silent" || !view.Lesson.Asks() || view.State.Answer == course.AnswerReady {
		return journey.Answer{}, false
	}
	notYets := 0
	fmt.Sscanf(p.replies, "not-yet:%d", &notYets)
	if view.State.NotYets < notYets {
		return journey.Answer{Event: pacing.Event{Kind: pacing.NotYet}}, true
	}
	said := journey.Answer{Event: pacing.Event{Kind: pacing.Ready}}
	if view.Lesson.CheckIn.Kind == course.CheckInSafety {
		said.Safety = course.AnswerYes
	}
	return said, true
}

// sent tells what a person got, a line a mail.
func (y *year) sent(p *person) []string {
	y.t.Helper()
	subjects := map[string]string{}
	for _, m := range y.post.all() {
		if m.to == p.email() {
			if _, twice := subjects[m.id]; twice {
				y.t.Errorf("%s went twice", m.id)
			}
			subjects[m.id] = m.subject
		}
	}
	all, err := y.store.DeliveriesOf(y.t.Context(), p.sub.ID)
	must(y.t, err)
	var lines []string
	for _, d := range all[1:] {
		lines = append(lines, yearLine(d.SentAt.In(zoneNamed(y.t, p.zone)), d.Mail.Kind, d.Mail.Lesson, subjects[d.MessageID]))
	}
	return lines
}

// foretold tells what a simulation says of that person.
func (y *year) foretold(p *person, start, until time.Time) []string {
	y.t.Helper()
	o := simulate.Options{Track: p.track, Start: start, Until: until, Reader: pacing.Reader{Zone: zoneNamed(y.t, p.zone)}}
	if p.hour != 0 {
		hour := course.Hour(p.hour)
		o.Reader.SendHour = &hour
	}
	o.Subject = func(m pacing.Mail) (string, error) {
		return y.worker.Composer.Subject(mailer.Letter{Kind: string(m.Kind), Course: y.course, Track: p.track, Lesson: m.Lesson})
	}
	var err error
	o.Replies, err = simulate.ParseReplies(p.replies, nil)
	must(y.t, err)
	way, err := simulate.Run(y.course, o)
	must(y.t, err)
	var lines []string
	for _, l := range way {
		lines = append(lines, yearLine(l.At, l.Kind, l.ID, l.Subject))
	}
	return lines
}

func yearLine(at time.Time, kind pacing.Kind, id, subject string) string {
	return fmt.Sprintf("%s %s %s %q", at.Format(time.RFC3339Nano), kind, id, subject)
}

func zoneNamed(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	must(t, err)
	return zone
}

// shipped is the built-in course.
func shipped(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	sub, err := fs.Sub(courses.FS, "long-road")
	must(t, err)
	must(t, fs.WalkDir(sub, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(sub, path)
		files[path] = &fstest.MapFile{Data: data}
		return err
	}))
	return files
}

// longer is a course with every kind of stage: open and gated, other hours and
// days, gaps of days, weeks and hours, a letter that asks nothing, practice letters.
func longer() fstest.MapFS {
	files := fstest.MapFS{"course.yaml": {Data: []byte(`course: longer
title: Longer
language: en
sender: Longer Letters
first: window
window: {days: [mon, wed, fri], at: "07:30", until: "12:00", dark: ["12-24", "2027-03-26", "2027-04-05"]}
tracks:
  walker:
    title: Walker
    stages:
      - {id: open, title: Open, gap: 3d, gate: none, lessons: [a, b, c]}
      - {id: gated, title: Gated, gap: 2w, gate: ready, remind_after: 9d, practice: [p, q], window: {days: [sat, sun], at: "18:00", until: "24:00"}, lessons: [d, e]}
      - {id: brisk, title: Brisk, gap: 30h, gate: none, window: {days: [mon, tue, wed, thu, fri, sat, sun], at: "01:30", until: "02:30"}, lessons: [f, g]}
`)}}
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g", "p", "q"} {
		front := "id: " + id + "\nsubject: Letter " + id + "\n"
		if id < "f" || id == "g" {
			front += "check_in: {question: Ready?}\n"
		}
		files["walker/"+id+".md"] = &fstest.MapFile{Data: []byte("---\n" + front + "---\nDear {{.Name | or \"reader\"}}, letter " + id + ".\n")}
	}
	return files
}
