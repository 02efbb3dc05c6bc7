package course

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// good loads the course without a fault.
func good(t testing.TB) *Course {
	t.Helper()
	c, report := Load(os.DirFS("testdata/good"))
	if len(report) > 0 {
		t.Fatalf("faults in a good course:\n%s", report)
	}
	return c
}

func TestLoad(t *testing.T) {
	t.Parallel()
	c := good(t)
	if c.ID != "long-road" || c.Title != "The long road" || c.Language != "en" || c.Sender != "Long Road Letters" || c.First != FirstAtOnce || c.PerDay != 1 {
		t.Errorf("head: %+v", c)
	}
	window := Window{Days: [7]bool{time.Tuesday: true, time.Saturday: true}, At: 9 * 60, Until: 20 * 60, Dark: []DarkDate{{0, time.December, 24}, {2027, time.April, 2}}}
	evening := window
	evening.At = 18*60 + 30
	type stage struct {
		id, title string
		gap       Span
		gate      Gate
		remind    Span
		window    Window
		lessons   string
	}
	want := map[string][]stage{
		"offender": {
			{"lay-by", "Lay-by", Span{Days: 3}, GateReady, Span{Days: 14}, window, "before-setting-off name-the-break"},
			{"full-stop", "", Span{Days: 7}, GateNone, Span{Days: 21}, evening, "no-but"},
		},
		"hurt-partner": {
			{"lay-by", "", Span{Exact: 36 * time.Hour}, GateNone, Span{Days: 14}, window, "you-may-stop-here"},
			{"full-stop", "", Span{Days: 7}, GateReady, Span{Days: 14}, window, "what-it-did"},
		},
	}
	if c.Tracks[0].ID != "offender" || c.Tracks[0].Counterpart != "hurt-partner" || c.Tracks[1].Counterpart != "offender" {
		t.Errorf("tracks: %+v %+v", c.Tracks[0], c.Tracks[1])
	}
	for _, track := range c.Tracks {
		var got []stage
		for _, s := range track.Stages {
			var ids []string
			for _, l := range s.Lessons {
				ids = append(ids, l.ID)
			}
			got = append(got, stage{s.ID, s.Title, s.Gap, s.Gate, s.RemindAfter, s.Window, strings.Join(ids, " ")})
		}
		if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want[track.ID]); g != w {
			t.Errorf("%s:\n got %s\nwant %s", track.ID, g, w)
		}
	}
	if got, want := fmt.Sprint(c.Barriers), "[{{offender no-but} [{hurt-partner what-it-did}] 90d}]"; got != want {
		t.Errorf("barriers %s, want %s", got, want)
	}
}

func TestLoadLetters(t *testing.T) {
	t.Parallel()
	c := good(t)
	lesson := c.Track("offender").Stages[0].Lessons[0]
	text := lesson.Texts["en"]
	if text.File != first || text.Line != 8 || text.Subject != "A first letter" || text.Title != "Before setting off" || text.Question != "Is this freely chosen?" || !strings.HasPrefix(text.Body, "Dear {{") {
		t.Errorf("text: %+v", text)
	}
	if got := fmt.Sprint(*lesson.CheckIn, lesson.Covers); got != "{pace [ready not-yet]} [S0-P1 S2-1a]" {
		t.Error(got)
	}
	if de := c.In(lesson.Texts, "de"); de.Subject != "Ein erster Brief" || de.Question != "Ist das frei gewählt?" || de.Title != "" {
		t.Errorf("translation: %+v", de)
	}
	if fr := c.In(lesson.Texts, "fr"); fr.Subject != text.Subject {
		t.Errorf("no fallback to the default language: %+v", fr)
	}
	asks := c.Track("hurt-partner").Stages[0].Lessons[0]
	if got := fmt.Sprint(*asks.CheckIn); got != "{safety [yes no unsure]}" || !asks.CanBeReady() {
		t.Error(got)
	}
	if silent := c.Track("offender").Stages[0].Lessons[1]; silent.Asks() || silent.CanBeReady() {
		t.Error("a lesson without check-in asks")
	}
	if m := c.Mails["reminder"]; m["en"].Subject != "A letter waits" || m["de"].Subject != "Ein Brief wartet" {
		t.Errorf("mails: %+v", m)
	}
	if !strings.Contains(c.Snippets["footer"]["de"], "nicht sicher") {
		t.Errorf("snippets: %v", c.Snippets)
	}
	if gb := c.Help["GB"]; len(gb) != 2 || gb[0].Contact != "999" || gb[0].For != "Emergency" || gb[0].Source != "gov.uk" || gb[0].Checked != "2026-11-01" || len(c.Help[""]) != 1 {
		t.Errorf("help: %+v", c.Help)
	}
}

