package course

import (
	"fmt"
	"slices"
)

// checkBarriers settles the barriers: their lessons exist, on the two sides of
// a link, and no two wait for each other.
func (l *loader) checkBarriers() {
	seen := make(map[LessonRef]bool)
	for _, decl := range l.manifest.barriers {
		ref, _, ok := l.resolve(decl.lesson)
		if !ok {
			continue
		}
		if seen[ref] {
			l.report.fail(decl.lesson.at, "duplicate-id", fmt.Sprintf("the lesson %q has a barrier already", decl.lesson.text), "write all that it waits for in one waits_for")
			continue
		}
		seen[ref] = true
		b := Barrier{Lesson: ref, AtMost: decl.atMost}
		for _, w := range decl.waitsFor {
			awaited, lesson, ok := l.resolve(w)
			if !ok {
				continue
			}
			counterpart := l.course.Track(ref.Track).Counterpart
			switch {
			case awaited.Track != counterpart || counterpart == "":
				l.report.fail(w.at, "wrong-track", fmt.Sprintf("%q is not in the counterpart of %q", w.text, ref.Track), "name a lesson of the track that is its counterpart:")
				continue
			case lesson.Texts != nil && !lesson.CanBeReady():
				l.report.warn(w.at, "closed-barrier", fmt.Sprintf("%q cannot be answered ready: only at_most lifts this barrier", w.text), "name a lesson with a check_in")
			}
			if slices.Contains(b.WaitsFor, awaited) {
				l.report.fail(w.at, "duplicate-id", fmt.Sprintf("%q stands in the list twice", w.text), "keep one of the two")
				continue
			}
			b.WaitsFor = append(b.WaitsFor, awaited)
		}
		l.course.Barriers = append(l.course.Barriers, b)
		if l.circular(b) {
			l.report.fail(decl.lesson.at, "barrier-cycle", fmt.Sprintf("%q waits, by way of other barriers, for itself", decl.lesson.text), "take one of these barriers away")
		}
	}
}

// resolve finds the lesson that a text track/lesson names.
func (l *loader) resolve(w word) (LessonRef, *Lesson, bool) {
	ref, ok := parseRef(w.text)
	if !ok {
		l.report.fail(w.at, "unknown-lesson", fmt.Sprintf("%s names no lesson", quoted(w.text)), "write track/lesson")
		return ref, nil, false
	}
	track := l.course.Track(ref.Track)
	if track == nil {
		l.report.fail(w.at, "unknown-track", fmt.Sprintf("%s is no track of this course", quoted(ref.Track)), oneOf(ref.Track, l.manifest.trackIDs()))
		return ref, nil, false
	}
	var ids []string
	for _, p := range track.Places() {
		if p.Lesson.ID == ref.Lesson {
			return ref, p.Lesson, true
		}
		ids = append(ids, p.Lesson.ID)
	}
	l.report.fail(w.at, "unknown-lesson", fmt.Sprintf("no stage of %s lists %s", ref.Track, quoted(ref.Lesson)), oneOf(ref.Lesson, ids))
	return ref, nil, false
}

// circular reports whether the lesson behind a barrier must have been sent
// before it can be: an awaited lesson comes after all lessons of its track that
// stand before it, and after what these wait for.
func (l *loader) circular(b Barrier) bool {
	seen := make(map[LessonRef]bool)
	var needs func(ref LessonRef) bool
	needs = func(ref LessonRef) bool {
		if seen[ref] {
			return false
		}
		seen[ref] = true
		for _, earlier := range l.course.Track(ref.Track).Places() {
			at := LessonRef{ref.Track, earlier.Lesson.ID}
			if at == b.Lesson {
				return true
			}
			for _, other := range l.course.Barriers {
				if other.Lesson == at && slices.ContainsFunc(other.WaitsFor, needs) {
					return true
				}
			}
			if at == ref {
				break
			}
		}
		return false
	}
	return slices.ContainsFunc(b.WaitsFor, needs)
}
