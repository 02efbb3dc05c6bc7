package course

import (
	"strings"
	"testing"
)

func TestSyllables(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]int{
		"a": 1, "the": 1, "come": 1, "came": 1, "time": 1, "times": 1, "little": 2, "table": 2, "walked": 1, "wanted": 2, "needed": 2,
		"houses": 2, "letter": 2, "somebody": 4, "answer": 2, "don't": 1, "you’re": 1, "well-known": 2, "safety": 3,
		"responsibility": 6, "2027": 1, "me": 1, "be": 1, "quiet": 1, "every": 3,
	} {
		if got := syllables(word); got != want {
			t.Errorf("%s has %d syllables, want %d", word, got, want)
		}
	}
}

func TestProse(t *testing.T) {
	t.Parallel()
	got := proseOf("# A head\n\nDear reader, this is one. Is *this* two? \"Yes!\"\nAnd four\n\n- five\n- [six](https://example.org/a.b)\n\n<!-- no. -->\n")
	if want := (prose{words: 15, sentences: 7, syllables: 16}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if grade := (prose{words: 100, sentences: 5, syllables: 150}).grade(); grade < 9.9 || grade > 9.92 {
		t.Errorf("grade %v", grade)
	}
	if age := (prose{long: 30, sentences: 30}).age(); age < 13.84 || age > 13.85 {
		t.Errorf("age %v", age)
	}
	if grade := (prose{}).grade(); grade != 0 {
		t.Errorf("grade of nothing %v", grade)
	}
}

// sentences are so many plain sentences of five words.
func sentences(n int) string { return strings.Repeat("We all sat and talked.\n", n) }

func TestLintProse(t *testing.T) {
	t.Parallel()
	hard := strings.Repeat("Responsibility necessitates considerable conscientiousness, notwithstanding institutional impediments. ", 60)
	for _, c := range []struct{ name, body, want string }{
		{"right", sentences(60), ""},
		{"short", sentences(49), "short-letter: the letter has 245 words"},
		{"at the bounds", sentences(50), ""},
		{"at the other", sentences(140), ""},
		{"long", sentences(141), "long-letter: the letter has 705 words"},
		{"long for some", sentences(100) + "{{if .Solo}}" + sentences(41) + "{{end}}", "long-letter: the letter has 705 words for readers on their own"},
		{"hard", hard, "hard-letter: "},
	} {
		files := edited(t, edit{first, "", "---\nid: before-setting-off\nsubject: A\ncheck_in: {question: Q?}\n---\n" + c.body + "\n\n{{snippet \"footer\"}}\n"})
		course, report := Load(FromFiles(files))
		if report.Failed() {
			t.Fatal(report)
		}
		var got []string
		for _, f := range LintProse(course) {
			if f.File == first {
				got = append(got, f.Code+": "+f.Cause)
			}
		}
		if text := strings.Join(got, "; "); !strings.HasPrefix(text, c.want) || c.want == "" && text != "" {
			t.Errorf("%s: %q, want %q", c.name, text, c.want)
		}
	}
}

// Practice letters may be short, and no letter in another language has a grade.
func TestLintProseLeaves(t *testing.T) {
	t.Parallel()
	files := edited(t,
		edit{manifestPath, "        gap: 1w", "        gap: 1w\n        practice: [walk]"},
		edit{"offender/walk.md", "", "---\nid: walk\nsubject: A walk\n" + letterTail},
		edit{"de/offender/walk.md", "", "---\nid: walk\nsubject: Gehen\n---\n" + strings.Repeat("Verantwortungsbewusstsein ", 40) + "\n"})
	course, report := Load(FromFiles(files))
	if report.Failed() {
		t.Fatal(report)
	}
	for _, f := range LintProse(course) {
		if strings.HasSuffix(f.File, "walk.md") {
			t.Error(f)
		}
	}
}
