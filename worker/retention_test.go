package worker

import (
	"testing"
	"time"

	"longroad/internal/journey"
)

// Ticks let go of what was kept for long enough, by the service's clock, and do
// not look at every turn.
func TestTicksRetain(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	s.run()
	must(t, s.road.SignUp(t.Context(), signUpOf("reader@example.org", "one")))
	s.settle()
	s.clock.set(noon.Add(journey.KeepUnconfirmed + 2*retainEvery))
	poll(t, "the sign-up is let go", func() bool {
		counts, err := s.store.StatusCounts(t.Context())
		must(t, err)
		return len(counts) == 0
	})
}

func TestRetentionIsDueByTheHour(t *testing.T) {
	t.Parallel()
	var r retention
	for _, c := range []struct {
		after time.Duration
		due   bool
	}{
		{0, true}, {time.Minute, false}, {59 * time.Minute, false}, {time.Hour, true}, {61 * time.Minute, false},
		{-24 * time.Hour, true}, // the clock was turned back
		{-23 * time.Hour, true},
	} {
		now := noon.Add(c.after)
		if got := r.due(now); got != c.due {
			t.Errorf("after %v: %v", c.after, got)
		}
		if c.due {
			r.done(now)
		}
	}
}
