package limit

import (
	"testing"
	"time"

	"longroad/internal/devstack"
	"longroad/internal/devstack/stacktest"
)

// Two processes know what one of them has put; with Redis away each knows its own.
func TestUsed(t *testing.T) {
	t.Parallel()
	url := stacktest.Redis(t)
	one, two := NewUsed(client(t, url)), NewUsed(client(t, url))
	if one.Has(t.Context(), "a") {
		t.Error("known before it was put")
	}
	one.Put(t.Context(), "a", time.Hour)
	if !one.Has(t.Context(), "a") || !two.Has(t.Context(), "a") || two.Has(t.Context(), "b") {
		t.Error("a key that was put is not known to both, or another one is")
	}

	mini, err := devstack.StartMiniredis()
	if err != nil {
		t.Fatal(err)
	}
	alone := NewUsed(client(t, mini.URL()))
	mini.Stop()
	now := time.Now()
	alone.now = func() time.Time { return now }
	alone.Put(t.Context(), "a", time.Hour)
	if !alone.Has(t.Context(), "a") {
		t.Error("without Redis it forgets")
	}
	now = now.Add(time.Hour)
	if alone.Has(t.Context(), "a") {
		t.Error("its time is over, and it remembers")
	}
	for i := range mostUsed + 10 {
		alone.mu.Lock()
		alone.until[string(rune(i))+"x"] = now.Add(time.Hour)
		alone.mu.Unlock()
	}
	alone.Put(t.Context(), "last", time.Hour)
	if len(alone.until) > mostUsed || !alone.Has(t.Context(), "last") {
		t.Errorf("%d keys are remembered", len(alone.until))
	}
}
