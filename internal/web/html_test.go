package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/pacing"
)

// shown is every page in every shape that a reader may meet.
func shown(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	visit := func(name string, act func(h *house) string) {
		pages[name] = act(newHouse(t))
	}
	visit("home", func(h *house) string { return h.get("/").Body.String() })
	visit("form", func(h *house) string { return h.get("/courses/long-road").Body.String() })
	visit("form with faults", func(h *house) string { return h.post(formPath).Body.String() })
	visit("lines", func(h *house) string { return h.get("/lines").Body.String() })
	visit("lines of a country", func(h *house) string { return h.get("/courses/long-road/lines?country=GB").Body.String() })
	for _, safe := range []string{"yes", "no", "unsure"} {
		visit("mailbox "+safe, func(h *house) string { return h.post(formPath, filled("safe", safe)...).Body.String() })
	}
	visit("confirm", func(h *house) string { return h.get(h.confirmPath()).Body.String() })
	visit("confirmed", func(h *house) string { return h.post(h.confirmPath()).Body.String() })
	visit("confirm again", func(h *house) string { h.wasHere(); return h.get(h.confirmPath()).Body.String() })
	visit("confirmed again", func(h *house) string { h.wasHere(); return h.post(h.confirmPath(), "way", "on").Body.String() })
	visit("choose", func(h *house) string { return h.get(h.choosePath()).Body.String() })
	for _, side := range []string{"first", "second", "nothing"} {
		visit("chosen "+side, func(h *house) string { return h.post(h.choosePath(), "side", side).Body.String() })
	}
	visit("chosen and back", func(h *house) string {
		h.post(h.choosePath(), "side", "second")
		return h.post(h.choosePath(), "side", "first").Body.String()
	})
	visit("nothing to choose", func(h *house) string {
		h.step(pacing.Event{Kind: pacing.Stop})
		return h.get(h.choosePath()).Body.String()
	})
	for _, word := range takenBack {
		visit("undo "+string(word), func(h *house) string { h.wrote(word); return h.get(h.undoPath()).Body.String() })
		visit("undone "+string(word), func(h *house) string { h.wrote(word); return h.post(h.undoPath()).Body.String() })
	}
	visit("undo too late", func(h *house) string {
		h.wrote(pacing.NotYet)
		h.undo = journey.UndoGone
		return h.get(h.undoPath()).Body.String()
	})
	visit("stop", func(h *house) string { return h.get(h.stopPath()).Body.String() })
	visit("stopped", func(h *house) string { return h.post(h.stopPath()).Body.String() })
	visit("nowhere", func(h *house) string { return h.get("/nowhere").Body.String() })
	visit("bad link", func(h *house) string { return h.get("/confirm/x").Body.String() })
	visit("operator", func(h *house) string { return h.asOperator("operator", password).Body.String() })
	for _, status := range []pacing.Status{pacing.Awaiting, pacing.Paused, pacing.Resting, pacing.Halted, pacing.Completed, pacing.Stopped} {
		visit("me "+string(status), func(h *house) string {
			h.deliver()
			h.state.Status = status
			return h.get(h.mePath()).Body.String()
		})
		visit("check-in "+string(status), func(h *house) string {
			h.deliver()
			h.state.Status = status
			return h.get(h.checkInPath() + "?answer=ready").Body.String()
		})
	}
	for _, intent := range []string{"ready", "not-yet", "slower", "faster", "pause", "repeat", "back", "resume", "stop", "nothing"} {
		visit("answered "+intent, func(h *house) string {
			h.deliver()
			return h.post(h.checkInPath(), "intent", intent).Body.String()
		})
	}
	visit("check-in to the last letter", func(h *house) string { h.deliverLast(); return h.get(h.checkInPath() + "?answer=ready").Body.String() })
	visit("answered the last letter", func(h *house) string {
		h.deliverLast()
		return h.post(h.checkInPath(), "intent", "ready").Body.String()
	})
	visit("answered and taken back", func(h *house) string {
		h.deliver()
		h.post(h.checkInPath(), "intent", "pause")
		return h.post(h.checkInPath(), "intent", "undo", "back", "kept of pause").Body.String()
	})
	visit("taken back too late", func(h *house) string {
		h.deliver()
		return h.post(h.checkInPath(), "intent", "undo").Body.String()
	})
	for _, intent := range []string{"when", "you", "help", "dark", "light", "slower", "faster", "pause", "resume", "practice-off", "practice-on", "stop", "nothing"} {
		visit("me, then "+intent, func(h *house) string {
			h.deliver()
			h.wishes.Dark = []course.DarkDate{{Year: 2026, Month: 12, Day: 24}}
			return h.post(h.mePath(), "intent", intent, "time_zone", "Europe/London").Body.String()
		})
		visit("me with faults, then "+intent, func(h *house) string {
			h.deliver()
			return h.post(h.mePath(), "intent", intent, "name", "<", "country", "?", "until", "x", "send_hour", "x", "crisis_mail", "x").Body.String()
		})
	}
	for _, intent := range []string{"yes", "no", "unsure", "alone"} {
		visit("safety "+intent, func(h *house) string {
			h.asksSafety()
			return h.post(h.checkInPath(), "intent", intent).Body.String()
		})
	}
	return pages
}

