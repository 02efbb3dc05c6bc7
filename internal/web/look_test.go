package web

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"longroad/internal/devstack/stacktest"
	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/token"
)

// written are the pages that a reader meets who writes, and the operator when there is
// something to do.
func written(t *testing.T) map[string]string {
	t.Helper()
	const passphrase = "a horse, a battery"
	pages := map[string]string{}
	h := newHouse(t)
	press := func(name, intent string, more ...string) {
		form := url.Values{"intent": {intent}}
		for i := 0; i < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		pages["journal "+name] = h.postAll(h.journalPath(), form).Body.String()
	}
	pages["journal"] = h.get(h.journalPath()).Body.String()
	press("with faults", "begin", "passphrase", "short", "again", "short")
	press("begun", "begin", "passphrase", passphrase, "again", passphrase)
	h.diary.written = []journey.JournalEntry{
		{At: h.now, About: "No but", Text: "It has been hard.\n\nI said it without the “but”, and then I stood there in the kitchen and did not know what to do with my hands.\n  - I stayed.\n  - I did not explain."},
		{At: h.now.Add(200 * time.Hour), Text: strings.Repeat("Aword", 40)},
	}
	press("wrong", "open", "passphrase", "another passphrase")
	press("open", "open", "passphrase", passphrase)
	press("to be destroyed", "forget-later")

	h = newHouse(t)
	mail := token.NewRef()
	h.view = journey.Overview{
		Courses:    []journey.CourseCounts{{Course: "long-road", Statuses: map[pacing.Status]int{pacing.Awaiting: 41, pacing.Completed: 7}}},
		Deliveries: map[string]int{"sent": 1042, "retry": 3}, Overdue: 3, OldestDue: h.now, Unknown: 2, IntakesOpen: 5, Workers: 2,
		GivenUp:  []journey.GivenUp{{Delivery: mail, Kind: "lesson", Lesson: "name-the-break", Attempts: 7, Code: 550, Enhanced: "5.7.1", EndedAt: h.now}},
		Unread:   []journey.Unread{{Reply: token.NewRef(), ReceivedAt: h.now, Delivery: &mail}},
		Returned: []journey.Returned{{Type: "soft", Reason: "blocked", AboutUs: true, N: 87}},
	}
	pages["operator at work"] = h.asOperator("operator", password).Body.String()
	return pages
}

func TestWrittenPagesAreWellFormed(t *testing.T) {
	t.Parallel()
	for name, page := range written(t) {
		if strings.Count(page, "<h1>") != 1 || strings.Contains(page, "style=") {
			t.Errorf("%s:\n%s", name, page)
		}
		checkTree(t, name, page)
	}
}

// TestPagesAreLight: with all that it loads, a page has less than 50 KB, and it
// loads nothing but the two files beside it.
func TestPagesAreLight(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deliver()
	assets := h.get("/assets/page.css").Body.Len() + h.get("/assets/page.js").Body.Len()
	pages := written(t)
	for _, path := range []string{"/", "/courses/long-road", "/lines", h.confirmPath(), h.checkInPath(), h.mePath(), h.stopPath(), h.choosePath(), "/nowhere"} {
		pages[path] = h.get(path).Body.String()
	}
	pages["form with faults"] = h.post(formPath).Body.String()
	loads := regexp.MustCompile(`(?i)<(?:link|script|img|iframe|source|object|embed|image|use)\b[^>]*>|url\(|@import`)
	for name, page := range pages {
		if size := len(page) + assets; size >= 50<<10 {
			t.Errorf("%s: %d octets with its style and script", name, size)
		}
		for _, tag := range loads.FindAllString(page, -1) {
			if !regexp.MustCompile(`^<(link rel="stylesheet" href|script src)="/assets/page\.(css|js)\?v=[0-9a-f]+"`).MatchString(tag) {
				t.Errorf("%s loads %s", name, tag)
			}
		}
	}
}

