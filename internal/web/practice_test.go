package web

import (
	"net/http"
	"testing"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

// practising gives every stage of the reader's track a practice letter, or none.
func (h *house) practising(some bool) {
	for _, s := range h.course.Track("offender").Stages {
		s.Practice = nil
		if some {
			s.Practice = []*course.Lesson{{ID: "walk"}}
		}
	}
}

func TestPreferencesOfPractice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.practising(false)
	h.deliver()
	expect(t, h.get(h.mePath()), 200, "!Practice letters", "!practice-")
	h.practising(true)
	expect(t, h.get(h.mePath()), 200, `<h2 id="practice">Practice letters</h2>`, `value="practice-off"`, "!practice-on")
	expect(t, h.post(h.mePath(), "intent", "practice-off"), 200, `role="status"`, "No more practice letters.", `value="practice-on"`, `!value="practice-off"`)
	if !h.state.Practice.Off {
		t.Error("practice letters are not switched off")
	}
	expect(t, h.post(h.mePath(), "intent", "practice-off"), 200, "Nothing has changed.")
	expect(t, h.post(h.mePath(), "intent", "practice-on"), 200, "Practice letters may come again.", `value="practice-off"`)
	h.step(pacing.Event{Kind: pacing.Halt})
	expect(t, h.get(h.mePath()), http.StatusOK, "!Practice letters")
	h.state.Status = pacing.Completed
	expect(t, h.get(h.mePath()), http.StatusOK, "!Practice letters")
}

// The next letter that a page tells of is the lesson; a practice letter before it
// is none.
func TestNextLetterLooksPastPractice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.practising(true)
	for _, s := range h.course.Track("offender").Stages {
		s.Gap = course.Span{Days: 30}
	}
	h.deliver()
	h.step(pacing.Event{Kind: pacing.Ready})
	if next := h.state.Next; next == nil || next.Kind != pacing.KindPractice {
		t.Fatalf("next is %+v", next)
	}
	expect(t, h.get(h.mePath()), 200, "The next letter comes not before Tuesday, 22 December 2026")
}