// First and Last know the ends of a track, and of a track that there is not.
func TestFirstAndLast(t *testing.T) {
	t.Parallel()
	track := &Track{Stages: []*Stage{{Lessons: []*Lesson{{ID: "a"}}}, {Lessons: []*Lesson{{ID: "b"}, {ID: "c"}}}}}
	for id, want := range map[string][2]bool{"a": {true, false}, "b": {}, "c": {false, true}, "": {}} {
		if got := [2]bool{track.First(id), track.Last(id)}; got != want {
			t.Errorf("%q: %v", id, got)
		}
	}
	var none *Track
	if none.First("a") || none.Last("a") {
		t.Error("no track has a lesson")
	}
}

// Every mail that is no lesson may have a course's own words.
func TestMailNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"confirm", "choice", "reminder", "ask-again", "open-door", "welcome-back", "end"} {
		files := goodFiles(t)
		files["_mails/"+name+".md"] = []byte("---\nsubject: Own words\n---\nHello.\n")
		c, report := Load(FromFiles(files))
		if c == nil || report.Failed() || c.Mails[name]["en"].Subject != "Own words" {
			t.Errorf("%s: %v", name, report)
		}
	}
}

func TestLoadDefaults(t *testing.T) {
	t.Parallel()
	const manifest = `
course: one
title: 1984
language: pt-BR
sender: Letters
window: {days: [sun], at: 00:00, until: "24:00"}
tracks:
  only:
    title: Only
    stages:
      - {id: all, gap: 0d, gate: ready, lessons: [a]}
`
	c, report := Load(FromFiles(map[string][]byte{
		"course.yaml": []byte(manifest),
		"only/a.md":   []byte("\ufeff---\r\nid: a\r\nsubject: A\r\n---\r\nWords.\r\n"),
	}))
	if c == nil || len(report) != 1 || report[0].Code != "missing-footer" || report[0].Line != 5 {
		t.Fatalf("report:\n%s", report)
	}
	stage := c.Tracks[0].Stages[0]
	if c.Title != "1984" || c.First != FirstAtOnce || c.PerDay != 1 || stage.RemindAfter != (Span{Days: 14}) || stage.Window.Until != EndOfDay || !stage.Window.Days[time.Sunday] || stage.Gap != (Span{}) {
		t.Errorf("course %+v, stage %+v", c, stage)
	}
	if body := stage.Lessons[0].Texts["pt-BR"].Body; body != "Words.\n" {
		t.Errorf("body %q", body)
	}
}

