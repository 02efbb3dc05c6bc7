package journey

import (
	"testing"
	"time"
)

// Each wait is longer than the one before, up to four hours; jitter adds up to a
// fifth and never takes anything off.
func TestBackoff(t *testing.T) {
	t.Parallel()
	for i, want := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 240, 240} {
		want *= time.Minute
		if got := backoff(i+1, 0); got != want {
			t.Errorf("after %d failures: %s, want %s", i+1, got, want)
		}
		if got := backoff(i+1, 0.5); got != want+want/10 {
			t.Errorf("after %d failures, with jitter: %s, want %s", i+1, got, want+want/10)
		}
	}
	if got := backoff(1000, 0.999); got < longestWait || got > longestWait*6/5 {
		t.Errorf("after 1000 failures: %s", got)
	}
}
