package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"longroad/courses"
)

// copyCourse writes the shipped course into a folder, with changes by path.
func copyCourse(t *testing.T, changes map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "road")
	files, err := fs.Sub(courses.FS, "long-road")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	for name, text := range changes {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		os.Remove(file) // what was copied is read-only
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// shortCourse writes the shipped course into a folder, cut off after the first
// stage of each track: a way of two letters, which ends.
func shortCourse(t *testing.T) string {
	t.Helper()
	raw, err := fs.ReadFile(courses.FS, "long-road/course.yaml")
	if err != nil {
		t.Fatal(err)
	}
	manifest := map[string]any{}
	if err := yaml.Unmarshal(raw, &manifest); err != nil {
		t.Fatal(err)
	}
	delete(manifest, "barriers")
	for _, track := range manifest["tracks"].(map[string]any) {
		track := track.(map[string]any)
		track["stages"] = track["stages"].([]any)[:1]
	}
	short, err := yaml.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	return copyCourse(t, map[string]string{"course.yaml": string(short)})
}

// broken adds a fault to a course.
func broken() map[string]string {
	return map[string]string{"_snippets/footer.md": "{{.Nmae}}\n"}
}

func TestLint(t *testing.T) {
	t.Parallel()
	env := testEnvironment()
	env.Now = func() time.Time { return time.Date(2027, 1, 15, 0, 0, 0, 0, time.UTC) }
	whole, faulty := copyCourse(t, nil), copyCourse(t, broken())
	warned := copyCourse(t, map[string]string{"offender/notes.txt": "for us"})

	if got := try(t, env, "course", "lint", faulty+"/"); got.code != exitFault ||
		!strings.Contains(got.out, faulty+"/_snippets/footer.md:1:") || !strings.Contains(got.out, ": error: ") || !strings.Contains(got.out, "1 error") {
		t.Errorf("a course with an error: %+v", got)
	}
	if got := try(t, env, "course", "lint", warned); got.code != exitFine || !strings.Contains(got.out, "offender/notes.txt:1:1: warning: ") {
		t.Errorf("a course with a warning: %+v", got)
	}
	if got := try(t, env, "course", "lint", filepath.Join(whole, "course.yaml")); got.code != exitMisuse || !strings.Contains(got.errors, "is a file") {
		t.Errorf("a file: %+v", got)
	}
	later := *env
	later.Now = func() time.Time { return time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC) }
	if got := try(t, &later, "course", "lint", whole); got.code != exitFine || !strings.Contains(got.out, "was last checked on") {
		t.Errorf("old help lines: %+v", got)
	}
}

func TestLintJSON(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		changes map[string]string
		code    int
		errors  int
	}{"whole": {nil, exitFine, 0}, "broken": {broken(), exitFault, 1}} {
		got := try(t, testEnvironment(), "course", "lint", "--json", copyCourse(t, c.changes))
		var l linted
		if err := json.Unmarshal([]byte(got.out), &l); err != nil {
			t.Fatal(err)
		}
		if got.code != c.code || l.Errors != c.errors || l.Errors+l.Warnings != len(l.Findings) || (l.Course == "long-road" && len(l.Hash) == 64) != (c.errors == 0) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Date(2027, 3, 1, 10, 0, 0, 0, time.UTC)) // publishes what is built in
	before := try(t, b.env, "course", "versions", "long-road")
	if before.code != exitFine || !strings.Contains(before.out, "current") || !strings.Contains(before.out, "0 readers") {
		t.Errorf("versions: %+v", before)
	}
	if got := try(t, b.env, "course", "publish", "--all"); got.code != exitFine || !strings.Contains(got.out, "was published before; nothing changed") {
		t.Errorf("again: %+v", got)
	}
	dir := copyCourse(t, broken())
	got := try(t, b.env, "course", "publish", dir)
	if got.code != exitFault || !strings.Contains(got.out, "footer.md:1:") || !strings.Contains(got.out, dir+": refused; what was current goes on") {
		t.Errorf("a course with an error: %+v", got)
	}
	if after := try(t, b.env, "course", "versions", "long-road"); after != before {
		t.Errorf("a refused course changed the versions: %+v", after)
	}
	b.now = b.now.Add(time.Hour)
	if got := try(t, b.env, "course", "publish", copyCourse(t, map[string]string{"_snippets/answering.md": "Answer when you like.\n"})); got.code != exitFine || !strings.Contains(got.out, "is current") {
		t.Errorf("a change: %+v", got)
	}
	var versions []courseVersion
	if err := json.Unmarshal([]byte(try(t, b.env, "course", "versions", "--json").out), &versions); err != nil {
		t.Fatal(err)
	}
	if len(versions) != 2 || !versions[0].Current || versions[1].Current || !versions[0].PublishedAt.Equal(b.now) {
		t.Errorf("versions: %+v", versions)
	}
	if got := try(t, b.env, "course", "versions", "nothing"); got.code != exitFault || !strings.Contains(got.errors, "no version") {
		t.Errorf("an unknown course: %+v", got)
	}
}