// TestPractice: practice letters stand beside the lessons, several stages may
// share one, and they are no lessons.
func TestPractice(t *testing.T) {
	t.Parallel()
	files := edited(t,
		edit{manifestPath, "        gap: 3d", "        gap: 3d\n        practice: [walk]"},
		edit{manifestPath, "        gap: 1w", "        gap: 1w\n        practice: [talk, walk]"},
		edit{"offender/walk.md", "", "---\nid: walk\nsubject: A walk\n" + letterTail},
		edit{"offender/talk.md", "", "---\nid: talk\nsubject: A talk\n" + letterTail},
		edit{"de/offender/walk.md", "", "---\nid: walk\nsubject: Gehen\n" + letterTail})
	c, report := Load(FromFiles(files))
	if len(report) > 0 {
		t.Fatal(report)
	}
	offender := c.Track("offender")
	second := offender.Stages[1].Practice
	if len(second) != 2 || second[0].ID != "talk" || second[1] != offender.Stages[0].Practice[0] || second[1].Texts["de"].Subject != "Gehen" {
		t.Errorf("practice letters: %+v", second)
	}
	if len(offender.Places()) != 3 || offender.Letter("walk") != second[1] || offender.Letter("no-but") == nil || offender.Letter("run") != nil {
		t.Error("lessons and practice letters are mixed up")
	}
	if !offender.Practises() || c.Track("hurt-partner").Practises() {
		t.Error("the wrong track practises")
	}
}

// TestLoadTolerates takes what editors on other systems make of the files.
func TestLoadTolerates(t *testing.T) {
	t.Parallel()
	files := goodFiles(t)
	want := good(t).Hash
	for name, text := range files {
		files[name] = append([]byte("\ufeff"), bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))...)
	}
	c, report := Load(FromFiles(files))
	if len(report) > 0 {
		t.Fatalf("byte order mark and CRLF:\n%s", report)
	}
	if c.Hash != want {
		t.Error("line ends make another version")
	}
	_, report = Load(FromFiles(map[string][]byte{"course.yaml": bytes.Replace(files["course.yaml"], []byte("gap:"), []byte("gaps:"), 1)}))
	if f := report[0]; f.Line != 16 || f.Column != 9 {
		t.Errorf("CRLF moves a fault: %s", f)
	}
}

