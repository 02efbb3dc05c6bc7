package course

import (
	"strings"
	"testing"
)

func TestLintSubjects(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, from, to, want string }{
		{"neutral", "", "", ""},
		{"a letter", "subject: A first letter", "subject: Your partner and the affair", first + `: the subject says "partner", and a lock screen shows it`},
		{"a part of a word", "subject: A first letter", "subject: A distrustful entrusted letter", ""},
		{"another form", "subject: A first letter", "subject: When somebody Betrayed you", first + `: the subject says "Betrayed", and a lock screen shows it`},
	} {
		files := edited(t)
		if c.from != "" {
			files = edited(t, edit{first, c.from, c.to})
		}
		loaded, report := Load(FromFiles(files))
		if report.Failed() {
			t.Fatal(report)
		}
		var got []string
		for _, f := range LintSubjects(loaded) {
			got = append(got, f.File+": "+f.Cause)
		}
		if text := strings.Join(got, "\n"); text != c.want {
			t.Errorf("%s: %s, want %s", c.name, text, c.want)
		}
	}
}
