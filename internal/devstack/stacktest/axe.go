package stacktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// axeViews are the screens and colour schemes in which pages have to be accessible.
func axeViews() []view {
	return []view{
		{"320-light", 320, 640, "light"}, {"320-dark", 320, 640, "dark"},
		{"1280-dark", 1280, 800, "dark"}, {"1280-light", 1280, 800, "light"},
	}
}

// axeRun has axe tell what it finds, and how many of its rules had something to
// look at. Besides what it holds to be faults, all that it calls best practice counts.
const axeRun = `axe.run(document, {resultTypes: ["violations"], rules: %s}).then(r => JSON.stringify({
	Passed: r.passes.length,
	Violations: r.violations.map(v => ({Rule: v.id, Text: v.help, At: v.nodes.map(n => n.target.join(" ") + ": " + n.any.map(a => a.message).join("; "))})),
}))`

// axeCall is axeRun without the rules that are left out.
func axeCall(without map[string]string) string {
	rules := map[string]map[string]bool{}
	for rule := range without {
		rules[rule] = map[string]bool{"enabled": false}
	}
	written, _ := json.Marshal(rules) // strings and booleans
	return fmt.Sprintf(axeRun, written)
}

// violation is a fault that axe found on a page.
type violation struct {
	Rule, Text string
	At         []string
	view       string
}

// atOnce is how many pages one browser looks at: it has only so much time.
const atOnce = 20

// Accessible has axe-core look at every page in a browser, at widths of 320 and
// 1280 pixels, light and dark. What it finds fails the test; rules in without are
// left out, each for its reason.
func Accessible(t *testing.T, pages []Picture, without map[string]string) {
	t.Helper()
	axe := readAxe(t)
	for _, rule := range slices.Sorted(maps.Keys(without)) {
		t.Logf("axe-core: without %s: %s", rule, without[rule])
	}
	t.Logf("axe-core: %d pages in %d views", len(pages), len(axeViews()))
	for some := range slices.Chunk(pages, atOnce) {
		t.Run(some[0].Name, func(t *testing.T) {
			t.Parallel()
			ctx := Chromium(t)
			for _, page := range some {
				found, err := lookAt(ctx, axe, axeCall(without), page.URL)
				if err != nil {
					t.Fatalf("axe-core: %s: %v", page.Name, err)
				}
				for _, f := range found {
					t.Errorf("axe-core: %s, %s: %s (%s)\n\t%s", page.Name, f.view, f.Text, f.Rule, strings.Join(f.At, "\n\t"))
				}
			}
		})
	}
}

func readAxe(t testing.TB) string {
	t.Helper()
	file, err := npmFile("axe-core/axe.min.js")
	settle(t, "axe-core", err)
	axe, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(axe)
}

// lookAt opens a page once and has axe look at it in every view.
func lookAt(ctx context.Context, axe, call, url string) ([]violation, error) {
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		return nil, err
	}
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](axe)); err != nil {
		return nil, fmt.Errorf("load axe: %w", err)
	}
	var all []violation
	for _, v := range axeViews() {
		if err := v.show(ctx); err != nil {
			return nil, err
		}
		told, err := chromedp.Run(ctx, chromedp.Evaluate[string](call, chromedp.EvalAwaitPromise))
		if err != nil {
			return nil, err
		}
		var found struct {
			Passed     int
			Violations []violation
		}
		if err := json.Unmarshal([]byte(told), &found); err != nil {
			return nil, err
		}
		if found.Passed == 0 {
			return nil, errors.New("it had nothing to look at")
		}
		for _, f := range found.Violations {
			f.view = v.Name
			all = append(all, f)
		}
	}
	return all, nil
}
