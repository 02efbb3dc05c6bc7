package course

import (
	"os"
	"strings"
	"testing"
	"time"
)

// FuzzLoad feeds course.yaml, a letter, a snippet and the help lines. Nothing may
// panic or hang; a course comes exactly when no error does; every fault has a
// place in its file and says what to do; and what is accepted can be rendered.
func FuzzLoad(f *testing.F) {
	files := goodFiles(f)
	f.Add(string(files[manifestPath]), string(files[first]), string(files[footerPath]), string(files[HelpFile]))
	for _, test := range faultCases {
		files := edited(f, test.edits...)
		if len(files[second]) < mostBytes {
			f.Add(string(files[manifestPath]), string(files[first]), string(files[footerPath]), string(files[HelpFile]))
		}
	}
	base, err := Files(os.DirFS("testdata/good"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, manifest, letter, footer, help string) {
		files := make(map[string][]byte)
		for name, text := range base {
			files[name] = text
		}
		files[manifestPath], files[first], files[footerPath], files[HelpFile] = []byte(manifest), []byte(letter), []byte(footer), []byte(help)
		c, report := Load(FromFiles(files))
		if (c == nil) != report.Failed() {
			t.Fatalf("course %v with report\n%s", c != nil, report)
		}
		for _, fault := range report {
			if fault.Line < 1 || fault.Column < 1 || fault.Cause == "" || fault.Remedy == "" || fault.Code == "" || strings.Contains(fault.String(), "\n") {
				t.Errorf("fault without a place or a remedy: %+v", fault)
			}
			if text, ok := files[fault.File]; ok && fault.Line > 1+strings.Count(string(text), "\n") {
				t.Errorf("fault below the end of its file: %+v", fault)
			}
		}
		if c == nil {
			return
		}
		for _, track := range c.Tracks {
			for _, p := range track.Places() {
				if p.Stage.Window.Until <= p.Stage.Window.At || p.Stage.Window.Days == [7]bool{} {
					t.Errorf("window %+v", p.Stage.Window)
				}
				for language, text := range p.Lesson.Texts {
					if _, err := c.Render(text, Rendering{Name: "<b>", Country: "DE", Language: language}); err != nil {
						t.Error(err)
					}
				}
			}
		}
	})
}

// TestBombs loads files as big as may be that are made to take long.
func TestBombs(t *testing.T) {
	t.Parallel()
	const size = mostBytes - 100
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	for name, text := range map[string]string{
		"brackets": fill("["), "braces": fill("{a: "), "dashes": fill("- "), "questions": fill("? "), "anchors": fill("&a "), "tags": fill("!a "), "aliases": fill("*a "), "bangs": fill("!"),
		"quotes": fill("\""), "single quotes": fill("'"), "a quote": "a: \"" + fill("x\n"), "lines": fill("a\n"), "keys": fill("a: 1\n"), "comments": fill("# x\n"), "spaces": fill(" "), "colons": fill("a:"),
		"colon lines": fill(":\n"), "bars": fill("|\n"), "folds": fill("a: >\n x\n"), "flow": "a: [" + fill("a,") + "]", "percents": fill("%"), "documents": fill("---\n"), "ends": fill("...\n"), "tabs": fill("\t"),
		"indents": indents(size), "merge": fill("<<: "), "backslashes": "a: \"" + fill("\\"), "empty flow": fill("[],"), "commas": fill(","),
		"lessons":  strings.Replace(string(goodFiles(t)[manifestPath]), "- no-but", fill("- no-buts\n          "), 1)[:size],
		"barriers": "barriers:\n" + fill("- {lesson: offender/a, waits_for: [hurt-partner/b], at_most: 9d}\n"),
		"stages":   "tracks: {a: {title: a, stages: [" + fill("{id: a, gap: 1d, lessons: [a]},") + "]}}",
		"tracks":   "tracks: {" + fill("a: {title: a},") + "}",
		"actions":  fill("{{.Name}}"), "parentheses": "{{" + fill("("), "ifs": fill("{{if .Name}}"), "snippets": fill("{{snippet \"footer\"}}"), "unknown snippets": fill("{{snippet \"x\"}}"), "bad pipes": "{{.Name" + fill("|x") + "}}", "pipes": "{{.Name" + fill("|or .Name") + "}}",
		"opens": fill("{{"), "help": fill("{{helplines}}"), "comment": "{{/*" + fill("*"),
	} {
		started := time.Now()
		files := goodFiles(t)
		files[manifestPath] = []byte(text)
		Load(FromFiles(files))
		files = edited(t, edit{first, "", "---\n" + text + "\n---\nx\n"}, edit{second, "", "---\nid: name-the-break\nsubject: B\n---\n" + text}, edit{footerPath, "", text})
		Load(FromFiles(files))
		if took := time.Since(started); took > 5*time.Second {
			t.Errorf("%s: %v", name, took)
		} else if took > time.Second {
			t.Logf("%s: %v", name, took)
		}
	}
}

// indents nests block mappings as deeply as a size allows.
func indents(size int) string {
	var b strings.Builder
	for i := 0; b.Len()+i+3 < size; i++ {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func BenchmarkLoad(b *testing.B) {
	fsys := FromFiles(goodFiles(b))
	b.ReportAllocs()
	for b.Loop() {
		if c, report := Load(fsys); c == nil {
			b.Fatal(report)
		}
	}
}
