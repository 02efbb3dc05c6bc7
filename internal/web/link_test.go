package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/token"
)

func TestConfirm(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	expect(t, h.get(h.confirmPath()), 200, "Shall we begin?", "Yes, send me the letters")
	expect(t, h.post(h.confirmPath()), 200, "You are in", "The first letter is on its way", "Stop the letters", h.stopPath())
	state := h.state
	expect(t, h.post(h.confirmPath()), 200, "You are in", "already said yes")
	expect(t, h.get(h.confirmPath()), 200, "You are in", "already said yes")
	if !reflect.DeepEqual(state, h.state) {
		t.Error("confirming twice changed something")
	}
	h.step(pacing.Event{Kind: pacing.Stop})
	expect(t, h.get(h.confirmPath()), 200, "The letters were stopped", "!Yes, send me")
	expect(t, h.post(h.confirmPath()), 200, "The letters were stopped")
}

// wasHere gives the reader an earlier way, stopped after its first letter was
// answered.
func (h *house) wasHere() {
	h.earlier = &pacing.State{Track: "offender", Status: pacing.Stopped, Lesson: h.lesson.ID, Answer: course.AnswerReady, SentAt: h.now.AddDate(0, -1, 0)}
}

func TestConfirmAsksWhoWasHereBefore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		way, says, lesson string
	}{
		{"on", "The letters go on where you were. The next one comes not before Tuesday, 24 November 2026, 09:00.", "name-the-break"},
		{"afresh", "The first letter is on its way.", "before-setting-off"},
		{"", "The first letter is on its way.", "before-setting-off"},
	} {
		h := newHouse(t)
		h.wasHere()
		expect(t, h.get(h.confirmPath()), 200, "go on where they ended", `value="on"`, `value="afresh"`, "!Yes, send me the letters")
		expect(t, h.post(h.confirmPath(), "way", c.way), 200, "You are in", c.says)
		if h.state.Next == nil || h.state.Next.Lesson != c.lesson {
			t.Errorf("%q: next comes %+v", c.way, h.state.Next)
		}
		expect(t, h.get(h.confirmPath()), 200, "already said yes", "!go on where they ended")
	}
}

func TestConfirmTellsWhenTheFirstLetterComes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	windowed := *h.course
	windowed.First = course.FirstWindow
	h.course = &windowed
	h.state.Reader.Zone = mustZone(t, "Asia/Kathmandu")
	expect(t, h.post(h.confirmPath()), 200, "The first letter comes on Tuesday, 24 November 2026, not before 09:00.", "!on its way")
}

func mustZone(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestStopByEitherEncoding(t *testing.T) {
	t.Parallel()
	multi := func() (string, string) {
		var body bytes.Buffer
		m := multipart.NewWriter(&body)
		_ = m.WriteField("List-Unsubscribe", "One-Click")
		_ = m.Close()
		return m.FormDataContentType(), body.String()
	}
	kind, body := multi()
	for _, c := range []struct {
		title, kind, body string
		by                journey.Actor
	}{
		{"one-click, urlencoded", "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click", journey.ByUnsubscribe},
		{"one-click, multipart", kind, body, journey.ByUnsubscribe},
		{"our button", "application/x-www-form-urlencoded", "", journey.ByPage},
		{"no body at all", "", "", journey.ByPage},
		{"an unknown type", "text/plain", "please", journey.ByPage},
		{"far too much", "application/x-www-form-urlencoded", strings.Repeat("x", 2*maxBody), journey.ByPage},
	} {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.deliver()
			for range 2 {
				r := httptest.NewRequest(http.MethodPost, h.stopPath(), strings.NewReader(c.body))
				r.Header.Set("Content-Type", c.kind)
				// A mailbox provider's robot may look like another site's browser.
				r.Header.Set("Sec-Fetch-Site", "cross-site")
				w := h.do(r)
				expect(t, w, 200, "The letters have stopped", "0808 2000 247")
				if len(w.Header()["Set-Cookie"]) > 0 {
					t.Error("a cookie")
				}
			}
			if h.state.Status != pacing.Stopped || h.stopBy != c.by {
				t.Errorf("status %s by %s", h.state.Status, h.stopBy)
			}
		})
	}
}

func TestStopOfWhatIsGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	gone := "/u/" + h.tokens.Sign(token.Unsubscribe, token.NewRef())
	expect(t, h.get(gone), 200, "Stop the letters?")
	expect(t, h.post(gone, "List-Unsubscribe", "One-Click"), 200, "The letters have stopped", "findahelpline.com")
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	const sat, tue = "Saturday, 21 November 2026", "not before Tuesday, 24 November 2026"
	for _, c := range []struct {
		intent string
		more   []string
		status pacing.Status
		says   []string
	}{
		{"ready", nil, pacing.Active, []string{"Noted: ready.", tue, "Choose something else"}},
		{"not-yet", nil, pacing.Holding, []string{"Noted: not yet."}},
		{"slower", nil, pacing.Awaiting, []string{"Slower it is."}},
		{"faster", nil, pacing.Awaiting, []string{"already the quickest pace"}},
		{"pause", nil, pacing.Paused, []string{"Paused until Monday, 21 December 2026."}},
		{"pause", []string{"for", "7d"}, pacing.Paused, []string{"Paused until Saturday, 28 November 2026."}},
		{"pause", []string{"for", "30d", "until", "2026-12-24"}, pacing.Paused, []string{"Paused until Thursday, 24 December 2026."}},
		{"resume", nil, pacing.Awaiting, []string{"Nothing has changed."}},
		{"repeat", nil, pacing.Active, []string{"It will come again.", "on its way to you"}},
		{"back", nil, pacing.Awaiting, []string{"This is the first letter"}},
		{"stop", nil, pacing.Stopped, []string{"The letters have stopped", "0808 2000 247"}},
	} {
		t.Run(c.intent+" "+strings.Join(c.more, " "), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.deliver()
			expect(t, h.post(h.checkInPath(), append([]string{"intent", c.intent}, c.more...)...), 200, c.says...)
			if h.state.Status != c.status {
				t.Errorf("status %s, want %s", h.state.Status, c.status)
			}
			for _, a := range h.answers {
				if a.By != journey.ByPage || a.Safety != "" {
					t.Errorf("answer %+v", a)
				}
			}
		})
	}
}

func TestAnswersThatMakeNoSense(t *testing.T) {
	t.Parallel()
	const date = "Please choose a day after today, within a year."
	for _, c := range []struct{ body, says string }{
		{"", "Please choose one."},
		{"intent=yes", "Please choose one."},
		{"intent=confirm", "Please choose one."},
		{"intent=suppress", "Please choose one."},
		{"intent=release", "Please choose one."},
		{"intent=pause&until=2026-11-21", date},
		{"intent=pause&until=2020-01-01", date},
		{"intent=pause&until=2027-11-22", date},
		{"intent=pause&until=24.12.2026", date},
		{"intent=pause&until=2026-02-30", date},
		{"intent=pause&for=0d", date},
		{"intent=pause&for=-3d", date},
		{"intent=pause&for=367d", date},
		{"intent=pause&for=99999h", date},
		{"intent=pause&for=soon", date},
	} {
		h := newHouse(t)
		h.deliver()
		h.readOnly = true
		r := httptest.NewRequest(http.MethodPost, h.checkInPath(), strings.NewReader(c.body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		expect(t, h.do(r), 422, c.says)
	}
}

func TestPauseCountsDaysWhereTheReaderIs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.state.Reader.Zone = mustZone(t, "Pacific/Auckland") // where it is the 22nd already
	h.deliver()
	expect(t, h.post(h.checkInPath(), "intent", "pause", "until", "2026-11-22"), 422, "Please choose a day after today")
	expect(t, h.post(h.checkInPath(), "intent", "pause", "until", "2026-11-23"), 200, "Paused until Monday, 23 November 2026.")
	expect(t, h.get(h.checkInPath()), 200, "Paused until Monday, 23 November 2026.", "Go on again")
	expect(t, h.post(h.checkInPath(), "intent", "resume"), 200, "The letters go on.")
}

func TestAnswerFromTheMailIsOnlyChosen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deliver()
	h.readOnly = true
	expect(t, h.get(h.checkInPath()), 200, "!autofocus", "Your answer", h.lesson.Texts["en"].Question)
	for _, intent := range []string{"ready", "not-yet", "pause", "stop"} {
		w := h.get(h.checkInPath() + "?answer=" + intent)
		expect(t, w, 200, "autofocus")
		if n := strings.Count(w.Body.String(), "autofocus"); n != 1 {
			t.Errorf("%s: %d buttons have the focus", intent, n)
		}
	}
	expect(t, h.get(h.checkInPath()+"?answer=%3Cscript%3E"), 200, "!autofocus", "!<script>")
}

func TestSlowerPressedTwiceIsHeardOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deliver()
	once := seen(h.state)
	expect(t, h.post(h.checkInPath(), "intent", "slower", "seen", once), 200, "Slower it is.")
	expect(t, h.post(h.checkInPath(), "intent", "slower", "seen", once), 200, "Nothing has changed")
	if h.state.Pace != 1.5 {
		t.Errorf("pace %v", h.state.Pace)
	}
	for range 3 {
		h.post(h.checkInPath(), "intent", "slower", "seen", seen(h.state))
	}
	expect(t, h.post(h.checkInPath(), "intent", "slower", "seen", seen(h.state)), 200, "already the slowest pace")
	expect(t, h.post(h.checkInPath(), "intent", "faster", "seen", seen(h.state)), 200, "A little faster.")
}

