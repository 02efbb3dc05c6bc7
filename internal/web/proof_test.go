package web

import (
	"context"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"longroad/internal/course"
	"longroad/internal/devstack/stacktest"
	"longroad/internal/pacing"
	"longroad/internal/token"
)

// TestProof hands every page to other people's tools.
func TestProof(t *testing.T) {
	t.Parallel()
	pages := shown(t)
	maps.Copy(pages, written(t))
	maps.Copy(pages, failed(t))
	pages = distinct(pages)
	var documents []stacktest.Document
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		documents = append(documents, stacktest.Document{Name: name, HTML: pages[name]})
	}
	t.Run("markup", func(t *testing.T) { stacktest.Validate(t, "page", documents) })
	t.Run("accessible", func(t *testing.T) { stacktest.Accessible(t, exhibit(t, pages), nil) })
	t.Run("links", func(t *testing.T) {
		h := newHouse(t)
		h.wrote(pacing.NotYet) // so that there is something to undo, too
		seen := map[string]bool{}
		// Where mails lead; that they lead nowhere else is tested with the mails.
		for _, link := range []string{
			h.confirmPath(), h.choosePath(), h.undoPath(), h.mePath() + "#practice", h.stopPath(), h.checkInPath(), h.checkInPath() + "?answer=not-yet",
			"/lines", "/lines?country=GB", "/courses/long-road/lines?country=GB", "/courses/long-road/lines?country=",
		} {
			h.follow("a mail", link, seen)
		}
		if !strings.Contains(h.get(h.mePath()).Body.String(), `id="practice"`) {
			t.Error("the page of preferences has no place for practice letters")
		}
		for _, d := range documents {
			for _, link := range hrefs.FindAllStringSubmatch(d.HTML, -1) {
				h.follow(d.Name, html.UnescapeString(link[1]), seen)
			}
		}
		t.Logf("links: %d pages lead to %d places", len(documents), len(seen))
	})
}

// failed are the pages of what goes wrong.
func failed(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	visit := func(name string, status int, w *httptest.ResponseRecorder) {
		if pages[name] = w.Body.String(); w.Code != status {
			t.Errorf("%s: status %d, want %d", name, w.Code, status)
		}
	}
	h := newHouse(t)
	visit("gone", http.StatusGone, h.get("/confirm/"+h.tokens.Sign(token.Confirm, token.NewRef())))
	visit("wrong method", http.StatusMethodNotAllowed, h.do(httptest.NewRequest(http.MethodDelete, "/", nil)))
	visit("no password", http.StatusUnauthorized, h.get("/operator/"))
	for range freeTries + 1 {
		h.asOperator("operator", "wrong")
	}
	visit("too many", http.StatusTooManyRequests, h.asOperator("operator", password))
	h.err = errBroken
	visit("broken", http.StatusInternalServerError, h.get("/courses/long-road"))
	h.err = context.DeadlineExceeded
	visit("busy", http.StatusServiceUnavailable, h.get("/courses/long-road"))
	h = newHouse(t, func(o *Options) { o.OperatorPasswordHash = "" })
	visit("operator shut", http.StatusNotFound, h.get("/operator/"))
	return pages
}

var signed = regexp.MustCompile(`[a-z2-7]{40}`)

// distinct keeps one of the pages that differ in nothing but their tokens.
func distinct(pages map[string]string) map[string]string {
	seen, kept := map[string]bool{}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		if plain := signed.ReplaceAllString(pages[name], ""); !seen[plain] {
			seen[plain], kept[name] = true, pages[name]
		}
	}
	return kept
}

var hrefs = regexp.MustCompile(`\b(?:href|src)="([^"]*)"`)

// follow expects that a link leads to a page of ours that is there, out of danger,
// to a help line or to the operator.
func (h *house) follow(page, link string, seen map[string]bool) {
	h.t.Helper()
	where := signed.ReplaceAllString(link, "…")
	if strings.HasPrefix(link, "#") || seen[where] {
		return // checkTree knows the ids of a page
	}
	seen[where] = true
	u, err := url.Parse(link)
	switch {
	case err != nil:
		h.t.Errorf("%s: %q is no link", page, link)
	case u.Host == "" && u.Scheme == "":
		path := h.ownPath(page, u.Path)
		if u.RawQuery != "" {
			path += "?" + u.RawQuery
		}
		if w := h.get(path); w.Code != http.StatusOK && path != "/favicon.ico" {
			h.t.Errorf("%s leads to %s, which answers %d", page, where, w.Code)
		}
	case link == "mailto:help@letters.example.org", link == "https://weather.com/":
	case !helps(h.course, link):
		h.t.Errorf("%s leads to %s", page, link)
	}
}

// ownPath puts this house's token in the place of another's, once that is known to
// be good for its path.
func (h *house) ownPath(page, path string) string {
	h.t.Helper()
	route, foreign, ok := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !ok || !signed.MatchString(foreign) {
		return path
	}
	own := map[string]struct {
		purpose token.Purpose
		path    string
	}{
		"confirm": {token.Confirm, h.confirmPath()}, "checkin": {token.CheckIn, h.checkInPath()}, "choose": {token.Choose, h.choosePath()},
		"undo": {token.Undo, h.undoPath()}, "me": {token.Preferences, h.mePath()}, "journal": {token.Journal, h.journalPath()}, "u": {token.Unsubscribe, h.stopPath()},
	}[route]
	if _, err := h.tokens.Verify(own.purpose, foreign); err != nil {
		h.t.Errorf("%s leads to /%s with a token that is not good for it", page, route)
	}
	return own.path
}

// helps reports whether a link is one of the course's help lines, or the one for
// everywhere.
func helps(c *course.Course, link string) bool {
	if link == "https://findahelpline.com" {
		return true
	}
	for _, lines := range c.Help {
		for _, line := range lines {
			if string(readContact(line.Contact).Href) == link {
				return true
			}
		}
	}
	return false
}
