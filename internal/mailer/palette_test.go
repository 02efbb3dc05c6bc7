package mailer

import (
	"html/template"
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"longroad/templates"
)

// TestContrast holds for both colour schemes: WCAG 2.2, 1.4.3 and 1.4.11.
func TestContrast(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]scheme{"light": light(), "dark": dark()} {
		for ground, on := range map[string]string{"paper": string(s.Paper), "tint": string(s.Tint)} {
			for word, colour := range map[string]string{"text": string(s.Text), "quiet": string(s.Quiet), "link": string(s.Link)} {
				if c := contrast(t, colour, on); c < 4.5 {
					t.Errorf("%s: %s on %s has a contrast of %.1f", name, word, ground, c)
				}
			}
			if c := contrast(t, string(s.Edge), on); c < 3 {
				t.Errorf("%s: a button's edge on %s has a contrast of %.1f", name, ground, c)
			}
		}
		if c := contrast(t, string(s.ButtonText), string(s.Button)); c < 4.5 {
			t.Errorf("%s: a button has a contrast of %.1f", name, c)
		}
	}
}

// TestOneHand: the pages have the mails' colours, and what they add to them
// keeps the same contrasts.
func TestOneHand(t *testing.T) {
	t.Parallel()
	css, err := fs.ReadFile(templates.FS, "page/page.css")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllSubmatch(css, 2)
	if len(blocks) != 2 {
		t.Fatal("page.css has no two colour schemes")
	}
	for i, s := range []scheme{light(), dark()} {
		has := map[string]string{}
		for _, pair := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`).FindAllSubmatch(blocks[i][1], -1) {
			has[string(pair[1])] = string(pair[2])
		}
		for name, want := range map[string]template.CSS{
			"paper": s.Paper, "tint": s.Tint, "ink": s.Text, "soft": s.Quiet, "link": s.Link, "deed": s.Button, "deed-ink": s.ButtonText, "hair": s.Rule,
		} {
			if has[name] != string(want) {
				t.Errorf("scheme %d: --%s is %q on pages and %q in mails", i, name, has[name], want)
			}
		}
		for _, ground := range []string{has["paper"], has["tint"]} {
			if c := contrast(t, has["wrong"], ground); c < 4.5 {
				t.Errorf("scheme %d: what is wrong has a contrast of %.1f", i, c)
			}
			for _, edge := range []string{"line", "focus"} {
				if c := contrast(t, has[edge], ground); c < 3 {
					t.Errorf("scheme %d: --%s has a contrast of %.1f", i, edge, c)
				}
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 24)
	if err != nil {
		t.Fatal(err)
	}
	channel := func(shift int) float64 {
		v := float64(n>>shift&0xff) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(16) + 0.7152*channel(8) + 0.0722*channel(0)
}
