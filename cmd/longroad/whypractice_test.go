package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"longroad/internal/pacing"
)

// practisingCourse has forty days between its two letters, and a practice letter.
func practisingCourse(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"course.yaml": `course: long-road
title: The long road
language: en
sender: Long Road Letters
window: {days: [tue, sat], at: "09:00", until: "20:00"}
tracks:
  offender:
    title: One
    stages: [{id: only, gap: 40d, gate: ready, lessons: [a, b], practice: [walk]}]
`,
		"offender/a.md":    "---\nid: a\nsubject: A\ncheck_in: {question: Ready?}\n---\nWords.\n",
		"offender/b.md":    "---\nid: b\nsubject: B\n---\nWords.\n",
		"offender/walk.md": "---\nid: walk\nsubject: A walk\n---\nWalk.\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Why tells of practice letters as of what lies beside the way.
func TestWhyTellsOfPractice(t *testing.T) {
	t.Parallel()
	b := newBenchOf(t, time.Time{}, practisingCourse(t))
	now := func(want string) {
		t.Helper()
		_, got, _ := strings.Cut(try(t, b.env, "why", ada).out, "\nNow: ")
		if strings.TrimSpace(got) != want {
			t.Errorf("now: %q, want %q", got, want)
		}
	}
	b.at("2027-03-01 10:00")
	b.signUp(ada)
	b.sent()
	b.at("2027-03-01 10:05")
	_, _, err := b.road.Confirm(t.Context(), b.subscription(ada).Ref)
	b.must(err)
	b.claim()
	b.sent()
	now("it waits for ready to a; without an answer, the reminder of a is due Tue 16 Mar 2027, 09:00; before that, the practice letter walk (1) is due Sat 6 Mar 2027, 09:00.")
	b.answer(pacing.Ready)
	now("the letter b is due Sat 10 Apr 2027, 09:00; before that, the practice letter walk (1) is due Sat 6 Mar 2027, 09:00.")
	b.at("2027-03-06 09:00")
	b.claim()
	b.sent()
	b.at("2027-03-21 10:00") // nobody was there on the 20th
	b.claim()
	now("the letter b is due Sat 10 Apr 2027, 09:00; before that, the practice letter walk (2) is due Tue 23 Mar 2027, 09:00.")
	_, _, err = b.road.Turn(t.Context(), b.subscription(ada).Ref, pacing.Event{Kind: pacing.PracticeOff})
	b.must(err)
	now("the letter b is due Sat 10 Apr 2027, 09:00.")
	b.at("2027-04-10 09:00")
	b.claim()
	b.sent()
	b.at("2027-05-22 09:00")
	b.claim()
	b.sent()
	golden(t, "whypractice.txt", try(t, b.env, "why", ada).out)
}
