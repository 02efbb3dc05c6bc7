package web

import (
	"testing"

	"longroad/internal/course"
	"longroad/internal/pacing"
)

// asksSafety makes the letter one that asks the safety question.
func (h *house) asksSafety() {
	lesson := *h.lesson
	lesson.CheckIn = &course.CheckIn{Kind: course.CheckInSafety, Answers: []course.Answer{course.AnswerYes, course.AnswerNo, course.AnswerUnsure}}
	h.lesson = &lesson
	h.deliver()
}

func TestSafetyQuestion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		intent string
		kind   pacing.EventKind
		says   []string
	}{
		{"yes", pacing.Ready, []string{"Noted.", "0808 2000 247"}},
		{"no", pacing.Unsafe, []string{"do not feel safe", "0808 2000 247", "Letters for me alone", "Change my answer", "!Take a pause", "!not before"}},
		{"unsure", pacing.Unsafe, []string{"You told us that you are not sure", "0808 2000 247", "Letters for me alone", "!Take a pause"}},
		{"alone", pacing.Ready, []string{"for you alone", "0808 2000 247", "leave out what two people do together"}},
		{"not-yet", pacing.NotYet, []string{"Noted: not yet."}},
	} {
		h := newHouse(t)
		h.asksSafety()
		expect(t, h.get(h.checkInPath()), 200, `value="yes"`, `value="no"`, `value="unsure"`, `value="alone"`, `value="not-yet"`, `!value="ready"`)
		expect(t, h.post(h.checkInPath(), "intent", c.intent), 200, c.says...)
		safety := course.Answer(c.intent)
		if c.kind == pacing.NotYet {
			safety = "" // it answers no question
		}
		if len(h.answers) != 1 || h.answers[0].Kind != c.kind || h.answers[0].Safety != safety {
			t.Errorf("%s: answers %+v", c.intent, h.answers)
		}
		expect(t, h.post(h.checkInPath(), "intent", "ready"), 422, "Please choose one.")
	}
}

// Who answered the safety question by mail is led to its page, which must show
// what followed from it, and people to talk to, to everybody alike.
func TestSafetyQuestionShowsPeopleToTalkTo(t *testing.T) {
	t.Parallel()
	for _, status := range []pacing.Status{pacing.Awaiting, pacing.Resting} {
		h := newHouse(t)
		h.asksSafety()
		h.state.Status = status
		rests := map[pacing.Status]string{pacing.Awaiting: "!The letters are resting", pacing.Resting: "The letters are resting"}[status]
		expect(t, h.get(h.checkInPath()), 200, "If you ever need somebody to talk to", "0808 2000 247", rests)
	}
	h := newHouse(t)
	h.deliver()
	expect(t, h.get(h.checkInPath()), 200, "!0808 2000 247")
}

// The page of the last letter promises no other where it asks whether the reader is safe.
func TestSafetyInTheLastLetter(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deliverLast()
	h.lesson.CheckIn.Kind, h.lesson.CheckIn.Answers = course.CheckInSafety, []course.Answer{course.AnswerYes, course.AnswerNo, course.AnswerUnsure}
	expect(t, h.get(h.checkInPath()), 200, "Nothing more is asked of you", "!next letter")
	expect(t, h.post(h.checkInPath(), "intent", "yes"), 200, "Noted.", "0808 2000 247", "!next letter")
	expect(t, h.post(h.checkInPath(), "intent", "no"), 200, "do not feel safe", "!next letter")
	if h.state.Status != pacing.Resting {
		t.Errorf("the way is %s", h.state.Status)
	}
}
