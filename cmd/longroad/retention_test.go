package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"longroad/internal/journey"
)

func TestRetention(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC))
	b.signUp("ada@example.org")
	b.now = b.now.Add(2 * journey.KeepUnconfirmed)
	text := try(t, b.env, "retention")
	if text.code != exitFine || !strings.Contains(text.out, "sign-ups that nobody confirmed") || strings.Contains(text.out, "ada") {
		t.Errorf("%+v", text)
	}
	var clocks []journey.Clock
	said := try(t, b.env, "retention", "--json")
	must(t, json.Unmarshal([]byte(said.out), &clocks))
	for i, want := range map[int][2]int{0: {1, 0}, 2: {1, 0}, 3: {0, 0}, 1: {-1, 0}} {
		if got := [2]int{clocks[i].Rows, clocks[i].Past}; got != want {
			t.Errorf("%s: %v, want %v", clocks[i].What, got, want)
		}
	}
}
