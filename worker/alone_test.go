package worker

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/pacing"
)

// asking is the trial course with a safety question in its first letter, and in
// each letter something for two and something for one.
func asking() fstest.MapFS {
	files := trial()
	for _, id := range []string{"a", "b", "c"} {
		question := "{question: Ready?}"
		if id == "a" {
			question = "{kind: safety, question: Safe?}"
		}
		files["one/"+id+".md"] = &fstest.MapFile{Data: fmt.Appendf(nil,
			"---\nid: %s\nsubject: Letter %[1]s\ncheck_in: %s\n---\n{{if .Solo}}By yourself.{{else}}Together.{{end}} {{snippet \"footer\"}}\n", id, question)}
	}
	return files
}

// TestAlone: who does not feel safe may go on, in letters for one, until a yes.
func TestAlone(t *testing.T) {
	t.Parallel()
	s := newStack(t, asking(), noon)
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	answer := func(kind pacing.EventKind, safety course.Answer) pacing.Effect {
		_, result, err := s.road.Answer(t.Context(), s.letter(sub, "lesson/a").Ref, journey.Answer{Event: pacing.Event{Kind: kind}, Safety: safety})
		must(t, err)
		return result.Effect
	}
	answer(pacing.Unsafe, course.AnswerNo)
	for s.next(noon.AddDate(0, 2, 0)) {
	}
	if got := s.states(sub); got != "confirm sent, lesson/a sent" {
		t.Fatalf("after a no: %s", got)
	}
	if effect := answer(pacing.Ready, ""); effect != pacing.Unchanged {
		t.Errorf("a ready without a word on safety is %s", effect)
	}
	if effect := answer(pacing.Ready, course.AnswerAlone); effect != pacing.Applied {
		t.Fatalf("alone is %s", effect)
	}
	for s.next(noon.AddDate(0, 3, 0)) {
	}
	if got := s.subscription("reader@example.org"); !got.Solo() || s.lastBody() != "By yourself." {
		t.Errorf("on safety %q, the letter says %s", got.Safe, s.lastBody())
	}
	answer(pacing.Ready, course.AnswerYes)
	s.say(sub, pacing.Ready)
	for s.next(noon.AddDate(0, 4, 0)) {
	}
	if got := s.states(sub); !strings.Contains(got, "lesson/c sent") || s.lastBody() != "Together." {
		t.Errorf("%s; the letter says %s", got, s.lastBody())
	}
}

// lastBody is the author's line of the last letter that went.
func (s *stack) lastBody() string {
	mails := s.post.all()
	for i := len(mails) - 1; i >= 0; i-- {
		for _, line := range []string{"By yourself.", "Together."} {
			if strings.HasPrefix(mails[i].subject, "Letter ") && strings.Contains(mails[i].body, line) {
				return line
			}
		}
	}
	return ""
}
