package meant

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestDanger reads sentences in which danger has to be heard.
func TestDanger(t *testing.T) {
	t.Parallel()
	r := reader(t)
	cases := 0
	for line := range textLines(t, "testdata/danger.txt") {
		want, text, ok := strings.Cut(line, "|")
		level, text, _ := strings.Cut(text, "|")
		if !ok {
			t.Fatalf("not a case: %q", line)
		}
		cases++
		for _, dressed := range []string{text, strings.ToUpper(text), "Hello,\n\nthank you for the letter. " + text + "\n\nAnn"} {
			got := r.Read(dressed, now).Crisis
			if got == nil || !slices.Contains(strings.Split(want, ","), got.Category) || got.Level != level {
				t.Errorf("%q: got %v, want %s %s", dressed, got, want, level)
				break
			}
		}
	}
	if cases < 7*30 {
		t.Errorf("only %d cases", cases)
	}
}

// TestOrdinary reads sentences of ordinary mail.
func TestOrdinary(t *testing.T) {
	t.Parallel()
	r := reader(t)
	for text := range textLines(t, "testdata/ordinary.txt") {
		if got := r.Read(text, now).Crisis; got != nil {
			t.Errorf("%q: %v", text, *got)
		}
	}
}

// textLines gives a file's lines that are neither empty nor comments.
func textLines(t *testing.T, name string) func(func(string) bool) {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func(string) bool) {
		for line := range strings.Lines(string(raw)) {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' && !yield(line) {
				return
			}
		}
	}
}
