package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/token"
)

// takenBack are the words that a receipt's page can take back.
var takenBack = []pacing.EventKind{
	pacing.Ready, pacing.NotYet, pacing.Slower, pacing.Faster, pacing.Pause, pacing.Resume, pacing.Repeat, pacing.Back,
	pacing.PracticeOff, pacing.PracticeOn,
}

// wrote lets the reader get the letter and say something to it by mail.
func (h *house) wrote(word pacing.EventKind) {
	h.deliver()
	before := h.state
	h.before, h.said, h.undo = &before, word, journey.UndoOpen
	h.step(pacing.Event{Kind: word})
}

func TestUndo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.wrote(pacing.Pause)
	h.readOnly = true
	for range 2 {
		expect(t, h.get(h.undoPath()), 200, "Take it back?", "understood as: a pause.", "/checkin/", "<button", "!Anna", "!The next letter")
	}
	expect(t, h.do(httptest.NewRequest(http.MethodHead, h.undoPath(), nil)), 200)
	if h.state.Status != pacing.Paused {
		t.Errorf("looking took it back: %s", h.state.Status)
	}
	h.readOnly = false
	expect(t, h.post(h.undoPath()), 200, "Taken back", "as it did before", "/checkin/", "!<button")
	if h.state.Status != pacing.Awaiting {
		t.Errorf("taken back: %s", h.state.Status)
	}
	expect(t, h.post(h.undoPath()), 200, "This was taken back", "!<button")
	expect(t, h.get(h.undoPath()), 200, "This was taken back", "!<button")
}

func TestUndoTooLate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.wrote(pacing.NotYet)
	h.undo = journey.UndoGone
	for _, w := range []*httptest.ResponseRecorder{h.get(h.undoPath()), h.post(h.undoPath())} {
		expect(t, w, 200, "Things have moved on", "understood as: not yet.", "/checkin/", "/me/", "!<button")
	}
	if h.state.Status != pacing.Holding {
		t.Errorf("%s", h.state.Status)
	}
}

// A ready may have been said to the last letter: its page promises no other.
func TestUndoReady(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.wrote(pacing.Ready)
	expect(t, h.get(h.undoPath()), 200, "Take it back?", "understood as: ready.", "!next letter")
}

// What was just answered on a letter's page can be taken back from the same page.
func TestTakeBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deliver()
	back := []string{"intent", "undo", "back", "kept of pause"}
	for _, intent := range []string{"ready", "not-yet", "slower", "pause", "repeat"} {
		before := h.state
		expect(t, h.post(h.checkInPath(), "intent", intent), 200, `value="undo"`, `name="back" value="kept of `+intent+`"`, "Take it back")
		expect(t, h.post(h.checkInPath(), back...), 200, "Taken back.", "All stands as it did before", `!value="undo"`)
		if h.state.Status != before.Status || h.state.Pace != before.Pace || h.state.Occasion != before.Occasion {
			t.Errorf("%s, taken back: %+v, before %+v", intent, h.state, before)
		}
	}
	expect(t, h.post(h.checkInPath(), back...), 200, "Nothing has changed just now.", `!value="undo"`)
	expect(t, h.post(h.checkInPath(), "intent", "undo"), 200, "Nothing has changed just now.")
	for _, intent := range []string{"faster", "resume", "stop"} { // nothing to take back, or by its own button
		expect(t, h.post(h.checkInPath(), "intent", intent), 200, `!value="undo"`)
	}
	safe := newHouse(t)
	safe.asksSafety()
	expect(t, safe.post(safe.checkInPath(), "intent", "no"), 200, `!value="undo"`)
}

// No other link of the reader's takes anything back, nor does what is no form.
func TestUndoIsGuarded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.wrote(pacing.Ready)
	h.readOnly = true
	for _, purpose := range []token.Purpose{token.CheckIn, token.Choose, token.Unsubscribe, token.Reply} {
		expect(t, h.post("/undo/"+h.tokens.Sign(purpose, h.letter)), 404)
	}
	r := httptest.NewRequest(http.MethodPost, h.undoPath(), strings.NewReader("x"))
	r.Header.Set("Content-Type", "application/json")
	expect(t, h.do(r), 415)
}
