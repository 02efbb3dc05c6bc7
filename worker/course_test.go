package worker

import (
	"strings"
	"testing/fstest"
)

// trial is a course of three lessons, gated, on Tuesdays and Saturdays.
func trial() fstest.MapFS { return trialOf("trial", "ready") }

// trialOf is the trial course under another name, with another gate, and with as
// many tracks as there are names; each has the same three letters.
func trialOf(id, gate string, tracks ...string) fstest.MapFS {
	if len(tracks) == 0 {
		tracks = []string{"one"}
	}
	lesson := func(id string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("---\nid: " + id + "\nsubject: Letter " + id + "\ncheck_in: {question: Ready?}\n---\nDear {{.Name | or \"reader\"}}, letter " + id + ". {{snippet \"footer\"}}\n")}
	}
	var yaml strings.Builder
	yaml.WriteString("course: " + id + "\ntitle: Trial\nlanguage: en\nsender: Trial Letters\n" +
		"window: {days: [tue, sat], at: \"09:00\", until: \"20:00\"}\ntracks:\n")
	files := fstest.MapFS{"_snippets/footer.md": {Data: []byte("Be safe.\n")}}
	for _, track := range tracks {
		yaml.WriteString("  " + track + ":\n    title: One\n    stages:\n" +
			"      - {id: only, title: Only, gap: 3d, gate: " + gate + ", lessons: [a, b, c]}\n")
		for _, l := range []string{"a", "b", "c"} {
			files[track+"/"+l+".md"] = lesson(l)
		}
	}
	files["course.yaml"] = &fstest.MapFile{Data: []byte(yaml.String())}
	return files
}
