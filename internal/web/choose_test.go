package web

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"longroad/internal/journey"
	"longroad/internal/pacing"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, second := h.course.Tracks[0].Title, h.course.Tracks[1].Title
	const until = "on this page until Monday, 21 December 2026"
	expect(t, h.get(h.choosePath()), 200, "Which letters shall come?", first, second, until, `value="first"`, `value="second"`, "“"+second+"” begins", "!Anna")
	expect(t, h.post(h.choosePath(), "side", "first"), 200, "Everything stays as it is", "Nothing has changed", `!value="first"`, `value="second"`)
	for _, says := range []string{"The first letter is on its way", "The letters have changed"} { // pressed twice
		expect(t, h.post(h.choosePath(), "side", "second"), 200, "The letters have changed", says, "“"+second+"” comes now", `!value="second"`, `value="first"`, "/me/")
	}
	expect(t, h.get(h.choosePath()), 200, "The letters have changed", "change back until Monday, 21 December 2026")
	expect(t, h.post(h.choosePath(), "side", "first"), 200, "The letters go on", "“"+first+"” goes on where it was", "“"+second+"” goes on where it was", `!value="first"`)
	expect(t, h.get(h.choosePath()), 200, "Which letters shall come?")
	h.step(pacing.Event{Kind: pacing.Stop})
	for _, w := range []*httptest.ResponseRecorder{h.get(h.choosePath()), h.post(h.choosePath(), "side", "second")} {
		expect(t, w, 200, "nothing to choose any more", "/courses/long-road", "0808 2000 247", "!<form", "!"+first, "!"+second)
	}
}

// Only a button changes anything: what a scanner posts leaves all as it is.
func TestChooseTakesOnlyAButton(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.readOnly = true
	for body, status := range map[string]int{"": 200, "side=": 200, "side=both": 200, "intent=second": 200, "%": 400} {
		r := httptest.NewRequest(http.MethodPost, h.choosePath(), strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if w := h.do(r); w.Code != status || status == 200 && !strings.Contains(w.Body.String(), "Which letters shall come?") {
			t.Errorf("%q: status %d\n%s", body, w.Code, w.Body)
		}
	}
	expect(t, h.do(httptest.NewRequest(http.MethodPost, h.choosePath(), strings.NewReader("side=second"))), 415, "That does not work here")
	if h.side != journey.First || slices.Contains(h.calls, "Choose") {
		t.Error("something was chosen")
	}
}
