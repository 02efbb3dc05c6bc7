package course

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

// edit changes one file of the good course: old becomes new; without an old,
// new is the whole file, and without both the file goes.
type edit struct{ file, old, new string }

// goodFiles are the files of the course that has no fault.
func goodFiles(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := Files(os.DirFS("testdata/good"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func edited(t testing.TB, edits ...edit) map[string][]byte {
	t.Helper()
	files := goodFiles(t)
	for _, e := range edits {
		switch before := string(files[e.file]); {
		case e.old == "" && e.new == "":
			delete(files, e.file)
		case e.old == "":
			files[e.file] = []byte(e.new)
		case !strings.Contains(before, e.old):
			t.Fatalf("%s does not hold %q", e.file, e.old)
		default:
			files[e.file] = []byte(strings.Replace(before, e.old, e.new, 1))
		}
	}
	return files
}

const (
	manifestPath = "course.yaml"
	first        = "offender/01-before.md"
	second       = "offender/02-name.md"
	safety       = "hurt-partner/01.md"
	german       = "de/offender/01.md"
	footerPath   = "_snippets/footer.md"
	letterTail   = "---\nWords.\n\n{{snippet \"footer\"}}\n"
)

// long is a text of n characters.
func long(n int) string { return strings.Repeat("ä", n) }

// everyDate lists the days of a common year, as course.yaml writes them.
func everyDate() string {
	var all []string
	for d := time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC); d.Year() == 2027; d = d.AddDate(0, 0, 1) {
		all = append(all, d.Format(`"01-02"`))
	}
	return strings.Join(all, ", ")
}

var faultCases = []struct {
	name  string
	edits []edit
}{
	// The YAML itself.
	{"no course.yaml", []edit{{manifestPath, "", ""}}},
	{"course.yml", []edit{{manifestPath, "", ""}, {"course.yml", "", "course: x\n"}}},
	{"empty course.yaml", []edit{{manifestPath, "", "# nothing\n"}}},
	{"a list for a course", []edit{{manifestPath, "", "- a\n- b\n"}}},
	{"broken YAML, letters checked all the same", []edit{{manifestPath, "title: The long road", "title: \"The long road"}, {first, "id: before-setting-off", "id: Before"}, {second, "{{snippet", "{{snipet"}, {german, "subject: Ein erster Brief\n", ""}}},
	{"tab", []edit{{manifestPath, "    title: I broke trust", "\ttitle: I broke trust"}}},
	{"colon in a text", []edit{{first, "subject: A first letter", "subject: A first: letter"}}},
	{"alias", []edit{{manifestPath, "title: The long road", "title: &t The long road"}}},
	{"merge key", []edit{{manifestPath, "first: at-once", "<<: {first: at-once}"}}},
	{"tag", []edit{{manifestPath, "title: The long road", "title: !!str The long road"}}},
	{"explicit key", []edit{{manifestPath, "first: at-once", "? first\n: at-once"}}},
	{"two documents", []edit{{manifestPath, "first: at-once", "---\nfirst: at-once"}}},
	{"too deep", []edit{{manifestPath, "days: [tue, sat]", "days: " + strings.Repeat("[", 40) + strings.Repeat("]", 40)}}},
	{"too many dashes", []edit{{manifestPath, "        lessons: [before-setting-off, name-the-break]", "        lessons:\n          " + strings.Repeat("- ", 40) + "a"}}},

	// Keys and types.
	{"unknown key", []edit{{manifestPath, "        gap: 3d", "        gaps: 3d"}}},
	{"unknown keys everywhere at once", []edit{{manifestPath, "first: at-once", "frist: at-once"}, {manifestPath, "at: \"09:00\"", "att: \"09:00\""}, {manifestPath, "title: I was hurt", "title: I was hurt\n    colour: red"}, {first, "covers:", "cover:"}, {second, "id: name", "ident: name"}}},
	{"duplicate key", []edit{{manifestPath, "per_day: 1", "per_day: 1\ntitle: Another"}}},
	{"duplicate track", []edit{{manifestPath, "  hurt-partner:\n    title", "  offender:\n    title"}}},
	{"missing keys", []edit{{manifestPath, "course: long-road                 # id\ntitle: The long road\nlanguage: en\nsender: Long Road Letters\n", ""}}},
	{"missing window", []edit{{manifestPath, `window: {days: [tue, sat], at: "09:00", until: "20:00", dark: ["12-24", "2027-04-02"]}`, ""}}},
	{"missing tracks", []edit{{manifestPath, "", "course: a\ntitle: A\nlanguage: en\nsender: A\nwindow: {days: [tue], at: \"09:00\", until: \"20:00\"}\n"}}},
	{"missing keys of a stage", []edit{{manifestPath, "      - {id: lay-by, gap: 36h, lessons: [you-may-stop-here]}", "      - {title: Lay-by}"}}},
	{"missing keys of a lesson", []edit{{first, "id: before-setting-off\nsubject: A first letter\n", ""}}},
	{"wrong types", []edit{{manifestPath, "title: The long road", "title: [a]"}, {manifestPath, "sender: Long Road Letters", "sender: true"}, {manifestPath, "per_day: 1", "per_day: {a: b}"}, {manifestPath, "days: [tue, sat]", "days: tue"}, {manifestPath, "      - {id: lay-by, gap: 36h, lessons: [you-may-stop-here]}", "      - lay-by"}}},
	{"a track that is none", []edit{{manifestPath, "  offender:\n", "  third: nothing\n  offender:\n"}}},
	{"empty values", []edit{{manifestPath, "title: The long road", "title:"}, {manifestPath, "sender: Long Road Letters", `sender: " "`}, {manifestPath, "lessons: [before-setting-off, name-the-break]", "lessons: []"}}},
	{"no tracks", []edit{{manifestPath, "", "course: a\ntitle: A\nlanguage: en\nsender: A\nwindow: {days: [tue], at: \"09:00\", until: \"20:00\"}\ntracks: {}\n"}}},

	// Values.
	{"bad ids", []edit{{manifestPath, "course: long-road", "course: Long_Road"}, {manifestPath, "id: full-stop", "id: full stop"}, {manifestPath, "  offender:\n", "  Offender:\n"}}},
	{"an id too long", []edit{{manifestPath, "course: long-road", "course: " + strings.Repeat("a", 65)}}},
	{"bad language", []edit{{manifestPath, "language: en", "language: english"}}},
	{"language not canonical", []edit{{manifestPath, "language: en", "language: EN"}}},
	{"bad spans", []edit{{manifestPath, "remind_after: 14d", "remind_after: 0d"}, {manifestPath, "gap: 3d", "gap: 3 days"}, {manifestPath, "gap: 1w", "gap: -1w"}, {manifestPath, "gap: 36h", "gap: 500ms"}, {manifestPath, "at_most: 90d", "at_most: 1d12h"}}},
	{"bad numbers", []edit{{manifestPath, "per_day: 1", "per_day: 0"}}},
	{"number too big", []edit{{manifestPath, "per_day: 1", "per_day: 99999999999999999999"}}},
	{"bad words", []edit{{manifestPath, "first: at-once", "first: at_once"}, {manifestPath, "gate: ready", "gate: redy"}}},
	{"line break in the sender", []edit{{manifestPath, "sender: Long Road Letters", `sender: "Long\nBcc: x"`}}},
	{"template in the title", []edit{{manifestPath, "title: The long road", `title: "{{.Name}}"`}}},

	// Windows.
	{"bad hours", []edit{{manifestPath, `at: "09:00", until: "20:00"`, `at: "24:00", until: "9pm"`}}},
	{"until not after at", []edit{{manifestPath, `until: "20:00"`, `until: "09:00"`}}},
	{"until not after a stage's at", []edit{{manifestPath, `window: {at: "18:30"}`, `window: {at: "20:00"}`}}},
	{"no days", []edit{{manifestPath, "days: [tue, sat]", "days: []"}}},
	{"unknown weekdays", []edit{{manifestPath, "days: [tue, sat]", "days: [Tuesday, satt, x, tue, tue]"}}},
	{"all days dark", []edit{{manifestPath, `dark: ["12-24", "2027-04-02"]`, "dark: [" + everyDate() + "]"}}},
	{"bad dark dates", []edit{{manifestPath, `dark: ["12-24", "2027-04-02"]`, `dark: [02-30, 2027-02-29, 24.12., 02-29]`}}},
	{"a faulty window is told once", []edit{{manifestPath, `until: "20:00"`, `until: "20"`}}},

	// Tracks, stages, lessons.
	{"duplicate stage", []edit{{manifestPath, "id: full-stop", "id: lay-by"}}},
	{"lesson listed twice", []edit{{manifestPath, "          - no-but", "          - no-but\n          - before-setting-off"}}},
	{"unknown lesson", []edit{{manifestPath, "[before-setting-off, name-the-break]", "[before-setting-off, name-a-break]"}}},
	{"duplicate lesson id", []edit{{second, "id: name-the-break", "id: before-setting-off"}}},
	{"a letter at fault is not missing", []edit{{second, "id: name-the-break", "id: Name"}}},
	{"unknown counterpart", []edit{{manifestPath, "counterpart: hurt-partner", "counterpart: hurt-partners"}}},
	{"counterpart of itself", []edit{{manifestPath, "counterpart: hurt-partner", "counterpart: offender"}}},
	{"counterparts differ", []edit{
		{manifestPath, "barriers:", "  third:\n    title: Third\n    counterpart: hurt-partner\n    stages: [{id: a, gap: 1d, lessons: [b]}]\nbarriers:"},
		{"third/b.md", "", "---\nid: b\nsubject: B\n" + letterTail},
	}},
	{"gate after a lesson that asks nothing", []edit{{first, "check_in: {question: Is this freely chosen?, answers: [ready, not-yet]}\n", ""}, {german, "check_in: {question: Ist das frei gewählt?}\n", ""}}},
	{"gate after a lesson that is never ready", []edit{{safety, "kind: safety", "kind: safety, answers: [no, unsure]"}}},
	{"gate across stages", []edit{{manifestPath, "        gap: 1w", "        gap: 1w\n        gate: ready"}}},

	{"practice letters at fault", []edit{
		{manifestPath, "        gap: 1w", "        gap: 1w\n        practice: [walk, walk, name-the-break, nowhere]"},
		{"offender/walk.md", "", "---\nid: walk\nsubject: A walk\ncheck_in: {question: Did you walk?}\n" + letterTail},
	}},
	{"an empty list of practice letters", []edit{{manifestPath, "        gap: 1w", "        gap: 1w\n        practice: []"}}},
	{"a practice letter that asks in another language", []edit{
		{manifestPath, "        gap: 1w", "        gap: 1w\n        practice: [walk]"},
		{"offender/walk.md", "", "---\nid: walk\nsubject: A walk\n" + letterTail},
		{"de/offender/walk.md", "", "---\nid: walk\nsubject: Gehen\ncheck_in: {question: Bist du gegangen?}\n" + letterTail},
	}},

	// Barriers.
	{"barrier without at_most", []edit{{manifestPath, ", at_most: 90d", ""}}},
	{"barrier on unknown lessons", []edit{{manifestPath, "offender/no-but, waits_for: [hurt-partner/what-it-did]", "offender/no-buts, waits_for: [hurt-partner/what]"}, {manifestPath, "at_most: 90d}", "at_most: 90d}\n  - {lesson: offender/no-but, waits_for: [hurt-partner/what, what-it-did, hurt/x], at_most: 90d}"}}},
	{"barrier within a track", []edit{{manifestPath, "waits_for: [hurt-partner/what-it-did]", "waits_for: [offender/name-the-break]"}}},
	{"barrier that only time lifts", []edit{{"hurt-partner/02.md", "check_in: {question: \"Finish: I felt …\"}\n", ""}}},
	{"barrier cycle", []edit{{manifestPath, "at_most: 90d}", "at_most: 90d}\n  - {lesson: hurt-partner/you-may-stop-here, waits_for: [offender/no-but], at_most: 90d}"}}},
	{"barrier twice", []edit{{manifestPath, "at_most: 90d}", "at_most: 90d}\n  - {lesson: offender/no-but, waits_for: [hurt-partner/you-may-stop-here, hurt-partner/you-may-stop-here], at_most: 9d}"}}},
	{"awaited twice", []edit{{manifestPath, "[hurt-partner/what-it-did]", "[hurt-partner/what-it-did, hurt-partner/what-it-did]"}}},

	// Front matter.
	{"no front matter", []edit{{first, "", "Dear reader,\n"}}},
	{"front matter without end", []edit{{first, "covers: [S0-P1, S2-1a]\n---\n", ""}}},
	{"empty file", []edit{{second, "", "\n"}}},
	{"fault in front matter", []edit{{first, "covers: [S0-P1, S2-1a]", "covers: S0-P1"}}},
	{"unknown key in a check-in", []edit{{first, "answers: [ready, not-yet]", "answer: [ready, not-yet]"}}},
	{"no question", []edit{{first, "question: Is this freely chosen?, ", ""}}},
	{"unknown kind", []edit{{safety, "kind: safety", "kind: safe"}}},
	{"answers of the other kind", []edit{{first, "answers: [ready, not-yet]", "answers: [ready, yes, ready]"}}},
	{"no answers", []edit{{first, "answers: [ready, not-yet]", "answers: []"}}},
	{"empty body", []edit{{second, "", "---\nid: name-the-break\nsubject: B\n---\n \n"}}},
	{"long subject", []edit{{first, "A first letter", long(121)}, {second, "A second letter", long(61)}}},
	{"subject of two lines", []edit{{first, "subject: A first letter", "subject: |\n  A first\n  letter"}}},
	{"template in the subject", []edit{{first, "subject: A first letter", `subject: "Dear {{.Name}}"`}}},

	// Templates.
	{"bad template syntax", []edit{{first, `{{.Name | or "reader"}}`, `{{.Name | or "reader}}`}}},
	{"if without end", []edit{{first, "this is", "{{if .Name}}this is"}}},
	{"unknown function", []edit{{first, `{{.Name | or "reader"}}`, `ä {{.Name | orr "reader"}} {{printf "%s" .Name}}`}}},
	{"unknown field", []edit{{first, "this is", "{{.Email | or \"x\"}} {{.Name.Len}} this is"}}},
	{"an answer that is written out", []edit{{first, "this is", "{{.Solo}} {{.Solo | or \"x\"}} {{if or .Solo .Name}}a{{end}} {{if .Solo}}{{.Name}}{{end}}"}}},
	{"nothing left of a letter by an answer", []edit{
		{first, "", "---\nid: before-setting-off\nsubject: A\ncheck_in: {question: Q?}\n---\n{{if .Solo}}{{snippet \"footer\"}}{{end}}\n"},
		{second, "", "---\nid: name-the-break\nsubject: A\n---\n{{if .Solo}}{{else}}{{snippet \"footer\"}}{{end}}\n"},
	}},
	{"a letter that fails for one answer", []edit{{first, "this is", "{{if .Solo}}{{snippet \"a\"}}{{end}}"}, {"_snippets/a.md", "", "{{if .Solo}}{{snippet \"a\"}}{{else}}x{{end}}\n"}}},
	{"no footer for one answer", []edit{{first, "{{snippet \"footer\"}}", "{{if .Solo}}x{{else}}{{snippet \"footer\"}}{{end}}"}}},
	{"actions that are no course's", []edit{{first, "this is", "{{range .Name}}x{{end}}{{with .Name}}x{{end}}{{template \"x\"}}{{$x := .Name}}{{.}}{{1}}{{true}}{{nil}}"}}},
	{"too many actions", []edit{{first, "this is", strings.Repeat("{{.Name | or \"x\"}}", mostNodes)}}},
	{"too many pipes", []edit{{first, "this is", "{{.Name" + strings.Repeat("|or \"x\"", mostNodes) + "}}"}}},
	{"define", []edit{{first, "this is", "{{define \"x\"}}y{{end}}"}}},
	{"functions wrongly used", []edit{{first, "this is", "{{or}} {{snippet}} {{snippet .Name}} {{\"footer\" | snippet}} {{helplines \"GB\"}} {{.Name \"x\"}} {{\"x\" | .Name}}"}}},
	{"no fallback", []edit{{first, `{{.Name | or "reader"}}`, "{{.Name}}"}}},
	{"unknown snippet", []edit{{first, `{{snippet "footer"}}`, `{{snippet "foter"}} {{snippet "footer"}}`}}},
	{"snippets in a circle", []edit{{footerPath, "", `{{snippet "a"}}`}, {"_snippets/a.md", "", `{{snippet "footer"}}`}}},
	{"fault in a snippet is told once", []edit{{footerPath, "", "Words.\n\n  {{helpline}}\n"}}},
	{"snippets without end", []edit{{footerPath, "", strings.Repeat(`{{snippet "a"}}`, 60)}, {"_snippets/a.md", "", strings.Repeat(`{{snippet "b"}}`, 60)}, {"_snippets/b.md", "", "b"}}},
	{"empty snippet", []edit{{footerPath, "", " \n"}}},
	{"nothing left without a name", []edit{{second, "", "---\nid: name-the-break\nsubject: B\n---\n{{if .Name}}{{.Name}}{{snippet \"footer\"}}{{end}}\n"}}},
	{"what a mail leaves out or cannot follow", []edit{{first, "this is", "<b>this</b> is <!-- a note --> ![a map](map.png) [here](page.html), [there](//example.org/) and [not](javascript:run(1)), but [well](https://example.org), <mail@example.org>, [call](tel:112) and"}, {second, "\n\n{{snippet \"footer\"}}", "\n\n<!-- a note -->\n\n<div>\nlost\n</div>\n\n{{snippet \"footer\"}}"}, {footerPath, "", "Words and <span>more</span>.\n"}}},
	{"missing footer", []edit{{second, "\n\n{{snippet \"footer\"}}", ""}}},
	{"no help lines", []edit{{"_data/help.yaml", "", ""}}},

	// Help.
	{"bad help lines", []edit{{"_data/help.yaml", "GB:", "UK:"}, {"_data/help.yaml", "contact: 999, ", ""}, {"_data/help.yaml", "2026-11-01", "1.11.2026"}, {"_data/help.yaml", "\"\":", "default:"}}},
	{"help as a list", []edit{{"_data/help.yaml", "", "- a\n"}}},

	// Translations, mails, folders.
	{"translation of nothing", []edit{{german, "id: before-setting-off", "id: before-setting-of"}}},
	{"translation without question", []edit{{german, "check_in: {question: Ist das frei gewählt?}\n", ""}}},
	{"translation with other answers", []edit{{german, "gewählt?}", "gewählt?, answers: [ready]}"}}},
	{"translation of another kind", []edit{{german, "gewählt?}", "gewählt?, kind: safety}"}}},
	{"translation that asks by itself", []edit{{"de/offender/02.md", "", "---\nid: name-the-break\nsubject: B\ncheck_in: {question: C?}\n" + letterTail}}},
	{"translated twice", []edit{{"de/offender/02.md", "", "---\nid: before-setting-off\nsubject: B\ncheck_in: {question: C?}\n" + letterTail}}},
	{"translated mail and snippet without default", []edit{{"_mails/reminder.md", "", ""}, {"de/_snippets/x.md", "", "x"}}},
	{"unknown mail", []edit{{"_mails/remind.md", "", "---\nsubject: B\n---\nx\n"}}},
	{"mail with an id", []edit{{"_mails/reminder.md", "subject:", "id: x\nsubject:"}}},
	{"unlisted lesson", []edit{{"offender/04.md", "", "---\nid: four\nsubject: Four\n" + letterTail}}},
	{"unknown folders", []edit{{"ofender/a.md", "", "x"}, {"fr/offenders/x.md", "", "x"}, {"de/offenders/x.md", "", "x"}, {"en/offender/a.md", "", "x"}, {"DE/offender/a.md", "", "x"}, {"_snippet/a.md", "", "x"}}},
	{"unknown files", []edit{{"offender/a.markdown", "", "x"}, {"offender/.hidden", "", "x"}, {"README.md", "", "x"}}},
	{"not UTF-8", []edit{{first, "this is", "ä\xff"}, {manifestPath, "title: The", "title: \xe9"}}},
	{"too large", []edit{{second, "", strings.Repeat("x", mostBytes+1)}}},
	{"too much YAML", []edit{{manifestPath, "[before-setting-off, name-the-break]", "[" + strings.Repeat("a, ", maxTokens/2) + "]"}}},
	{"a bomb of faults", []edit{{manifestPath, "first: at-once", strings.Repeat("first: at-once\n", 5000)}}},
}

// TestFaults compares every fault's place, words and code with a golden file;
// behind each stands what the author sees at that place.
func TestFaults(t *testing.T) {
	t.Parallel()
	const golden = "testdata/faults.golden"
	var b strings.Builder
	for _, test := range faultCases {
		files := edited(t, test.edits...)
		c, report := Load(FromFiles(files))
		if len(report) == 0 {
			t.Errorf("%s: no fault", test.name)
		}
		if (c == nil) != report.Failed() {
			t.Errorf("%s: a course comes with errors, or none without", test.name)
		}
		fmt.Fprintf(&b, "== %s\n", test.name)
		for i, f := range report {
			if i == 10 {
				fmt.Fprintf(&b, "… %d in all\n", len(report))
				break
			}
			fmt.Fprintf(&b, "%s [%s] at %.12q\n", f, f.Code, lineAt(files, f))
		}
	}
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	got, wanted := strings.Split(b.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(got), len(wanted)) {
		g, w := at(got, i), at(wanted, i)
		if g != w {
			t.Fatalf("line %d of %s\n got %s\nwant %s", i+1, golden, g, w)
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(end)"
}

// lineAt is the text that a fault points at.
func lineAt(files map[string][]byte, f Fault) string {
	lines := strings.Split(string(files[f.File]), "\n")
	if f.Line > len(lines) {
		return "(no such line)"
	}
	line := []rune(lines[f.Line-1])
	if f.Column > len(line) {
		return ""
	}
	return string(line[f.Column-1:])
}

func TestFaultsOfAFileSystem(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, FromFiles(goodFiles(t))); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{
		"offender/dangling.md": "nowhere",
		"offender/folder.md":   "../_snippets",
		"offender/.#lock.md":   "nobody@host",
		"pieces":               "_snippets",
	} {
		if err := os.Symlink(target, dir+"/"+link); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	if err := os.Mkdir(dir+"/offender/drafts.md", 0o755); err != nil {
		t.Fatal(err)
	}
	_, report := Load(os.DirFS(dir))
	var got []string
	for _, f := range report {
		got = append(got, f.File+" "+f.Code)
		if strings.Contains(f.String(), dir) {
			t.Errorf("the fault tells where the machine keeps its files: %s", f)
		}
	}
	if want := "[offender/dangling.md unreadable-file pieces unknown-folder]"; fmt.Sprint(got) != want {
		t.Errorf("faults %v, want %v", got, want)
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	_, report := Load(FromFiles(edited(t, edit{manifestPath, "        gap: 3d", "        gaps: 3d"}, edit{second, "\n\n{{snippet \"footer\"}}", ""})))
	under := report.Under("courses/long-road")
	const want = `courses/long-road/course.yaml:16:9: error: unknown key "gaps"; write "gap"`
	if len(under) != 2 || under[0].String() != want || under.Err().Error() != want {
		t.Errorf("got %v, want first %s", under, want)
	}
	if report[0].File != "course.yaml" {
		t.Error("Under changed the report that it was given")
	}
	if (Report{under[1]}).Failed() || (Report{under[1]}).Err() != nil {
		t.Error("a warning alone fails the course")
	}
}

// everything lists a file system's files with their bytes.
func everything(fsys fs.FS) (map[string][]byte, error) {
	files := make(map[string][]byte)
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[name], err = fs.ReadFile(fsys, name)
		return err
	})
	return files, err
}
