package stacktest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"longroad/internal/devstack"
)

// chromiumPatience is how long a test may use its browser.
const chromiumPatience = 2 * time.Minute

// Chromium starts a browser of the test's own and returns its context for
// chromedp. It reaches the loopback interface only.
func Chromium(t testing.TB) context.Context {
	t.Helper()
	path, err := findChromium()
	settle(t, "chromium", err)
	profile, err := os.MkdirTemp("", "longroad-chromium-")
	if err != nil {
		t.Fatalf("chromium: %v", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.UserDataDir(profile),
		chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	// Not the test's own context: that ends before the cleanup, which asks the
	// browser to close.
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		closing, done := context.WithTimeout(ctx, 10*time.Second)
		defer done()
		chromedp.Cancel(closing) // waits for the browser
		cancel()
		stop()
		chromedp.FromContext(ctx).Allocator.Wait()
		os.RemoveAll(profile)
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("chromium: start %s: %v", path, err)
	}
	// A page that never shows what a test waits for fails that test, not the run.
	// The time begins after the start, for the browser ends with its first context.
	bounded, release := context.WithTimeout(ctx, chromiumPatience)
	t.Cleanup(release)
	return bounded
}

func findChromium() (string, error) {
	for _, name := range []string{
		"chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
		"/Applications/Chromium.app/Contents/MacOS/Chromium",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("chromium is %w: install it (Debian: apt install chromium; Ubuntu: snap install chromium; macOS: brew install --cask google-chrome)", devstack.ErrMissing)
}
