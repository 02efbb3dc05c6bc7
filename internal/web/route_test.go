package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"longroad/internal/token"
)

// paths gives a working path for every route, and fails for a route it does not know.
func (h *house) paths() map[string]string {
	h.t.Helper()
	known := map[string]string{
		"/{$}": "/", "/courses/{course}": "/courses/long-road", "/courses/{course}/subscriptions": formPath,
		"/courses/{course}/lines": "/courses/long-road/lines", "/lines": "/lines",
		"/api/v1/subscriptions": "/api/v1/subscriptions", "/confirm/{token}": h.confirmPath(), "/choose/{token}": h.choosePath(), "/undo/{token}": h.undoPath(), "/checkin/{token}": h.checkInPath(),
		"/u/{token}": h.stopPath(), "/me/{token}": h.mePath(), "/inbound/{provider}": "/inbound/raw", "/journal/{token}": h.journalPath(), "/healthz": "/healthz", "/readyz": "/readyz", "/metrics": "/metrics", "/operator": "/operator", "/operator/{$}": "/operator/", "/operator/alerts": "/operator/alerts",
		"/assets/{file}": "/assets/page.css", "/favicon.ico": "/favicon.ico",
	}
	for _, r := range (&site{}).table() {
		if known[r.path] == "" {
			h.t.Errorf("no test knows the route %s", r.path)
		}
	}
	return known
}

func TestEveryRouteAndMethod(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deliver()
	paths := h.paths()
	for _, route := range (&site{}).table() {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} {
			known := route.get != nil && (method == "GET" || method == "HEAD") || route.post != nil && method == "POST"
			w := h.do(httptest.NewRequest(method, paths[route.path], nil))
			if got := w.Code == http.StatusMethodNotAllowed; got == known {
				t.Errorf("%s %s: status %d", method, route.path, w.Code)
			}
			if !known {
				said := "That does not work here"
				if strings.HasPrefix(route.path, apiRoot) {
					said = `{"error":"Method Not Allowed"}`
				}
				expect(t, w, 405, said)
				if w.Header().Get("Allow") == "" {
					t.Errorf("%s %s: no Allow", method, route.path)
				}
			}
			if w.Code >= 500 {
				t.Errorf("%s %s: status %d", method, route.path, w.Code)
			}
		}
	}
}

func TestGetAndHeadChangeNothing(t *testing.T) {
	t.Parallel()
	for _, delivered := range []bool{false, true} {
		h := newHouse(t)
		if delivered {
			h.deliver()
		}
		h.readOnly = true
		before := fmt.Sprintf("%+v", h.state)
		for _, path := range h.paths() {
			for _, query := range []string{"", "?answer=ready", "?answer=stop&intent=stop", "?List-Unsubscribe=One-Click", "?side=second"} {
				for _, method := range []string{"GET", "HEAD"} {
					r := httptest.NewRequest(method, path+query, strings.NewReader("intent=stop&side=second&List-Unsubscribe=One-Click"))
					r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
					r.SetBasicAuth(operatorName, password)
					h.do(r)
				}
			}
		}
		if after := fmt.Sprintf("%+v", h.state); after != before {
			t.Errorf("the state changed from %s to %s", before, after)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deliver()
	paths := h.paths()
	paths["nowhere"] = "/nowhere"
	for route, path := range paths {
		for _, method := range []string{"GET", "POST", "PUT"} {
			head := h.do(httptest.NewRequest(method, path, nil)).Header()
			for name, want := range map[string]string{
				"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
				"Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "no-store", "Strict-Transport-Security": "max-age=31536000",
			} {
				if got := head.Get(name); got != want {
					t.Errorf("%s %s: %s is %q", method, route, name, got)
				}
			}
			if len(head["Set-Cookie"]) > 0 || head.Get("Location") != "" && route != "/operator" {
				t.Errorf("%s %s: sets a cookie or redirects", method, route)
			}
			found := strings.Contains(head.Get("X-Robots-Tag"), "noindex")
			if front := path == "/" || strings.HasPrefix(path, "/courses/"); front == found {
				t.Errorf("%s %s: noindex is %v", method, route, found)
			}
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Error("the policy allows something unsafe")
	}
}

func TestNoStrictTransportOverPlainHTTP(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.BaseURL = "http://127.0.0.1:8080" })
	if got := h.get("/").Header().Get("Strict-Transport-Security"); got != "" {
		t.Errorf("HSTS is %q", got)
	}
}

func TestLogHoldsNoTokenAddressOrWord(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deliver()
	h.post(formPath, filled()...)
	h.post(h.checkInPath(), "intent", "ready")
	h.get(h.confirmPath())
	h.get("/checkin/" + h.tokens.Sign(token.Confirm, h.sub))
	h.post(h.stopPath())
	h.get("/nowhere/anna@example.org")
	h.do(httptest.NewRequest("ANNA", "/", nil))
	log := h.log.String()
	if !strings.Contains(log, `route="POST /checkin/{token}"`) || strings.Count(log, "status=") != 7 {
		t.Errorf("the access log lacks something:\n%s", log)
	}
	if found := regexp.MustCompile(`(?i)[a-z2-7]{40}|anna|192\.0\.2\.1`).FindString(log); found != "" {
		t.Errorf("the log holds %q:\n%s", found, log)
	}
}

func TestBadLinks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deliver()
	good := h.tokens.Sign(token.Confirm, h.sub)
	const words = "This link does not work"
	for _, path := range []string{
		"/choose/" + h.tokens.Sign(token.CheckIn, h.letter), "/confirm/x", "/confirm/" + good[:39], "/checkin/" + good, "/u/" + good, "/me/" + good, "/me/" + h.tokens.Sign(token.Preferences, token.NewRef()),
		"/confirm/" + strings.Repeat("a", 40), "/confirm/" + h.tokens.Sign(token.Unsubscribe, h.sub),
		"/checkin/" + h.tokens.Sign(token.CheckIn, token.NewRef()),
	} {
		expect(t, h.get(path), 404, words, "!Subscription")
		expect(t, h.post(path, "intent", "ready"), 404, words)
	}
	expect(t, h.get("/confirm/"+strings.ToUpper(good)), 200)
	// A sign-up that nobody confirmed is let go, and its link says so.
	gone := "/confirm/" + h.tokens.Sign(token.Confirm, token.NewRef())
	expect(t, h.get(gone), 410, "This link is too old", "Sign up again")
	expect(t, h.post(gone), 410, "This link is too old", "Sign up again")
	gone = "/undo/" + h.tokens.Sign(token.Undo, token.NewRef())
	expect(t, h.get(gone), 404)
	expect(t, h.post(gone), 404)
	gone = "/choose/" + h.tokens.Sign(token.Choose, token.NewRef())
	expect(t, h.get(gone), 410, "This link is too old")
	expect(t, h.post(gone, "side", "second"), 410, "This link is too old")
	expect(t, h.get("/courses/other"), 404, "There is no such page")
	if h.state.Status == "stopped" {
		t.Error("a bad link stopped something")
	}
}

