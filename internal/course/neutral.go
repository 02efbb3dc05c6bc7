package course

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// LintSubjects warns of subjects, and of a sender, that tell what the letters are
// about: a lock screen shows them to whoever glances at it. It knows English words
// for betrayal and violence alone; what else may tell is a person's to judge.
func LintSubjects(c *Course) Report {
	telling := regexp.MustCompile(`(?i)\b(?:betray|affair|cheat|adulter|unfaithful|infidel|partner|trust|hurt|abus|violen|divorc|forgiv|apolog|addict|gambl)[a-z]*`)
	report := &Report{}
	warn := func(at place, what, said string) {
		if word := telling.FindString(said); word != "" {
			report.warn(at, "telling-subject", fmt.Sprintf("the %s says %s, and a lock screen shows it", what, quoted(word)),
				"choose words that tell nothing to somebody who glances at the phone, such as: A letter for a quiet hour")
		}
	}
	warn(place{manifestFile, 1, 1}, "sender", c.Sender)
	for _, name := range slices.Sorted(maps.Keys(c.Mails)) {
		warnAll(c.Mails[name], warn)
	}
	for _, t := range c.Tracks {
		for _, s := range t.Stages {
			for _, l := range slices.Concat(s.Lessons, s.Practice) {
				warnAll(l.Texts, warn)
			}
		}
	}
	return slices.Compact(report.sorted()) // stages may share a practice letter
}

// warnAll looks at a text's subjects in English.
func warnAll(texts map[string]Text, warn func(at place, what, said string)) {
	for _, tag := range slices.Sorted(maps.Keys(texts)) {
		if base, _, _ := strings.Cut(tag, "-"); base == "en" {
			warn(place{texts[tag].File, 1, 1}, "subject", texts[tag].Subject)
		}
	}
}