func TestAnswerToAnOlderLetter(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	// A third letter, so that the second does not end the way.
	stage := *h.course.Tracks[0].Stages[0]
	stage.Lessons = append(slices.Clone(stage.Lessons), &course.Lesson{ID: "third"})
	track := *h.course.Tracks[0]
	track.Stages = []*course.Stage{&stage}
	longer := *h.course
	longer.Tracks = []*course.Track{&track}
	h.course = &longer
	h.deliver()
	h.step(pacing.Event{Kind: pacing.Ready})
	h.now = h.state.DueAt
	next := h.step(pacing.Event{Kind: pacing.Due}).Send
	h.step(pacing.Event{Kind: pacing.Sent, Mail: *next})
	expect(t, h.get(h.checkInPath()), 200, "this question is closed", "!I am ready", "Take a pause", "Go back one letter")
	expect(t, h.post(h.checkInPath(), "intent", "ready"), 200, "A newer letter has come since")
	expect(t, h.post(h.checkInPath(), "intent", "back"), 200, "One letter back.")
}

func TestAnswerAfterTheEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deliver()
	h.step(pacing.Event{Kind: pacing.Stop})
	expect(t, h.get(h.checkInPath()), 200, "The letters were stopped", "!<form", "/courses/long-road")
	expect(t, h.post(h.checkInPath(), "intent", "ready"), 200, "The letters were stopped", "!<form")
	h.state.Status = pacing.Completed
	expect(t, h.get(h.checkInPath()), 200, "come to their end", "Send this letter again", "!I am ready")
	expect(t, h.post(h.checkInPath(), "intent", "pause"), 200, "come to their end")
}

// The last letter's page promises no other letter.
func TestAnswerToTheLastLetter(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deliverLast()
	expect(t, h.get(h.checkInPath()), 200, "That was the last letter. Only a short goodbye comes", "Take a pause", "!next letter", "!to their end")
	expect(t, h.post(h.checkInPath(), "intent", "ready"), 200, "Noted: ready.", "A short goodbye comes in its own time", "!next letter")
	expect(t, h.post(h.checkInPath(), "intent", "not-yet"), 200, "Noted: not yet.", "We will ask again", "!next letter")
	expect(t, h.post(h.checkInPath(), "intent", "back"), 200, "One letter back.")
	h = newHouse(t)
	h.deliverLast()
	expect(t, h.get(h.mePath()), 200, "A pause", "!The next letter comes", "!ractice")
	expect(t, h.post(h.mePath(), "intent", "dark", "date", "2026-12-24"), 200, "Saved.", "!from the next letter")
	h.now = h.state.DueAt
	end := h.step(pacing.Event{Kind: pacing.Due}).Send
	expect(t, h.get(h.checkInPath()), 200, "Only a short goodbye comes", "!next letter")
	for _, said := range []string{"ready", "not-yet"} {
		expect(t, h.post(h.checkInPath(), "intent", said), 200, "That was the last letter.", "A short goodbye comes", "!newer", "!next letter")
	}
	h.step(pacing.Event{Kind: pacing.Sent, Mail: *end})
	expect(t, h.get(h.checkInPath()), 200, "come to their end", "Go back one letter", "!goodbye")
	expect(t, h.post(h.checkInPath(), "intent", "ready"), 200, "come to their end", "!goodbye")
	expect(t, h.get(h.mePath()), 200, "come to their end", "!next letter")
	expect(t, h.post(h.stopPath()), 200, "The letters have stopped")
	expect(t, h.post(h.stopPath(), "intent", "return"), 200, "Nothing comes any more", "!The letters go on")
}

func TestHaltedReaderFindsHelpAndTheWayOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deliver()
	h.step(pacing.Event{Kind: pacing.Halt})
	expect(t, h.get(h.checkInPath()), 200, "0808 2000 247", "Stop the letters", "!I am ready", "!question is closed")
	expect(t, h.post(h.checkInPath(), "intent", "stop"), 200, "The letters have stopped")
}

func TestElsewhereShowsTheWorldsLine(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.country = "BR"
	h.deliver()
	expect(t, h.post(h.checkInPath(), "intent", "stop"), 200, "findahelpline.com", "!0808")
}

func TestStopIsTakenBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	expect(t, h.post(h.stopPath(), "intent", "return"), 200, "The letters go on") // nothing was stopped
	h.step(pacing.Event{Kind: pacing.Confirm})
	due := h.state.DueAt
	expect(t, h.post(h.stopPath()), 200, "The letters have stopped", `value="return"`)
	if h.state.Status != pacing.Stopped {
		t.Fatalf("stopped: %s", h.state.Status)
	}
	expect(t, h.get(h.stopPath()), 200, "Stop the letters?")
	if h.state.Status != pacing.Stopped {
		t.Fatal("looking at the page took the stop back")
	}
	expect(t, h.post(h.stopPath(), "intent", "return"), 200, "The letters go on", "The next letter comes not before")
	if h.state.Status != pacing.Active || h.state.DueAt.Before(due) {
		t.Errorf("taken back: %s, due %v", h.state.Status, h.state.DueAt)
	}
	h.step(pacing.Event{Kind: pacing.Suppress})
	expect(t, h.post(h.stopPath(), "intent", "return"), 200, "The letters were stopped", "!The letters go on")
	if h.state.Status != pacing.Suppressed {
		t.Error("a suppression was taken back")
	}
}