func TestLoadAll(t *testing.T) {
	t.Parallel()
	files := make(map[string][]byte)
	for name, text := range goodFiles(t) {
		files["a/"+name], files["b/"+name] = text, text
		files["c/"+name] = bytes.ReplaceAll(text, []byte("course: long-road"), []byte("course: short-road"))
	}
	files["README.md"], files[".git/course.yaml"], files["notes/x.md"] = []byte("x"), []byte("x"), []byte("x")
	files["d/course.yml"] = []byte("course: d")
	all, err := LoadAll(FromFiles(files))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range all {
		got = append(got, fmt.Sprint(l.Dir, " ", l.Course != nil, " ", len(l.Report)))
		for _, f := range l.Report {
			got = append(got, f.File+" "+f.Code)
		}
	}
	if want := "[a true 0 b false 1 b/course.yaml duplicate-id c true 0 d false 1 d/course.yaml missing-file]"; fmt.Sprint(got) != want {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	one, err := LoadAll(os.DirFS("testdata/good"))
	if err != nil || len(one) != 1 || one[0].Dir != "." || one[0].Course == nil {
		t.Errorf("a course itself: %+v, %v", one, err)
	}
	if _, err := LoadAll(FromFiles(nil)); err == nil {
		t.Error("no course is no error")
	}
	if _, err := LoadAll(os.DirFS("testdata/nowhere")); err == nil {
		t.Error("no folder is no error")
	}
}

func TestReportAsJSON(t *testing.T) {
	t.Parallel()
	_, report := Load(os.DirFS("testdata/good"))
	if b, _ := json.Marshal(report); string(b) != "[]" {
		t.Errorf("no fault is %s", b)
	}
	_, report = Load(FromFiles(nil))
	want := `[{"file":"course.yaml","line":1,"column":1,"severity":"error","code":"missing-file","cause":"there is no course.yaml","remedy":"write one; the README shows it"}]`
	if b, _ := json.Marshal(report); string(b) != want {
		t.Errorf("got %s", b)
	}
}

func TestLintHelp(t *testing.T) {
	t.Parallel()
	c := good(t)
	for now, want := range map[string]string{
		"2026-11-02": "[]",
		"2027-04-30": "[]",
		"2027-05-01": "[2:61 stale-help 3:76 stale-help 5:90 stale-help]",
		"2026-10-31": "[]",
		"2026-10-30": "[2:61 stale-help 3:76 stale-help 5:90 stale-help]",
	} {
		at, err := time.Parse(time.DateTime, now+" 12:00:00")
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, f := range LintHelp(c, at) {
			if f.Severity != Warning || f.File != "_data/help.yaml" {
				t.Error(f)
			}
			got = append(got, fmt.Sprintf("%d:%d %s", f.Line, f.Column, f.Code))
		}
		if fmt.Sprint(got) != want {
			t.Errorf("on %s: %v, want %s", now, got, want)
		}
	}
}

func TestHash(t *testing.T) {
	t.Parallel()
	base := good(t).Hash
	if len(base) != 64 {
		t.Fatalf("hash %q", base)
	}
	renamed := func(files map[string][]byte) {
		files["offender/zz.md"] = files[first]
		delete(files, first)
	}
	for name, test := range map[string]struct {
		change  func(files map[string][]byte)
		version bool // the change makes another version
	}{
		"nothing":          {func(map[string][]byte) {}, false},
		"help lines":       {func(f map[string][]byte) { f[HelpFile] = bytes.ReplaceAll(f[HelpFile], []byte("999"), []byte("112")) }, false},
		"a file elsewhere": {func(f map[string][]byte) { f["README.md"] = []byte("x") }, false},
		"a file of data":   {func(f map[string][]byte) { f["_data/words.txt"] = []byte("x") }, false},
		"a word list":      {func(f map[string][]byte) { f["_data/words/en.yaml"] = []byte("language: en\n") }, true},
		"a word":           {func(f map[string][]byte) { f[first] = bytes.ReplaceAll(f[first], []byte("this"), []byte("that")) }, true},
		"a translation":    {func(f map[string][]byte) { f[german] = append(f[german], 'x') }, true},
		"a snippet":        {func(f map[string][]byte) { f[footerPath] = append(f[footerPath], 'x') }, true},
		"a mail": {func(f map[string][]byte) {
			f["_mails/reminder.md"] = append(f["_mails/reminder.md"], 'x')
		}, true},
		"course.yaml":    {func(f map[string][]byte) { f[manifestPath] = append(f[manifestPath], '\n') }, true},
		"a file's name":  {renamed, true},
		"a file's place": {func(f map[string][]byte) { f["de/offender/02.md"] = f[second] }, true},
	} {
		files := goodFiles(t)
		test.change(files)
		c, report := Load(FromFiles(files))
		if c == nil {
			t.Fatalf("%s:\n%s", name, report)
		}
		if (c.Hash != base) != test.version {
			t.Errorf("%s: another version is %v, want %v", name, c.Hash != base, test.version)
		}
		if c.Tracks[0].Stages[0].Lessons[0].ID != "before-setting-off" {
			t.Errorf("%s changes a lesson's identity", name)
		}
	}
}

// TestFiles shows that what is kept of a course gives the same course again.
func TestFiles(t *testing.T) {
	t.Parallel()
	files := goodFiles(t)
	want := []string{
		"_data/help.yaml", "_mails/reminder.md", "_snippets/footer.md", "course.yaml", "de/_mails/reminder.md", "de/_snippets/footer.md", "de/offender/01.md",
		"hurt-partner/01.md", "hurt-partner/02.md", "offender/01-before.md", "offender/02-name.md", "offender/03-no-but.md",
	}
	if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, want) {
		t.Errorf("files %v", got)
	}
	c, report := Load(FromFiles(files))
	if len(report) > 0 {
		t.Fatal(report)
	}
	before, err := json.Marshal(good(t))
	if err != nil {
		t.Fatal(err)
	}
	if after, _ := json.Marshal(c); !bytes.Equal(before, after) {
		t.Errorf("the course is another one:\n%s\n%s", before, after)
	}
	if _, err := Files(FromFiles(nil)); err == nil {
		t.Error("no course has files")
	}
}