func TestPagesAreWellFormed(t *testing.T) {
	t.Parallel()
	for name, page := range shown(t) {
		if !strings.HasPrefix(page, "<!doctype html>") || !strings.Contains(page, "<title>Long Road Letters</title>") {
			t.Errorf("%s: no page of ours:\n%s", name, page)
			continue
		}
		if len(page) > 50<<10 {
			t.Errorf("%s: %d octets", name, len(page))
		}
		for _, never := range []string{"ZgotmplZ", "<no value>", "style=", "onclick", "<script>", "<style"} {
			if strings.Contains(page, never) {
				t.Errorf("%s holds %q", name, never)
			}
		}
		if n := strings.Count(page, "<h1>"); n != 1 {
			t.Errorf("%s: %d main headings", name, n)
		}
		checkTree(t, name, page)
	}
}

// checkTree reads a page as a tree and checks what ties its parts together.
func checkTree(t *testing.T, name, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	ids, wanted := map[string]bool{}, map[string]string{}
	var open []string
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		switch e := tok.(type) {
		case xml.StartElement:
			open = append(open, e.Name.Local)
			for _, a := range e.Attr {
				switch a.Name.Local {
				case "id":
					if ids[a.Value] {
						t.Errorf("%s: the id %s stands twice", name, a.Value)
					}
					ids[a.Value] = true
				case "for", "aria-describedby", "aria-labelledby":
					for _, id := range strings.Fields(a.Value) {
						wanted[id] = a.Name.Local
					}
				case "href", "src", "action":
					if id, ok := strings.CutPrefix(a.Value, "#"); ok {
						wanted[id] = "href"
					}
					if e.Name.Local != "a" && !strings.HasPrefix(a.Value, "/") {
						t.Errorf("%s: %s loads %s", name, e.Name.Local, a.Value)
					}
				}
			}
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != e.Name.Local {
				t.Errorf("%s: </%s> closes %v", name, e.Name.Local, open)
				return
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%s: left open: %v", name, open)
	}
	for id, by := range wanted {
		if !ids[id] {
			t.Errorf("%s: %s names %q, which is not there", name, by, id)
		}
	}
}

var (
	labels   = regexp.MustCompile(`(?s)<label for="([^"]+)">(.*?)</label>`)
	controls = regexp.MustCompile(`<(?:input|select|textarea)[^>]* id="([^"]+)"[^>]* aria-describedby="([^"]+)"`)
)

// What stands in a control's label is read out with it; a description that
// points there would have it read out once more.
func TestNothingIsReadTwice(t *testing.T) {
	t.Parallel()
	for name, page := range shown(t) {
		label := map[string]string{}
		for _, m := range labels.FindAllStringSubmatch(page, -1) {
			label[m[1]] = m[2]
		}
		for _, m := range controls.FindAllStringSubmatch(page, -1) {
			for _, id := range strings.Fields(m[2]) {
				if strings.Contains(label[m[1]], `id="`+id+`"`) {
					t.Errorf("%s: the label of %s holds its description %s", name, m[1], id)
				}
			}
		}
	}
}

// Who agrees has the text before them, not behind the tick.
func TestConsentFollowsItsText(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	page := h.get("/courses/" + h.course.ID).Body.String()
	text, tick := strings.Index(page, "What you agree to"), strings.Index(page, `id="consent"`)
	if text < 0 || tick < text {
		t.Errorf("the text begins at %d, its tick stands at %d", text, tick)
	}
}

func TestEveryPageHasTheQuickExitAndTheFoot(t *testing.T) {
	t.Parallel()
	for name, page := range shown(t) {
		for _, word := range []string{"Leave this page", `rel="noreferrer`, "education, not therapy", "Skip to the text"} {
			if !strings.Contains(page, word) {
				t.Errorf("%s lacks %q", name, word)
			}
		}
	}
}

// The version goes into the stored consent, so a changed text must change it.
func TestConsentTextsBelongToTheirVersions(t *testing.T) {
	t.Parallel()
	consent, err := os.ReadFile("../../templates/page/part-consent.html")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(consent)
	got := hex.EncodeToString(sum[:8])
	if want := map[string]string{"consent-1": "16497e68a316c045", "consent-2": "33f2f182a0a3e4b4", "consent-3": "b99cec6947b9dead"}[ConsentVersion]; got != want {
		t.Errorf("the text of %s has the hash %s, want %q: raise ConsentVersion and note the new text's hash here", ConsentVersion, got, want)
	}
	form, err := os.ReadFile("../../templates/page/signup.html")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(form), "I am 18 or older.") || AdultVersion != "adult-1" {
		t.Error("the adult text changed: raise AdultVersion, and change this test")
	}
}

func TestContact(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]contact{
		"911":                         {"tel:911", "911", ""},
		"9-8-8":                       {"tel:988", "9-8-8", ""},
		"0800 1110111 or 0800 111022": {"tel:08001110111", "0800 1110111", " or 0800 111022"},
		"1737 (call or text)":         {"tel:1737", "1737", " (call or text)"},
		"findahelpline.com":           {"https://findahelpline.com", "findahelpline.com", ""},
		"https://findahelpline.com":   {"https://findahelpline.com", "findahelpline.com", ""},
		"http://example.org/x?y":      {"", "", "http://example.org/x?y"},
		"javascript:alert(1)":         {"", "", "javascript:alert(1)"},
		"call us":                     {"", "", "call us"},
	} {
		if got := readContact(in); got != want {
			t.Errorf("%q: %+v", in, got)
		}
	}
	if lines := help(&course.Course{Help: map[string][]course.HelpLine{"": {{For: "x"}}}}, "GB"); len(lines) != 1 {
		t.Error("no fallback")
	}
}
