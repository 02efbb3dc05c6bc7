package course

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// fillTracks puts the letters into the stages that list them, and reports
// letters that are missing, doubled or listed nowhere.
func (l *loader) fillTracks() {
	for _, decl := range l.manifest.tracks {
		originals, complete := l.originals(decl)
		f := filling{l, decl, originals, complete, make(map[string]*Lesson)}
		for _, stage := range decl.stages {
			stage.stage.Lessons = f.letters(stage.lessons)
			stage.stage.Practice = f.letters(stage.practice)
			for i, letter := range stage.stage.Practice {
				if letter.Asks() {
					l.report.fail(stage.practice[i].at, "practice-asks", fmt.Sprintf("the practice letter %q has a check_in", letter.ID), "take check_in away: nothing waits for the answer to a practice letter")
				}
			}
		}
		for _, s := range l.letters {
			if !decl.partial && s.track == decl.track.ID && s.language == "" && s.letter != nil && s.letter.id.text != "" && !decl.lists(s.letter.id.text) {
				l.report.warn(s.letter.id.at, "unlisted-lesson", fmt.Sprintf("no stage of %s lists the lesson %q", decl.track.ID, s.letter.id.text), "list it in course.yaml, or take the file away")
			}
		}
		l.translate(decl, originals, f.made, complete)
	}
}

// lists reports whether a stage of the track names a letter.
func (decl *trackDecl) lists(id string) bool {
	return slices.ContainsFunc(decl.stages, func(s stageDecl) bool {
		named := func(w word) bool { return w.text == id }
		return slices.ContainsFunc(s.lessons, named) || slices.ContainsFunc(s.practice, named)
	})
}

// filling makes the letters that a track's stages list, each once.
type filling struct {
	*loader
	decl      *trackDecl
	originals map[string]*letter
	complete  bool
	made      map[string]*Lesson
}

func (f filling) letters(listed []word) []*Lesson {
	var all []*Lesson
	for _, w := range listed {
		original := f.originals[w.text]
		switch {
		case original == nil:
			if f.complete {
				f.report.fail(w.at, "unknown-lesson", fmt.Sprintf("no file in %s/ has the id %s", f.decl.track.ID, quoted(w.text)), oneOf(w.text, keysOf(f.originals))+", or write its file")
			}
			// A placeholder keeps the order for the checks that follow.
			all = append(all, &Lesson{ID: w.text})
			continue
		case f.made[w.text] == nil:
			lesson := &Lesson{ID: w.text, CheckIn: original.checkIn, covers: original.covers, Texts: map[string]Text{f.course.Language: original.text}}
			for _, point := range original.covers {
				lesson.Covers = append(lesson.Covers, point.text)
			}
			f.made[w.text] = lesson
		}
		all = append(all, f.made[w.text])
	}
	return all
}

// originals are the letters of a track in the default language, by id. They
// are complete when every file told its id.
func (l *loader) originals(decl *trackDecl) (byID map[string]*letter, complete bool) {
	byID, complete = make(map[string]*letter), isSlug(decl.track.ID)
	for _, s := range l.letters {
		if s.track != decl.track.ID || s.language != "" {
			continue
		}
		if s.letter == nil || s.letter.id.text == "" {
			complete = false
			continue
		}
		if first := byID[s.letter.id.text]; first != nil {
			l.duplicate(s.letter, first)
			complete = false // the second one stands where another was meant
			continue
		}
		byID[s.letter.id.text] = s.letter
	}
	return byID, complete
}

func (l *loader) duplicate(second, first *letter) {
	l.report.fail(second.id.at, "duplicate-id", fmt.Sprintf("%s has the id %q too", first.text.File, first.id.text), "give each lesson of a track an id of its own")
}

// translate adds the letters of other languages to their lessons.
func (l *loader) translate(decl *trackDecl, originals map[string]*letter, lessons map[string]*Lesson, complete bool) {
	firsts := make(map[[2]string]*letter)
	for _, s := range l.letters {
		if s.track != decl.track.ID || s.language == "" || s.letter == nil || s.letter.id.text == "" {
			continue
		}
		id := s.letter.id
		key := [2]string{s.language, id.text}
		if first := firsts[key]; first != nil {
			l.duplicate(s.letter, first)
			continue
		}
		firsts[key] = s.letter
		original := originals[id.text]
		if original == nil {
			if complete {
				l.report.fail(id.at, "unknown-lesson", fmt.Sprintf("no file in %s/ has the id %s", decl.track.ID, quoted(id.text)), oneOf(id.text, keysOf(originals)))
			}
			continue
		}
		l.compare(s.letter, original)
		if lesson := lessons[id.text]; lesson != nil {
			lesson.Texts[s.language] = s.letter.text
		}
	}
}

// compare reports where a translation asks something else than its original.
func (l *loader) compare(translation, original *letter) {
	asks := translation.asked.line != 0
	switch {
	case asks && original.asked.line == 0:
		l.report.fail(translation.asked, "check-in-differs", fmt.Sprintf("%s asks nothing", original.text.File), "take check_in away here, or add it there")
	case !asks && original.asked.line != 0:
		l.report.fail(translation.top, "missing-question", fmt.Sprintf("%s asks a question that is not translated", original.text.File), "add check_in: {question: …}")
	case translation.checkIn != nil && original.checkIn != nil:
		if at, ok := translation.fits(original.checkIn); !ok {
			l.report.fail(at, "check-in-differs", fmt.Sprintf("the check-in of %s has another kind or other answers", original.text.File), "leave kind and answers out of a translation")
		}
	}
}

// checkCounterparts settles which tracks can be linked. It takes two: a track
// that is named by another one, and names none, names that one.
func (l *loader) checkCounterparts() {
	for _, decl := range l.manifest.tracks {
		w := decl.counterpart
		if w.text == "" {
			continue
		}
		other := l.manifest.track(w.text)
		switch {
		case other == nil || other == decl:
			var others []string
			for _, t := range l.manifest.tracks {
				if t != decl {
					others = append(others, t.track.ID)
				}
			}
			l.report.fail(w.at, "unknown-track", fmt.Sprintf("%s is no other track of this course", quoted(w.text)), oneOf(w.text, others))
		case other.track.Counterpart == "":
			other.track.Counterpart = decl.track.ID
		case other.track.Counterpart != decl.track.ID:
			l.report.fail(w.at, "counterpart-differs", fmt.Sprintf("the counterpart of %q is %q", other.track.ID, other.track.Counterpart), "let two tracks name each other")
		}
	}
}

// checkGates reports lessons that would wait for ever for an answer to the
// letter before them.
func (l *loader) checkGates() {
	for _, decl := range l.manifest.tracks {
		var before *Lesson
		for _, stage := range decl.stages {
			for i, lesson := range stage.stage.Lessons {
				// One without texts is missing, which is reported.
				if before != nil && before.Texts != nil && stage.stage.Gate == GateReady && !before.CanBeReady() {
					l.report.fail(stage.lessons[i].at, "closed-gate", fmt.Sprintf("%q waits for ready to %q, which cannot be answered so", lesson.ID, before.ID),
						fmt.Sprintf("give %q a check_in with ready, or write gate: none", before.ID))
				}
				before = lesson
			}
		}
	}
}

func keysOf(letters map[string]*letter) []string {
	return slices.Sorted(maps.Keys(letters))
}

func parseRef(s string) (LessonRef, bool) {
	track, lesson, ok := strings.Cut(s, "/")
	return LessonRef{track, lesson}, ok && track != "" && lesson != ""
}
