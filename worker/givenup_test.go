package worker

import (
	"errors"
	"testing"
	"testing/fstest"

	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

func refuse(posted) mailer.Outcome {
	return mailer.Outcome{Result: mailer.ResultRefused, Code: 554, Enhanced: "5.6.0", Blame: mailer.BlameMail}
}

// TestGivenUpConfirmation sends the question again, or lets it go.
func TestGivenUpConfirmation(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]string{"resent": "confirm sent", "let go": "confirm cancelled"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, trial(), noon)
			s.post.answer = refuse
			sub := s.signUpOwed(t, "reader@example.org")
			s.run()
			s.settle()
			d := s.letter(sub, store.ConfirmStep)
			if d.State != store.GivenUp {
				t.Fatalf("it is %s", d.State)
			}
			s.stop()
			s.post.answer = nil
			if name == "resent" {
				must(t, s.road.Resend(t.Context(), d.Ref, journey.ByOperator))
			} else {
				must(t, s.road.LetGo(t.Context(), d.Ref, journey.ByOperator))
			}
			s.start(s.newWorker("w2", s.post))
			s.settle()
			if got := s.states(sub); got != act || s.subscription("reader@example.org").State.Status != pacing.Pending {
				t.Errorf("it is %s", got)
			}
			for _, again := range []error{s.road.Resend(t.Context(), d.Ref, journey.ByOperator), s.road.LetGo(t.Context(), d.Ref, journey.ByOperator)} {
				if !errors.Is(again, journey.ErrNotGivenUp) {
					t.Errorf("again: %v", again)
				}
			}
		})
	}
}

// TestSafetyIsNotPassedOver lets nobody go on without the question whether the
// reader is safe.
func TestSafetyIsNotPassedOver(t *testing.T) {
	t.Parallel()
	files := trial()
	files["one/a.md"] = &fstest.MapFile{Data: []byte("---\nid: a\nsubject: Letter a\ncheck_in: {question: Are you safe?, kind: safety}\n---\nDear reader. {{snippet \"footer\"}}\n")}
	s := newStack(t, files, noon)
	s.post.answer = refuse
	sub := s.readers(t, 1)[0]
	s.run()
	s.settle()
	d := s.letter(sub, "lesson/a")
	var no journey.MayNotGo
	if err := s.road.LetGo(t.Context(), d.Ref, journey.ByOperator); !errors.As(err, &no) {
		t.Errorf("the error is %v", err)
	}
	if got := s.letter(sub, "lesson/a"); got.State != store.GivenUp {
		t.Errorf("it is %s", got.State)
	}
	s.stop()
	s.post.answer = nil
	must(t, s.road.Resend(t.Context(), d.Ref, journey.ByOperator))
	s.start(s.newWorker("w2", s.post))
	s.settle()
	if got := s.letter(sub, "lesson/a"); got.State != store.Sent || got.MessageID != d.MessageID {
		t.Errorf("it is %s", got.State)
	}
}
