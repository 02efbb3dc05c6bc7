package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// counter allows so many events of each key, and notes what it was asked.
type counter struct {
	mu    sync.Mutex
	most  map[string]int // by the beginning of a key
	seen  map[string]int
	bound map[string]int // events, as the site asked for them
}

func (c *counter) Allow(_ context.Context, key string, events int, _ time.Duration) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bound[key] = events
	if most, ok := c.most[key]; ok && c.seen[key] >= most {
		return 150 * time.Second
	}
	c.seen[key]++
	return 0
}

func newCounter(most map[string]int) *counter {
	return &counter{most: most, seen: map[string]int{}, bound: map[string]int{}}
}

func limited(t *testing.T, c *counter) *house {
	t.Helper()
	return newHouse(t, func(o *Options) { o.Limits = c })
}

// httptest's requests come from 192.0.2.1.
const someone = " from 192.0.2.1"

func TestSignUpsAreLimitedBySourceAndOverall(t *testing.T) {
	t.Parallel()
	const object = `{"track":"offender","email":"anna@example.org","time_zone":"UTC","adult":true,"consent":true}`
	for _, key := range []string{"sign-up" + someone, "sign-up", "post" + someone, "post"} {
		for _, door := range []string{"form", "api"} {
			t.Run(door+" by "+key, func(t *testing.T) {
				t.Parallel()
				limits := newCounter(map[string]int{key: 2})
				h := limited(t, limits)
				for i := range 4 {
					var w *httptest.ResponseRecorder
					if door == "form" {
						w = h.post(formPath, filled()...)
					} else {
						r := httptest.NewRequest(http.MethodPost, "/api/v1/subscriptions", strings.NewReader(object))
						r.Header.Set("Content-Type", "application/json")
						w = h.do(r)
					}
					switch {
					case i < 2:
						expect(t, w, map[string]int{"form": 200, "api": 202}[door])
					case door == "form":
						expect(t, w, 429, "A short break, please", "Nothing was stored. Try again in 3 minutes.")
					default:
						expect(t, w, 429, `{"error":"Too Many Requests"}`)
					}
					if got := w.Header().Get("Retry-After"); i >= 2 && got != "150" {
						t.Errorf("Retry-After is %q", got)
					}
				}
				if len(h.signUps) != 2 {
					t.Errorf("stored %d", len(h.signUps))
				}
				for asked := range limits.bound {
					if strings.Contains(asked, "anna") {
						t.Errorf("a limit by address: %s", asked)
					}
				}
				if limits.bound["sign-up"+someone] != SignUpsAnHour {
					t.Errorf("the limit is %d", limits.bound["sign-up"+someone])
				}
			})
		}
	}
}

func TestFormWithFaultsIsOnlyAPost(t *testing.T) {
	t.Parallel()
	limits := newCounter(map[string]int{"sign-up" + someone: 0})
	h := limited(t, limits)
	expect(t, h.post(formPath, filled("email", "")...), 422)
	if limits.seen["post"+someone] != 1 || limits.seen["sign-up"+someone] != 0 {
		t.Errorf("counted %v", limits.seen)
	}
}

func TestPostsAreLimitedAndStopsAreNot(t *testing.T) {
	t.Parallel()
	h := limited(t, newCounter(map[string]int{"post" + someone: 0, "post": 0}))
	h.deliver()
	expect(t, h.post(h.checkInPath(), "intent", "ready"), 429, "A short break, please")
	expect(t, h.post(h.confirmPath()), 429)
	expect(t, h.get(h.checkInPath()), 200)
	expect(t, h.post(h.stopPath(), "List-Unsubscribe", "One-Click"), 200, "The letters have stopped")
	if len(h.answers) != 0 {
		t.Error("an answer was heard")
	}
}

// One who fills in what people do not see gets the same page, and nothing is kept.
func TestHoneypot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	form := h.get("/courses/long-road")
	expect(t, form, 200, `name="comment" id="comment" tabindex="-1" autocomplete="off"`, "Leave this field empty")
	person := h.post(formPath, filled()...)
	program := h.post(formPath, filled("comment", "Buy now")...)
	if person.Code != program.Code || person.Body.String() != program.Body.String() {
		t.Error("the two get different pages")
	}
	if len(h.signUps) != 1 {
		t.Errorf("stored %d", len(h.signUps))
	}
	expect(t, h.post(formPath, filled("comment", "Buy now", "email", "")...), 422, "!Buy now")
}

func TestThisMachineIsCountedOverallAlone(t *testing.T) {
	t.Parallel()
	for _, from := range []string{"127.0.0.1:4000", "[::1]:4000"} {
		limits := newCounter(nil)
		h := limited(t, limits)
		r := httptest.NewRequest(http.MethodPost, h.checkInPath(), strings.NewReader("intent=ready"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.RemoteAddr = from
		h.do(r)
		if len(limits.seen) != 1 || limits.seen["post"] != 1 {
			t.Errorf("%s: counted %v", from, limits.seen)
		}
	}
}