// TestStyle: the style loads nothing, runs in either direction, and keeps what a
// reader's system asks for.
func TestStyle(t *testing.T) {
	t.Parallel()
	raw, err := fs.ReadFile(os.DirFS("../../templates/page"), "page.css")
	if err != nil {
		t.Fatal(err)
	}
	css := string(raw)
	for _, never := range []string{"url(", "@import", "@font-face", "expression(", "transition", "animation", "outline: 0"} {
		if strings.Contains(css, never) {
			t.Errorf("the style holds %s", never)
		}
	}
	for _, side := range regexp.MustCompile(`(?:[a-z-]+-)?(?:left|right)(?:-[a-z-]+)?\s*:|:\s*(?:left|right)\b`).FindAllString(css, -1) {
		t.Errorf("%q holds in one direction alone", side)
	}
	for _, wants := range []string{"prefers-color-scheme: dark", "prefers-contrast: more", "forced-colors: active", ":focus-visible", "min-height: 2.75rem"} {
		if !strings.Contains(css, wants) {
			t.Errorf("the style has no %s", wants)
		}
	}
}

// TestSqueezed: who can read gzip gets it, a page and its style alike, and the
// same in it as everybody else.
func TestSqueezed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, path := range []string{"/courses/long-road", "/assets/page.css", "/nowhere"} {
		plain := h.get(path)
		for accepts, squeezed := range map[string]bool{"gzip, deflate, br": true, "gzip": true, "br": false, "gzip;q=0": false, "": false} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.Header.Set("Accept-Encoding", accepts)
			w := h.do(r)
			if got := w.Header().Get("Content-Encoding") == "gzip"; got != squeezed || w.Header().Get("Vary") != "Accept-Encoding" || w.Code != plain.Code {
				t.Errorf("%s for %q: squeezed %v, %v", path, accepts, got, w.Header())
			}
			if !squeezed {
				continue
			}
			if w.Body.Len() > 14<<10 {
				t.Errorf("%s has %d octets on the wire", path, w.Body.Len())
			}
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			if body, err := io.ReadAll(z); err != nil || string(body) != plain.Body.String() {
				t.Errorf("%s is another page when squeezed, %v", path, err)
			}
		}
	}
}

func TestSqueezeCSS(t *testing.T) {
	t.Parallel()
	const from = "/* a\n{ b } */\n:root { --a: \"b c\", d; }\n\n@media (min-width: 3rem) {\n  a :hover, p + a:not(.b) > i { margin: 0 auto; }\n}\n"
	const want = `:root{--a:"b c",d}@media (min-width:3rem){a :hover,p + a:not(.b)>i{margin:0 auto}}`
	if got := squeezeCSS(from); got != want {
		t.Errorf("%s", got)
	}
}

// TestTouchTargets: what a thumb has to hit is 44 pixels high and wide at least
// (WCAG 2.2, 2.5.5); links within a sentence aside.
func TestTouchTargets(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deliver()
	site := httptest.NewServer(h.handler)
	t.Cleanup(site.Close)
	ctx := stacktest.Chromium(t)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile)); err != nil {
		t.Fatal(err)
	}
	const small = `[...document.querySelectorAll("button, .button, select, summary, .choice, .exit a, .brand a, footer a, .lines a, input:not([type=radio], [type=checkbox], [type=hidden])")]
		.map(e => [e, e.getBoundingClientRect()]).filter(([e, r]) => r.height && r.left >= 0 && (r.height < 44 || r.width < 44))
		.map(([e, r]) => e.outerHTML.slice(0, 80) + " " + r.width + "x" + r.height).join("\n")`
	for _, path := range []string{"/", "/courses/long-road", "/courses/long-road/lines?country=GB", h.confirmPath(), h.checkInPath(), h.mePath(), h.journalPath(), h.choosePath(), h.stopPath()} {
		if err := chromedp.Do(ctx, chromedp.Navigate(site.URL+path)); err != nil {
			t.Fatal(err)
		}
		if found, err := chromedp.Run(ctx, chromedp.Evaluate[string](small)); err != nil || found != "" {
			t.Errorf("%s: %v\n%s", path, err, found)
		}
	}
}
