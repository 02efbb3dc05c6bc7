package worker

import (
	"testing"

	"longroad/internal/journey"
	"longroad/internal/pacing"
)

// Whoever finds an old stop link wants no more letters: it ends the way that
// runs now, and taking it back wakes that one.
func TestOldStopLinkEndsTheRunningWay(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	s.run()
	first := s.signUp("reader@example.org", "one")
	s.settle()
	letters, err := s.store.DeliveriesOf(t.Context(), first.ID)
	must(t, err)
	_, err = s.road.Stop(t.Context(), first.Ref, journey.ByPage)
	must(t, err)
	s.clock.set(noon.AddDate(0, 2, 0))
	second := s.signUp("reader@example.org", "one")
	if second.ID == first.ID || second.State.Status == pacing.Stopped {
		t.Fatalf("the second way is %d, %s", second.ID, second.State.Status)
	}
	s.settle()

	for name, stop := range map[string]func() error{
		"its link": func() error { _, err := s.road.Stop(t.Context(), first.Ref, journey.ByUnsubscribe); return err },
		"a word to its letter": func() error {
			_, result, err := s.road.Answer(t.Context(), letters[1].Ref, journey.Answer{Event: pacing.Event{Kind: pacing.Stop}})
			if result.Effect != pacing.Applied {
				t.Errorf("the stop was %s", result.Effect)
			}
			return err
		},
	} {
		must(t, stop())
		if got := s.subscription("reader@example.org"); got.ID != second.ID || got.State.Status != pacing.Stopped {
			t.Fatalf("%s: the running way is %s", name, got.State.Status)
		}
		_, result, err := s.road.Return(t.Context(), first.Ref)
		must(t, err)
		if got := s.subscription("reader@example.org"); result.Effect != pacing.Applied || got.ID != second.ID || got.State.Status != pacing.Awaiting {
			t.Fatalf("%s, taken back: %s, the way is %s", name, result.Effect, got.State.Status)
		}
	}
	if got, err := s.store.Subscription(t.Context(), first.ID); err != nil || got.State.Status != pacing.Stopped {
		t.Errorf("the first way is %s, %v", got.State.Status, err)
	}
}
