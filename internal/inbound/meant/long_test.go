package meant

import (
	"strings"
	"testing"
	"time"
)

// Whatever is sent, reading takes time in proportion to its length.
func TestLong(t *testing.T) {
	t.Parallel()
	r := reader(t)
	for _, piece := range []string{"a", "'", "i'", "1.", "1. a", "me ", "he said i will hit ", "\"", "👍", "é", "> a\n", "a\n", ". ", "my child is not ", "not ", "two ", "pills ", "bis ", "j'ai me a ", "\xff", "?"} {
		text := strings.Repeat(piece, (256<<10)/len(piece))
		start := time.Now()
		r.Read(text, now)
		if took := time.Since(start); took > slowed*2*time.Second {
			t.Errorf("%q repeated to %d bytes takes %s", piece, len(text), took)
		} else if testing.Verbose() {
			t.Logf("%q: %s", piece, took)
		}
	}
}
