package course

import (
	"fmt"
	"slices"
)

// checkBarriers settles the barriers: their lessons exist, on the two sides of
// a link, and no two wait for each other.
func (l *loader) checkBarriers() {
	places := make(map[LessonRef]word) // of the barriers so far
	lessons := lessonsByRef(l.course)
	for _, decl := range l.manifest.barriers {
		ref, _, ok := l.resolve(decl.lesson, lessons)
		if !ok {
			continue
		}
		if _, twice := places[ref]; twice {
			l.report.fail(decl.lesson.at, "duplicate-id", fmt.Sprintf("the lesson %q has a barrier already", decl.lesson.text), "write all that it waits for in one waits_for")
			continue
		}
		b := Barrier{Lesson: ref, AtMost: decl.atMost}
		for _, w := range decl.waitsFor {
			awaited, lesson, ok := l.resolve(w, lessons)
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
		places[ref] = decl.lesson
	}
	for _, ref := range circular(l.course) {
		w := places[ref]
		l.report.fail(w.at, "barrier-cycle", fmt.Sprintf("%q waits, by way of the lessons before it and of other barriers, for itself", w.text), "take one of these barriers away")
	}
}

// resolve finds the lesson that a text track/lesson names.
func (l *loader) resolve(w word, lessons map[LessonRef]*Lesson) (LessonRef, *Lesson, bool) {
	ref, ok := parseRef(w.text)
	if !ok {
		l.report.fail(w.at, "unknown-lesson", fmt.Sprintf("%s names no lesson", quoted(w.text)), "write track/lesson")
		return ref, nil, false
	}
	decl := l.manifest.track(ref.Track)
	if decl == nil {
		l.report.fail(w.at, "unknown-track", fmt.Sprintf("%s is no track of this course", quoted(ref.Track)), oneOf(ref.Track, l.manifest.trackIDs()))
		return ref, nil, false
	}
	if lesson := lessons[ref]; lesson != nil || decl.partial {
		return ref, lesson, lesson != nil
	}
	var ids []string
	for _, p := range decl.track.Places() {
		ids = append(ids, p.Lesson.ID)
	}
	l.report.fail(w.at, "unknown-lesson", fmt.Sprintf("no stage of %s lists %s", ref.Track, quoted(ref.Lesson)), oneOf(ref.Lesson, ids))
	return ref, nil, false
}

func lessonsByRef(c *Course) map[LessonRef]*Lesson {
	lessons := make(map[LessonRef]*Lesson)
	for _, t := range c.Tracks {
		for _, p := range t.Places() {
			lessons[LessonRef{t.ID, p.Lesson.ID}] = p.Lesson
		}
	}
	return lessons
}

const mostCircles = 20

// circular finds lessons with a barrier that wait for themselves, one a circle.
// A lesson waits for what its barrier names and for the lesson before it, and
// so for all that these wait for.
func circular(c *Course) (found []LessonRef) {
	waits := make(map[LessonRef][]LessonRef)
	barred := make(map[LessonRef]bool)
	for _, b := range c.Barriers {
		waits[b.Lesson] = slices.Clone(b.WaitsFor)
		barred[b.Lesson] = true
	}
	for _, t := range c.Tracks {
		places := t.Places()
		for i := 1; i < len(places); i++ {
			ref := LessonRef{t.ID, places[i].Lesson.ID}
			waits[ref] = append(waits[ref], LessonRef{t.ID, places[i-1].Lesson.ID})
		}
	}
	var path []LessonRef
	done := make(map[LessonRef]bool) // present while on the path, true when left
	var visit func(ref LessonRef)
	visit = func(ref LessonRef) {
		if len(found) == mostCircles {
			return
		}
		if left, seen := done[ref]; seen {
			if !left {
				circle := path[slices.Index(path, ref):]
				found = append(found, circle[slices.IndexFunc(circle, func(r LessonRef) bool { return barred[r] })])
			}
			return
		}
		done[ref] = false
		path = append(path, ref)
		for _, next := range waits[ref] {
			visit(next)
		}
		path = path[:len(path)-1]
		done[ref] = true
	}
	for _, b := range c.Barriers {
		visit(b.Lesson)
	}
	return found
}
