package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/token"
)

// newHouse has a reader who confirmed on a Saturday at noon and got the first
// letter of a track. Options may be changed before the site is built.
func newHouse(t *testing.T, change ...func(*Options)) *house {
	t.Helper()
	c, report := course.Load(os.DirFS("../../courses/long-road"))
	if c == nil {
		t.Fatalf("the shipped course has faults: %v", report)
	}
	ring, err := token.NewRing("a secret of sixteen or more")
	if err != nil {
		t.Fatal(err)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	road := &fakeRoad{t: t, course: c, sub: token.NewRef(), letter: token.NewRef(), country: "GB",
		now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	road.state, road.side = pacing.NewState("offender"), journey.First
	road.wishes = journey.Preferences{Name: "Anna", Country: "GB", TimeZone: "Europe/London"}
	road.lesson = c.Track("offender").Places()[0].Lesson
	h := &house{fakeRoad: road, tokens: ring, log: &strings.Builder{}}
	o := Options{
		Road: road, Tokens: ring, BaseURL: "https://letters.example.org", Now: func() time.Time { return road.now },
		Log:       slog.New(slog.NewTextHandler(h.log, nil)),
		Templates: os.DirFS("../../templates"), Ready: func(context.Context) error { return nil },
		Contact: "help@letters.example.org", OperatorPasswordHash: string(hash),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
	}
	for _, f := range change {
		f(&o)
	}
	if h.handler, err = New(o); err != nil {
		t.Fatal(err)
	}
	return h
}

// deliver confirms and sends the letter, so that it can be answered.
func (h *house) deliver() {
	h.step(pacing.Event{Kind: pacing.Confirm})
	result := h.step(pacing.Event{Kind: pacing.Due})
	if result.Send == nil {
		h.t.Fatal("the first letter is not due at once")
	}
	h.step(pacing.Event{Kind: pacing.Sent, Mail: *result.Send})
}

// deliverLast brings the reader to the last letter at once.
func (h *house) deliverLast() {
	h.deliver()
	places := h.course.Track("offender").Places()
	h.lesson = places[len(places)-1].Lesson
	m := pacing.Mail{Kind: pacing.KindLesson, Lesson: h.lesson.ID}
	h.state.Sending, h.state.Next, h.state.DueAt = &m, nil, time.Time{}
	h.step(pacing.Event{Kind: pacing.Sent, Mail: m})
}

func (h *house) confirmPath() string { return "/confirm/" + h.tokens.Sign(token.Confirm, h.sub) }
func (h *house) checkInPath() string { return "/checkin/" + h.tokens.Sign(token.CheckIn, h.letter) }
func (h *house) choosePath() string  { return "/choose/" + h.tokens.Sign(token.Choose, h.letter) }
func (h *house) undoPath() string    { return "/undo/" + h.tokens.Sign(token.Undo, h.letter) }
func (h *house) stopPath() string    { return "/u/" + h.tokens.Sign(token.Unsubscribe, h.sub) }

func (h *house) mePath() string { return "/me/" + h.tokens.Sign(token.Preferences, h.sub) }

func (h *house) do(r *http.Request) *httptest.ResponseRecorder {
	h.t.Helper()
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

func (h *house) get(path string) *httptest.ResponseRecorder {
	h.t.Helper()
	return h.do(httptest.NewRequest(http.MethodGet, path, nil))
}

// post sends a form; pairs are names and values.
func (h *house) post(path string, pairs ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(encode(pairs...)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return h.do(r)
}

var errBroken = errors.New("pq: something inside about anna@example.org")

// expect checks a page's status and what it holds or, after a "!", does not hold.
func expect(t *testing.T, w *httptest.ResponseRecorder, status int, words ...string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("status %d, want %d\n%s", w.Code, status, w.Body)
	}
	for _, word := range words {
		without, not := strings.CutPrefix(word, "!")
		if strings.Contains(w.Body.String(), without) == not {
			t.Errorf("%q: found %v\n%s", without, not, w.Body)
		}
	}
}
