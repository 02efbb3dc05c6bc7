package stacktest

import (
	"bytes"
	"context"
	"fmt"
	htmltemplate "html/template"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Picture is a page to take: its name, which becomes a file's, and where it is.
type Picture struct{ Name, URL string }

// view is a screen and its colour scheme.
type view struct {
	Name          string
	width, height int64
	scheme        string
}

func views() []view {
	return []view{
		{"phone-light", 390, 844, "light"}, {"phone-dark", 390, 844, "dark"},
		{"desktop-light", 1100, 800, "light"}, {"desktop-dark", 1100, 800, "dark"},
		{"narrow", 320, 800, "light"}, // too small to be worth a picture
	}
}

// Album takes every picture on a phone and on a desktop, light and dark, into
// dir/title, and puts them all on one contact sheet, dir/title.html, which is
// taken too, small enough to be sent round. Each view and each picture is a subtest, so that -run can name
// some: a sheet shows what there is. A page that has to be moved sideways fails,
// as does one that has to on the narrowest screen (WCAG 2.2, 1.4.10).
func Album(t *testing.T, dir, title string, pictures []Picture) {
	t.Helper()
	into := filepath.Join(dir, title)
	if err := os.MkdirAll(filepath.Join(into, "small"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, v := range views() {
		t.Run(v.Name, func(t *testing.T) {
			whole := t
			var ctx context.Context
			for _, p := range pictures {
				t.Run(p.Name, func(t *testing.T) {
					if ctx == nil { // one browser a view, and only where it is asked for
						ctx = v.browser(whole)
					}
					open(t, ctx, p.URL)
					if wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth")); err != nil || wide > v.width {
						t.Errorf("it is %d wide on a screen of %d, %v", wide, v.width, err)
					}
					if v.Name != "narrow" {
						photograph(t, ctx, filepath.Join(into, p.Name+"."+v.Name+".png"))
						v.thumbnail(t, ctx, filepath.Join(into, "small", p.Name+"."+v.Name+".png"))
					}
				})
			}
		})
	}
	sheet, err := filepath.Abs(filepath.Join(dir, title+".html"))
	if err != nil {
		t.Fatal(err)
	}
	if err := writeSheet(sheet, title, into, pictures); err != nil {
		t.Fatal(err)
	}
	t.Run("sheet", func(t *testing.T) {
		ctx := view{width: sheetWide, height: 1000, scheme: "light"}.browser(t)
		open(t, ctx, "file://"+filepath.ToSlash(sheet))
		shrink(t, ctx, filepath.Join(dir, title+".webp"))
	})
}

// browser shows pages as the view does.
func (v view) browser(t *testing.T) context.Context {
	t.Helper()
	ctx := Chromium(t)
	if err := v.show(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// show makes a browser look as the view does.
func (v view) show(ctx context.Context) error {
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(v.width, v.height)); err != nil {
		return err
	}
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: v.scheme}},
	})
	return err
}

func open(t *testing.T, ctx context.Context, url string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		t.Fatal(err)
	}
}

func photograph(t *testing.T, ctx context.Context, file string) {
	t.Helper()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		t.Fatal(err)
	}
}

// sheetWide is how wide a contact sheet is, in pixels.
const sheetWide = 2360

// shrink takes a whole contact sheet in little space.
func shrink(t *testing.T, ctx context.Context, file string) {
	t.Helper()
	high, err := chromedp.Run(ctx, chromedp.Evaluate[float64]("document.documentElement.scrollHeight"))
	if err != nil {
		t.Fatal(err)
	}
	quality, beyond := int64(40), true
	small, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatWebp, Quality: &quality,
		Clip:                  &page.Viewport{Width: sheetWide, Height: high, Scale: 0.64},
		CaptureBeyondViewport: &beyond,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, small.Data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// thumb is how high a thumbnail is on the sheet, and thumbWide how wide, in pixels.
const thumb = 275

func (v view) thumbWide() int64 {
	if v.width < 400 {
		return 130
	}
	return 240
}

// thumbnail takes the top of the page, so small that a sheet can hold hundreds.
func (v view) thumbnail(t *testing.T, ctx context.Context, file string) {
	t.Helper()
	scale, beyond := float64(v.thumbWide())/float64(v.width), true
	small, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Clip:                  &page.Viewport{Width: float64(v.width), Height: thumb / scale, Scale: scale},
		CaptureBeyondViewport: &beyond,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, small.Data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// writeSheet lists the pictures there are, each with its views.
func writeSheet(file, title, folder string, pictures []Picture) error {
	type entry struct {
		Name  string
		Files []string
	}
	var entries []entry
	for _, p := range pictures {
		e := entry{Name: p.Name}
		for _, v := range views() {
			name := p.Name + "." + v.Name + ".png"
			if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
				e.Files = append(e.Files, name)
			}
		}
		if len(e.Files) > 0 {
			entries = append(entries, e)
		}
	}
	var b bytes.Buffer
	if err := sheetPage.Execute(&b, map[string]any{"Title": title, "Entries": entries}); err != nil {
		return fmt.Errorf("contact sheet: %w", err)
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}

var sheetPage = htmltemplate.Must(htmltemplate.New("sheet").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{{.Title}}</title>
<style>
body { margin: 20px; font: 13px/1.4 sans-serif; background: #bbb; color: #222; display: grid; grid-template-columns: repeat(3, 760px); gap: 16px 20px; }
h2 { font-size: 13px; margin: 0 0 4px; }
div { display: flex; gap: 6px; }
img { display: block; }
</style>
</head>
<body>
{{range .Entries}}<section><h2>{{.Name}}</h2><div>{{range .Files}}<a href="{{$.Title}}/{{.}}"><img src="{{$.Title}}/small/{{.}}" alt="{{.}}"></a>{{end}}</div></section>
{{end}}</body>
</html>
`))
