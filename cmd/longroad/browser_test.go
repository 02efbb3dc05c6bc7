package main

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"longroad/internal/devstack/stacktest"
)

// browser is a reader's browser that watches what pages do behind the reader's
// back.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	hosts    map[string]bool
	troubles []string
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	b := &browser{t: t, ctx: stacktest.Chromium(t), hosts: map[string]bool{}}
	must(t, chromedp.Listen(b.ctx, b.notice))
	_, err := chromedp.Call(b.ctx, audits.Enable, cdp.Empty{}) // tells of what a policy forbade
	must(t, err)
	return b
}

// notice takes the browser's events.
func (b *browser) notice(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err != nil || u.Scheme != "data" {
			b.hosts[u.Host] = true
		}
	case *audits.EventIssueAdded:
		if e.Issue.Code == audits.InspectorIssueCodeContentSecurityPolicyIssue {
			b.troubles = append(b.troubles, "the policy forbade "+string(e.Issue.Details.ContentSecurityPolicyIssueDetails.ViolatedDirective))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Source == log.EntrySourceSecurity {
			b.troubles = append(b.troubles, e.Entry.Text+" "+e.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		b.troubles = append(b.troubles, e.ExceptionDetails.Text)
	}
}

// quiet expects that the pages asked no other host for anything and did nothing
// that their policy forbids.
func (b *browser) quiet(host string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.hosts) != 1 || !b.hosts[host] {
		b.t.Errorf("the pages asked %v; want %s alone", b.hosts, host)
	}
	for _, trouble := range b.troubles {
		b.t.Errorf("the browser complains: %s", trouble)
	}
}

// do takes steps, each within a time that a patient reader would grant.
func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for i, step := range steps {
		ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
		err := chromedp.Do(ctx, step)
		cancel()
		if err != nil {
			b.t.Fatalf("step %d: %v; the page shows:\n%s", i, err, b.page())
		}
	}
}

// follow clicks a link until what it leads to shows: a page whose parts are still
// coming may move away under a click, and a reader would click again.
func (b *browser) follow(link, leadsTo string) {
	b.t.Helper()
	for range 5 {
		ctx, cancel := context.WithTimeout(b.ctx, 8*time.Second)
		err := chromedp.Do(ctx, chromedp.Click(link), chromedp.WaitVisible(leadsTo))
		cancel()
		if err == nil {
			return
		}
	}
	b.t.Fatalf("%s does not lead to %s; the page shows:\n%s", link, leadsTo, b.page())
}

// read gives the text of what a selector finds.
func (b *browser) read(selector string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.TextContent(selector))
	if err != nil {
		b.t.Fatalf("%s: %v; the page shows:\n%s", selector, err, b.page())
	}
	return text
}

// page tells where the browser is and what it shows, for a failure.
func (b *browser) page() string {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	where, _ := chromedp.Run(ctx, chromedp.Location())
	text, _ := chromedp.Run(ctx, chromedp.TextContent("body"))
	return where + "\n" + strings.Join(strings.Fields(text), " ")
}

// Selectors of what a reader sees.
func link(text string) string    { return `//a[contains(., "` + text + `")]` }
func button(text string) string  { return `//button[contains(., "` + text + `")]` }
func heading(text string) string { return `//h1[contains(., "` + text + `")]` }
func linkTo(path string) string  { return `//ul[@class="links"]//a[contains(@href, "` + path + `")]` }
func choice(question, answer string) string {
	return `//fieldset[contains(legend, "` + question + `")]//label[contains(., "` + answer + `")]`
}
