package simulate

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	_ "time/tzdata"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

// trial is a course of three lessons on Tuesdays and Saturdays at nine; gate and
// gap are those of its one stage.
func trial(t testing.TB, gap, gate string) *course.Course {
	t.Helper()
	files := fstest.MapFS{"course.yaml": {Data: []byte(`course: trial
title: Trial
language: en
sender: Trial Letters
window: {days: [tue, sat], at: "09:00", until: "20:00"}
tracks:
  one:
    title: One
    stages:
      - {id: only, gap: ` + gap + `, gate: ` + gate + `, lessons: [a, b, c]}
`)}}
	for _, id := range []string{"a", "b", "c"} {
		files["one/"+id+".md"] = &fstest.MapFile{Data: []byte("---\nid: " + id + "\nsubject: Letter " + id +
			"\ncheck_in: {question: Ready?}\n---\nDear {{.Name | or \"reader\"}}.\n")}
	}
	c, report := course.Load(files)
	if report.Failed() {
		t.Fatal(report)
	}
	return c
}

func london(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func replies(t *testing.T, s string, script string) Replies {
	t.Helper()
	r, err := ParseReplies(s, fstest.MapFS{"script.yaml": {Data: []byte(script)}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The calendars here are worked out by hand. 2027-01-01 is a Friday.
func TestRun(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		gap, gate, replies, script string
		want                       []string
	}{
		"ready": {"3d", "ready", "ready", "", []string{
			"2027-01-01T12:00:00Z lesson a", "2027-01-05T09:00:00Z lesson b", "2027-01-09T09:00:00Z lesson c", "2027-01-12T09:00:00Z end c"}},
		"silent": {"3d", "ready", "silent", "", []string{
			"2027-01-01T12:00:00Z lesson a", "2027-01-16T09:00:00Z reminder a", "2027-02-16T09:00:00Z open-door a",
			"2027-03-20T09:00:00Z open-door a", "2027-04-20T09:00:00+01:00 open-door a"}},
		"not yet, twice": {"3d", "ready", "not-yet:2", "", []string{
			"2027-01-01T12:00:00Z lesson a",
			"2027-01-09T09:00:00Z ask-again a", "2027-01-19T09:00:00Z ask-again a", // 7 and 10 days after each not-yet
			"2027-01-23T09:00:00Z lesson b", // ready at ten on Tuesday
			"2027-01-30T09:00:00Z ask-again b", "2027-02-09T09:00:00Z ask-again b", "2027-02-13T09:00:00Z lesson c",
			"2027-02-20T09:00:00Z ask-again c", "2027-03-02T09:00:00Z ask-again c", "2027-03-06T09:00:00Z end c"}},
		// Without a gate a silent reader waits 1.5, 2.25, then 3 times as long: 11, 16 and 21 days.
		"no gate, silent": {"7d", "none", "silent", "", []string{
			"2027-01-01T12:00:00Z lesson a", "2027-01-12T09:00:00Z lesson b", "2027-01-30T09:00:00Z lesson c", "2027-02-20T09:00:00Z end c"}},
		"no gate, answering": {"7d", "none", "ready", "", []string{
			"2027-01-01T12:00:00Z lesson a", "2027-01-09T09:00:00Z lesson b", "2027-01-16T09:00:00Z lesson c", "2027-01-23T09:00:00Z end c"}},
		"seconds": {"90m", "ready", "ready", "", []string{
			"2027-01-01T12:00:00Z lesson a", "2027-01-02T09:00:00Z lesson b", "2027-01-05T09:00:00Z lesson c", "2027-01-09T09:00:00Z end c"}},
		"a script": {"3d", "ready", "script.yaml", `
- {after: a, say: pause, for: 14d}
- {at: "2027-01-20 18:00", say: ready}
- {after: b, in: 1d, say: back}
- {at: "2027-02-01 08:00", say: ready}
- {at: "2027-02-10 08:00", say: stop}
`, []string{
			"2027-01-01T12:00:00Z lesson a", "2027-01-16T09:00:00Z welcome-back a", "2027-01-23T09:00:00Z lesson b",
			"2027-01-26T09:00:00Z lesson a", "2027-02-02T09:00:00Z lesson b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone := london(t)
			lines, err := Run(trial(t, c.gap, c.gate), Options{
				Track: "one", Start: time.Date(2027, 1, 1, 12, 0, 0, 0, zone), Until: time.Date(2028, 1, 1, 0, 0, 0, 0, zone),
				Reader: pacing.Reader{Zone: zone}, Replies: replies(t, c.replies, c.script),
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, l := range lines {
				got = append(got, l.At.Format(time.RFC3339)+" "+string(l.Kind)+" "+l.ID)
			}
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// Practice letters come in the wait, until the script switches them off.
func TestRunWithPractice(t *testing.T) {
	t.Parallel()
	c := trial(t, "20d", "ready")
	stage := c.Tracks[0].Stages[0]
	for _, id := range []string{"p", "q"} {
		stage.Practice = append(stage.Practice, &course.Lesson{ID: id, Texts: map[string]course.Text{"en": {Subject: "Practice " + id}}})
	}
	zone := london(t)
	lines, err := Run(c, Options{
		Track: "one", Start: time.Date(2027, 1, 1, 12, 0, 0, 0, zone), Until: time.Date(2028, 1, 1, 0, 0, 0, 0, zone),
		Reader: pacing.Reader{Zone: zone}, Replies: replies(t, "script.yaml", `
- {after: a, say: ready}
- {after: b, say: ready}
- {after: q, say: practice-off}
`),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"2027-01-01 lesson a", "2027-01-05 practice p", "2027-01-19 practice q", "2027-01-23 lesson b", "2027-02-13 lesson c", "2027-03-06 end c"}
	var got []string
	for _, l := range lines {
		got = append(got, l.At.Format(time.DateOnly)+" "+string(l.Kind)+" "+l.ID)
	}
	if !slices.Equal(got, want) || lines[1].Subject != "Practice p" {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLineJSON(t *testing.T) {
	t.Parallel()
	l := Line{At: time.Date(2027, 3, 28, 9, 0, 0, 123456000, london(t)), Kind: pacing.KindLesson, ID: "a", Subject: "Letter a"}
	got, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"at":"2027-03-28T09:00:00+01:00","kind":"lesson","id":"a","subject":"Letter a"}`; string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestUntilIsExclusive(t *testing.T) {
	t.Parallel()
	zone := london(t)
	lines, err := Run(trial(t, "3d", "ready"), Options{Track: "one", Start: time.Date(2027, 1, 1, 12, 0, 0, 0, zone),
		Until: time.Date(2027, 1, 5, 9, 0, 0, 0, zone), Reader: pacing.Reader{Zone: zone}, Replies: replies(t, "ready", "")})
	if err != nil || len(lines) != 1 {
		t.Errorf("%d lines, %v: want the first letter alone", len(lines), err)
	}
}

func TestParseRepliesFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ replies, script, want string }{
		"a word":            {"perhaps", "", "silent"},
		"no number":         {"not-yet:x", "", "number"},
		"no such script":    {"other.yaml", "", "script of replies"},
		"no list":           {"script.yaml", "a: ready", "longroad help course simulate"},
		"unknown key":       {"script.yaml", "- {when: a, say: ready}", "when"},
		"unknown word":      {"script.yaml", "- {after: a, say: perhaps}", "perhaps"},
		"neither at":        {"script.yaml", "- {say: ready}", "after"},
		"both":              {"script.yaml", `- {after: a, at: "2027-01-01 10:00", say: ready}`, "either"},
		"bad moment":        {"script.yaml", "- {at: tomorrow, say: ready}", "date and hour"},
		"bad span":          {"script.yaml", "- {after: a, in: soon, say: ready}", "soon"},
		"for without pause": {"script.yaml", "- {after: a, say: ready, for: 2d}", "pause"},
		"bad until":         {"script.yaml", "- {after: a, say: pause, until: may}", "may"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseReplies(c.replies, fstest.MapFS{"script.yaml": {Data: []byte(c.script)}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want something about %q", err, c.want)
			}
		})
	}
}

func TestRepliesServeAnyNumberOfRuns(t *testing.T) {
	t.Parallel()
	zone := london(t)
	o := Options{Track: "one", Start: time.Date(2027, 1, 1, 12, 0, 0, 0, zone), Until: time.Date(2028, 1, 1, 0, 0, 0, 0, zone),
		Reader: pacing.Reader{Zone: zone}, Replies: replies(t, "script.yaml", "- {after: a, say: ready}")}
	c := trial(t, "3d", "ready")
	first, err := Run(c, o)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Run(c, o)
	if err != nil || !slices.Equal(first, second) || len(first) != 6 {
		t.Errorf("first %v, then %v, %v", first, second, err)
	}
}

func TestUnknownTrack(t *testing.T) {
	t.Parallel()
	if _, err := Run(trial(t, "3d", "ready"), Options{Track: "two"}); err == nil {
		t.Error("an unknown track was simulated")
	}
}

func BenchmarkYear(b *testing.B) {
	c := trial(b, "1d", "none")
	zone := london(b)
	for b.Loop() {
		_, err := Run(c, Options{Track: "one", Start: time.Date(2027, 1, 1, 12, 0, 0, 0, zone),
			Until: time.Date(2028, 1, 1, 0, 0, 0, 0, zone), Reader: pacing.Reader{Zone: zone}})
		if err != nil {
			b.Fatal(err)
		}
	}
}
