package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestWordLists(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	file("course.yaml", "course: trial\ntitle: Trial\nlanguage: en\nsender: Trial Letters\nwindow: {days: [tue], at: \"09:00\", until: \"20:00\"}\n"+
		"tracks:\n  one:\n    title: One\n    stages:\n      - {id: s, title: S, gap: 3d, gate: none, lessons: [a]}\n")
	file("one/a.md", "---\nid: a\nsubject: Letter a\n---\nDear reader.\n")
	list := func(text string) []string {
		file("_data/words/own.yaml", text)
		return []string{"course", "lint", dir}
	}
	for text, want := range map[string]string{
		"language: en\nintents:\n  ready:\n    plain: [off we go]\n":  "",
		"language: en\nintents:\n  redy:\n    plain: [off we go]\n":   "own.yaml:3:3: error: unknown intent \"redy\"",
		"language: en\nintent: x\n":                                   "own.yaml:2:1: error: unknown field \"intent\"",
		"language: en\nintents:\n  ready:\n    plain: [off (we go]\n": "own.yaml:4:13: error: ",
		"intents: {}\n": "own.yaml:1:1: error: no language",
	} {
		got := try(t, testEnvironment(), list(text)...)
		if failed := got.code == exitFault; failed != (want != "") || !strings.Contains(got.out, want) {
			t.Errorf("%q: %+v", text, got)
		}
	}
	b := newBench(t, time.Time{})
	list("language: en\nintents: {redy: {plain: [x]}}\n")
	if got := try(t, b.env, "course", "publish", dir); got.code != exitFault || !strings.Contains(got.out, "refused") {
		t.Errorf("%+v", got)
	}
}
