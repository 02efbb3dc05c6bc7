package course

import (
	"os"
	"testing"
)

// The shipped letters speak to adults in few words: readers of about 12 to 14
// years would follow them.
const (
	youngest = 11.0
	oldest   = 14.5
)

// TestProof prints how long and how hard to read each letter of the shipped course
// is, for both kinds of reader. What is out of a letter's bounds lint finds.
func TestProof(t *testing.T) {
	t.Parallel()
	c, report := Load(os.DirFS("../../courses/long-road"))
	if c == nil {
		t.Fatalf("the shipped course has faults: %v", report)
	}
	for _, fault := range LintProse(c) {
		t.Errorf("prose: %s", fault)
	}
	letters := map[string]bool{}
	for _, track := range c.Tracks {
		t.Logf("prose: %-40s %6s %6s %6s %12s %6s %6s", track.ID, "age", "grade", "words", "solo: age", "grade", "words")
		for _, stage := range track.Stages {
			for i, lesson := range append(stage.Lessons[:len(stage.Lessons):len(stage.Lessons)], stage.Practice...) {
				name := "lesson " + lesson.ID
				if i >= len(stage.Lessons) {
					name = "practice " + lesson.ID
				}
				if letters[track.ID+name] {
					continue // stages may share one
				}
				letters[track.ID+name] = true
				all, err := c.prose(lesson.Texts[c.Language], Rendering{Language: c.Language})
				if err != nil {
					t.Fatal(err)
				}
				solo, err := c.prose(lesson.Texts[c.Language], Rendering{Language: c.Language, Solo: true})
				if err != nil {
					t.Fatal(err)
				}
				if min(all.age(), solo.age()) < youngest || max(all.age(), solo.age()) > oldest {
					t.Errorf("prose: %s is for an age of %.1f, alone %.1f", name, all.age(), solo.age())
				}
				t.Logf("prose: %-40s %6.1f %6.1f %6d %12.1f %6.1f %6d", name, all.age(), all.grade(), all.words, solo.age(), solo.grade(), solo.words)
			}
		}
	}
	if len(letters) < 32 {
		t.Errorf("%d letters", len(letters))
	}
}