func TestFailuresSayNothingOfTheInside(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		status int
	}{
		{errBroken, 500}, {fmt.Errorf("read: %w", context.DeadlineExceeded), 503},
	} {
		h := newHouse(t)
		h.deliver()
		h.err = c.err
		for _, w := range []*httptest.ResponseRecorder{
			h.get("/"), h.get("/courses/long-road"), h.post(formPath, filled()...), h.get(h.confirmPath()), h.post(h.confirmPath()),
			h.get(h.checkInPath()), h.post(h.checkInPath(), "intent", "ready"), h.post(h.stopPath()),
			h.get(h.mePath()), h.post(h.mePath(), "intent", "you"), h.get(h.choosePath()), h.post(h.choosePath(), "side", "first"),
		} {
			expect(t, w, c.status, "That was our fault", "!pq:", "!anna", "!deadline")
		}
		if c.status == 503 && h.get("/").Header().Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		r := httptest.NewRequest("POST", "/api/v1/subscriptions", strings.NewReader(`{"track":"offender"}`))
		r.Header.Set("Content-Type", "application/json")
		w := h.do(r)
		expect(t, w, c.status, `"error"`, "!pq:")
		if c.status == 503 && w.Header().Get("Retry-After") == "" {
			t.Error("no Retry-After for a program")
		}
	}
}

func TestPanicIsAnsweredAndLoggedWithoutItsValue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.panics = true
	expect(t, h.get("/"), 500, "That was our fault", "!anna")
	if log := h.log.String(); !strings.Contains(log, "panic in a page") || strings.Contains(log, "anna") {
		t.Errorf("the log:\n%s", log)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	expect(t, h.get("/healthz"), 200, "ok")
	expect(t, h.get("/readyz"), 200, "ready")
	h = newHouse(t, func(o *Options) { o.Ready = func(context.Context) error { return errBroken } })
	expect(t, h.get("/healthz"), 200, "ok")
	expect(t, h.get("/readyz"), 503, "database", "!pq:", "!anna")
}

func TestAssets(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	page := h.get("/").Body.String()
	for _, path := range regexp.MustCompile(`/assets/[a-z.]+\?v=[0-9a-f]+`).FindAllString(page, -1) {
		w := h.get(path)
		expect(t, w, 200)
		if got := w.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("%s: Cache-Control %q", path, got)
		}
	}
	expect(t, h.get("/assets/embed.go"), 404)
	expect(t, h.get("/assets/..%2fmail%2fletter.html"), 404)
}

func TestOptions(t *testing.T) {
	t.Parallel()
	good := func() Options {
		var o Options
		newHouse(t, func(built *Options) { o = *built })
		return o
	}
	for title, change := range map[string]func(*Options){
		"no road":          func(o *Options) { o.Road = nil },
		"base with a path": func(o *Options) { o.BaseURL = "https://example.org/letters" },
		"base without":     func(o *Options) { o.BaseURL = "example.org" },
		"password as hash": func(o *Options) { o.OperatorPasswordHash = "secret" },
		"no templates":     func(o *Options) { o.Templates = os.DirFS(t.TempDir()) },
	} {
		o := good()
		change(&o)
		if _, err := New(o); err == nil || strings.Contains(err.Error(), `"secret"`) {
			t.Errorf("%s: %v", title, err)
		}
	}
}

func TestServerHasLimits(t *testing.T) {
	t.Parallel()
	s := Server("127.0.0.1:0", http.NotFoundHandler())
	if s.ReadHeaderTimeout == 0 || s.ReadTimeout == 0 || s.WriteTimeout <= longest || s.IdleTimeout == 0 || s.MaxHeaderBytes == 0 {
		t.Errorf("%+v", s)
	}
}

func TestStatusOf(t *testing.T) {
	t.Parallel()
	if got := statusOf(errors.New("any")); got != 500 {
		t.Error(got)
	}
	if got := statusOf(fmt.Errorf("form: %w", refusal(422))); got != 422 {
		t.Error(got)
	}
}
