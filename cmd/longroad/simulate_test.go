package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"longroad/courses"
	"longroad/internal/course"
)

func simulated(t *testing.T, args ...string) said {
	t.Helper()
	return try(t, testEnvironment(), append([]string{"course", "simulate", "--track", "offender", "--tz", "Europe/London"}, args...)...)
}

func TestSimulate(t *testing.T) {
	t.Parallel()
	short := shortCourse(t)
	got := simulated(t, "--start", "2027-03-20", "--replies", "not-yet:1", short)
	if got.code != exitFine || got.errors != "" {
		t.Fatalf("%+v", got)
	}
	golden(t, "simulate.txt", got.out)

	lines := bufio.NewScanner(strings.NewReader(simulated(t, "--start", "2027-03-20", "--replies", "not-yet:1", "--json", short).out))
	var kinds []string
	for lines.Scan() {
		var l struct{ At, Kind, ID, Subject string }
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		if l.Subject == "" || !strings.Contains(got.out, l.Subject) {
			t.Errorf("subject %q", l.Subject)
		}
		kinds = append(kinds, l.Kind+" "+l.ID+" "+l.At)
	}
	want := []string{
		"lesson before-setting-off 2027-03-20T12:00:00Z",
		"ask-again before-setting-off 2027-03-27T09:00:00Z",
		"lesson name-the-break 2027-03-30T09:00:00+01:00",
		"ask-again name-the-break 2027-04-06T09:00:00+01:00",
		"end name-the-break 2027-04-10T09:00:00+01:00",
	}
	if strings.Join(kinds, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q, want %q", kinds, want)
	}
}

// A reader who is always ready gets every letter of the shipped course, in order
// and none twice, and never before the gap of its stage.
// Who signs up without feeling safe gets no practice letters, here as there.
func TestSimulateWithoutSafety(t *testing.T) {
	t.Parallel()
	for safe, want := range map[string]bool{"yes": true, "no": false, "unsure": false} {
		got := try(t, testEnvironment(), "course", "simulate", "--track", "offender", "--tz", "Europe/London", "--start", "2027-03-20",
			"--replies", "ready", "--until", "2028-01-01", "--json", "--safe", safe)
		if got.code != exitFine || strings.Contains(got.out, `"kind":"practice"`) != want {
			t.Errorf("%s: %+v", safe, got)
		}
	}
}

func TestSimulateTheWholeRoad(t *testing.T) {
	t.Parallel()
	loaded, err := course.LoadAll(courses.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, track := range loaded[0].Course.Tracks {
		got := try(t, testEnvironment(), "course", "simulate", "--track", track.ID, "--tz", "Europe/London", "--start", "2027-03-20",
			"--replies", "ready", "--until", "2030-01-01", "--json")
		var at []time.Time
		var sent, want []string
		for line := range strings.Lines(got.out) {
			var l struct {
				At       time.Time
				Kind, ID string
			}
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				t.Fatal(err)
			}
			if l.Kind == "lesson" {
				sent, at = append(sent, l.ID), append(at, l.At)
			}
		}
		places := track.Places()
		for i, p := range places {
			want = append(want, p.Lesson.ID)
			if i > 0 && i < len(at) && at[i].Sub(at[i-1]) < time.Duration(p.Stage.Gap.Days)*24*time.Hour-25*time.Hour {
				t.Errorf("%s/%s comes too soon: %s after the letter before", track.ID, p.Lesson.ID, at[i].Sub(at[i-1]))
			}
		}
		if !slices.Equal(sent, want) {
			t.Errorf("%s: %q, want %q", track.ID, sent, want)
		}
	}
}

func TestSimulateReadsItsFlags(t *testing.T) {
	t.Parallel()
	script := filepath.Join(t.TempDir(), "replies.yaml")
	if err := os.WriteFile(script, []byte("- {after: before-setting-off, say: stop}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		code int
		want string // on stdout, or on stderr
	}{
		{"until is exclusive", []string{"--start", "2027-03-20", "--until", "2027-03-23"}, exitFine, "1 mail\n"},
		{"a moment to start", []string{"--start", "2027-03-20T23:00:00+00:00", "--replies", "silent", "--until", "2027-03-21"}, exitFine, "Sat 2027-03-20 23:00:00 +00:00"},
		{"an hour of the reader's", []string{"--start", "2027-03-20", "--send-hour", "18:30"}, exitFine, "18:30:00"},
		{"a name that is markup", []string{"--start", "2027-03-20", "--name", "{{.}}<b>\n", shortCourse(t)}, exitFine, "3 mails"},
		{"a script", []string{"--start", "2027-03-20", "--replies", script}, exitFine, "1 mail\n"},
		{"no such track", []string{"--start", "2027-03-20", "--track", "x"}, exitMisuse, `has no track "x"; it has offender, hurt-partner`},
		{"no such zone", []string{"--start", "2027-03-20", "--tz", "Mars/Base"}, exitMisuse, `no zone "Mars/Base"`},
		{"no date", []string{"--start", "20.3.2027"}, exitMisuse, `"20.3.2027" is no date`},
		{"no until", []string{"--start", "2027-03-20", "--until", "x"}, exitMisuse, `--until: "x" is no date`},
		{"until before start", []string{"--start", "2027-03-20", "--until", "2027-03-20"}, exitMisuse, "not after --start"},
		{"no hour", []string{"--start", "2027-03-20", "--send-hour", "24:00"}, exitMisuse, "no hour to send at"},
		{"no answer", []string{"--start", "2027-03-20", "--replies", "perhaps"}, exitMisuse, "--replies: "},
		{"no script", []string{"--start", "2027-03-20", "--replies", "nowhere/x.yaml"}, exitMisuse, "--replies: "},
		{"a script that knows other lessons", []string{"--start", "2027-03-20", "--track", "hurt-partner", "--replies", script}, exitFault, `"before-setting-off", which is no lesson of the track hurt-partner`},
		{"no start", nil, exitMisuse, "--start"},
		{"no folder", []string{"--start", "2027-03-20", "nowhere"}, exitMisuse, "no such folder"},
	} {
		got := simulated(t, c.args...)
		text := got.out
		if c.code != exitFine {
			text = got.errors
		}
		if got.code != c.code || !strings.Contains(text, c.want) {
			t.Errorf("%s: %+v, want %d and %q", c.name, got, c.code, c.want)
		}
	}
	if got := try(t, testEnvironment(), "help", "course", "simulate"); !strings.Contains(got.out, "{after: no-but, say: ready}") {
		t.Errorf("the help does not show a script: %+v", got)
	}
	dir := copyCourse(t, broken())
	if got := simulated(t, "--start", "2027-03-20", dir); got.code != exitFault || got.out != "" || !strings.Contains(got.errors, dir+"/_snippets/footer.md:1:") {
		t.Errorf("a course with an error: %+v", got)
	}
}
