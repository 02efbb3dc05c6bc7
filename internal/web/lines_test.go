package web

import (
	"strings"
	"testing"

	"longroad/internal/pacing"
)

// The page that mails link to tells nothing of why somebody opens it.
func TestLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path   string
		status int
		words  []string
	}{
		{"/courses/long-road/lines?country=GB", 200, []string{"Somebody to talk to", "0808 2000 247", "116 123", "!988", `value="GB" selected`, "Leave this page"}},
		{"/courses/long-road/lines?country=us", 200, []string{"988", "!0808 2000 247"}},
		{"/courses/long-road/lines?country=JP", 200, []string{"findahelpline.com", "!988"}},
		{"/courses/long-road/lines?country=Mars", 200, []string{"findahelpline.com"}},
		{"/courses/long-road/lines", 200, []string{"findahelpline.com"}},
		{"/lines?country=DE", 200, []string{"116 016"}},
		{"/courses/none/lines", 404, nil},
	} {
		expect(t, newHouse(t).get(c.path), c.status, c.words...)
	}
}

// Who opens the mailbox opens this page too: it never shows what was chosen.
func TestHelpByMailIsNotShown(t *testing.T) {
	t.Parallel()
	for _, status := range []pacing.Status{pacing.Awaiting, pacing.Halted} {
		var pages []string
		for _, chosen := range []string{"full", "link", "none"} {
			h := newHouse(t)
			h.deliver()
			h.state.Status, h.wishes.CrisisMail = status, chosen
			same := h.post(h.mePath(), "intent", "help", "crisis_mail", chosen)
			expect(t, same, 200, "<strong>Saved.</strong>", "!already was")
			page := h.get(h.mePath())
			expect(t, page, 200, "Leave it as it is", `value="" checked`)
			pages = append(pages, strings.NewReplacer(h.mePath(), "/me", h.journalPath(), "/journal").Replace(page.Body.String()))
		}
		if pages[0] != pages[1] || pages[1] != pages[2] {
			t.Errorf("%s: the page tells what was chosen", status)
		}
	}
}
