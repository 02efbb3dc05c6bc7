package course

import (
	"slices"
	"testing"
)

func TestLintPoints(t *testing.T) {
	t.Parallel()
	lint := func(edits ...edit) []string {
		t.Helper()
		files := edited(t, edits...)
		c, report := Load(FromFiles(files))
		if report.Failed() {
			t.Fatal(report)
		}
		var got []string
		for _, f := range LintPoints(FromFiles(files), c) {
			got = append(got, f.String())
		}
		return got
	}
	for _, c := range []struct {
		name  string
		edits []edit
		want  []string
	}{
		{"no list, no rule", []edit{{first, "covers: [S0-P1, S2-1a]", "covers: [nothing]"}}, nil},
		{"covered", []edit{{PointsFile, "", "S0-P1: [offender]\nS2-1a: [offender]\n"}}, nil},
		{"uncovered and unknown", []edit{{PointsFile, "", "S0-P1: [offender, hurt-partner]\nS2-1b: [offender]\n"}}, []string{
			"_data/points.yaml:1:1: warning: no lesson of hurt-partner covers S0-P1; name it under covers: in the letter that teaches it, or write one",
			"_data/points.yaml:2:1: warning: no lesson of offender covers S2-1b; name it under covers: in the letter that teaches it, or write one",
			`offender/01-before.md:6:17: warning: "S2-1a" is no point of _data/points.yaml; write "S2-1b", or add it to _data/points.yaml`,
		}},
		{"practice letters cover nothing", []edit{
			{PointsFile, "", "S0-P1: [offender]\nS2-1a: [offender]\nO3: [offender]\n"},
			{manifestPath, "        gap: 1w", "        gap: 1w\n        practice: [walk]"},
			{"offender/walk.md", "", "---\nid: walk\nsubject: A walk\ncovers: [O3]\n" + letterTail},
		}, []string{"_data/points.yaml:3:1: warning: no lesson of offender covers O3; name it under covers: in the letter that teaches it, or write one"}},
		{"a track that is none", []edit{{PointsFile, "", "S0-P1: [offenders]\n"}}, []string{
			`_data/points.yaml:1:9: error: "offenders" is no track of this course; write "offender"`}},
		{"no list of points", []edit{{PointsFile, "", "- S0-P1\n"}}, []string{
			"_data/points.yaml:1:1: error: a list stands where a mapping should; write points with the tracks that cover them as key: value"}},
	} {
		if got := lint(c.edits...); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
	c, _ := Load(FromFiles(edited(t, edit{PointsFile, "", "S0-P1: [offender]\n"})))
	if c.Hash != good(t).Hash {
		t.Error("the list of points makes another version")
	}
}
