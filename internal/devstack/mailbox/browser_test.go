package mailbox

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"longroad/internal/devstack/stacktest"
)

func TestMain(m *testing.M) { stacktest.Main(m) }

// A person reads and answers a letter on a phone. The pages' policy lets no
// script run, so what works here works without JavaScript.
func TestInABrowser(t *testing.T) {
	t.Parallel()
	m, replies := withLetter(t)
	clicks := make(chan string, 1)
	mux := http.NewServeMux()
	mux.Handle("/mailbox/", m.Handler())
	mux.HandleFunc("POST /dev/clock", func(w http.ResponseWriter, r *http.Request) {
		clicks <- r.PostFormValue("advance")
		http.Redirect(w, r, "/mailbox/", http.StatusSeeOther)
	})
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)

	ctx := stacktest.Chromium(t)
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		for i, step := range steps {
			within, cancel := context.WithTimeout(ctx, 20*time.Second)
			err := chromedp.Do(within, step)
			cancel()
			if err != nil {
				t.Fatalf("step %d: %v", i, err)
			}
		}
	}
	do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
	do(chromedp.Navigate(site.URL+"/mailbox/"), chromedp.WaitVisible(`//a[contains(., "A first letter")]`))
	wide, err := chromedp.Run(ctx, chromedp.Dimensions("body"))
	if err != nil || wide.Width > 360 {
		t.Errorf("the list is %+v wide on a phone of 360, %v", wide, err)
	}
	do(chromedp.Click(`button[value="168h"]`))
	select {
	case got := <-clicks:
		if got != "168h" {
			t.Errorf("the clock was asked for %q", got)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the clock was not asked")
	}

	do(chromedp.Click(`//a[contains(., "A first letter")]`), chromedp.WaitVisible("iframe"))
	frames, err := chromedp.Run(ctx, chromedp.Nodes("iframe"))
	if err != nil || len(frames) != 1 {
		t.Fatalf("%d frames, %v", len(frames), err)
	}
	do(chromedp.SendKeys("textarea", "ready"), chromedp.Click("section button"), chromedp.WaitVisible(".note"))
	select {
	case r := <-replies:
		if !strings.Contains(string(r.raw), "\r\nready\r\n") {
			t.Errorf("delivered %s", r.raw)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("no reply was delivered")
	}
}

// The HTML of a mail shows in its frame, and no script of it runs.
func TestTheFrame(t *testing.T) {
	t.Parallel()
	m, _ := withLetter(t)
	site := httptest.NewServer(m.Handler())
	t.Cleanup(site.Close)
	ctx := stacktest.Chromium(t)
	// Ready, not visible: chromedp asks for the latter by a script, and none runs here.
	if err := chromedp.Do(ctx, chromedp.Navigate(site.URL+"/mailbox/00000001/html"), chromedp.WaitReady("p")); err != nil {
		t.Fatal(err)
	}
	style, err := chromedp.Run(ctx, chromedp.ComputedStyle("p", chromedp.NodeReady))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range style {
		if s.Name == "color" && s.Value != "rgb(18, 52, 86)" {
			t.Errorf("the mail's own style does not hold: %s", s.Value)
		}
	}
	if title, err := chromedp.Run(ctx, chromedp.OuterHTML("title", chromedp.NodeReady)); err != nil || title != "<title>x</title>" {
		t.Errorf("the title is %q, %v: a script of the mail ran", title, err)
	}
}
