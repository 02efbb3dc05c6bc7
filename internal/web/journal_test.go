package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"longroad/internal/journey"
	"longroad/internal/seal"
	"longroad/internal/token"
)

// diary is the journal of the one subscription that a fakeRoad has.
type diary struct {
	journey.Journal
	passphrase string
	written    []journey.JournalEntry
}

func (f *fakeRoad) OpenJournal(_ context.Context, ref token.Ref) (journey.Journal, error) {
	if ref != f.sub {
		return journey.Journal{}, journey.ErrNotFound
	}
	j := f.diary.Journal
	j.View, j.Entries = f.viewOf(false), len(f.diary.written)
	return j, f.call("OpenJournal", false)
}

func (f *fakeRoad) BeginJournal(_ context.Context, _ token.Ref, passphrase string) error {
	if !f.diary.Kept {
		f.diary.Kept, f.diary.passphrase = true, passphrase
	}
	return f.call("BeginJournal", true)
}

func (f *fakeRoad) ReadJournal(_ context.Context, _ token.Ref, passphrase string) ([]journey.JournalEntry, error) {
	if !f.diary.Kept {
		return nil, journey.ErrNotFound
	}
	if passphrase != f.diary.passphrase {
		return nil, journey.ErrPassphrase
	}
	return f.diary.written, f.call("ReadJournal", false)
}

func (f *fakeRoad) RestJournal(_ context.Context, _ token.Ref, resting bool) error {
	f.diary.Resting = resting
	return f.call("RestJournal", true)
}

func (f *fakeRoad) ForgetJournal(_ context.Context, _ token.Ref, passphrase string) error {
	if passphrase != f.diary.passphrase {
		return journey.ErrPassphrase
	}
	f.diary = diary{}
	return f.call("ForgetJournal", true)
}

func (f *fakeRoad) ForgetJournalLater(context.Context, token.Ref) error {
	f.diary.ForgetAt = f.now.Add(journey.JournalWaits)
	return f.call("ForgetJournalLater", true)
}

func (f *fakeRoad) KeepJournal(context.Context, token.Ref) error {
	f.diary.ForgetAt = time.Time{}
	return f.call("KeepJournal", true)
}

func (h *house) journalPath() string { return "/journal/" + h.tokens.Sign(token.Journal, h.sub) }

// TestJournalPage begins, opens, saves, rests and destroys, each only with what it
// needs; nothing that was written shows without the passphrase.
func TestJournalPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const passphrase, secret = "a horse, a battery", "It has been <hard>."
	press := func(intent string, more ...string) (int, string) {
		t.Helper()
		form := url.Values{"intent": {intent}}
		for i := 0; i < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		w := h.postAll(h.journalPath(), form)
		return w.Code, w.Body.String()
	}
	for name, c := range map[string][]string{
		"short":     {"passphrase", "short", "again", "short"},
		"different": {"passphrase", passphrase, "again", passphrase + "x"},
		"none":      {},
	} {
		if status, _ := press("begin", c...); status != http.StatusUnprocessableEntity || h.diary.Kept {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status, page := press("begin", "passphrase", passphrase, "again", passphrase); status != 200 || !strings.Contains(page, "is kept here") || strings.Contains(page, passphrase) {
		t.Errorf("begun: %d", status)
	}
	h.diary.written = []journey.JournalEntry{{At: h.now, About: "No but", Text: secret}}
	if page := h.get(h.journalPath()).Body.String(); strings.Contains(page, "hard") {
		t.Error("what was written shows to who only opens the page")
	}
	if status, page := press("open", "passphrase", "another passphrase"); status != http.StatusUnprocessableEntity || strings.Contains(page, "hard") || !strings.Contains(page, journalWrong) {
		t.Errorf("the wrong passphrase: %d", status)
	}
	if status, page := press("open", "passphrase", passphrase); status != 200 || !strings.Contains(page, "It has been &lt;hard&gt;.") || !strings.Contains(page, "No but") {
		t.Errorf("opened: %d", status)
	}
	w := h.postAll(h.journalPath(), url.Values{"intent": {"export"}, "passphrase": {passphrase}})
	if !strings.Contains(w.Body.String(), secret) || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("saved: %d, %v", w.Code, w.Header())
	}
	if press("rest"); !h.diary.Resting {
		t.Error("it does not rest")
	}
	if press("go-on"); h.diary.Resting {
		t.Error("it does not go on")
	}
	if _, page := press("forget-later"); h.diary.ForgetAt.IsZero() || !strings.Contains(page, "Keep them") {
		t.Error("it is not to be destroyed")
	}
	if press("keep"); !h.diary.ForgetAt.IsZero() {
		t.Error("it does not stay")
	}
	if status, _ := press("forget", "passphrase", "another passphrase"); status != http.StatusUnprocessableEntity || !h.diary.Kept {
		t.Errorf("destroyed without its passphrase: %d", status)
	}
	if status, _ := press("forget", "passphrase", passphrase); status != 200 || h.diary.Kept {
		t.Errorf("not destroyed: %d", status)
	}
	if status, _ := press("whatever"); status != http.StatusBadRequest {
		t.Errorf("another button: %d", status)
	}
	other := "/journal/" + h.tokens.Sign(token.Preferences, h.sub)
	if w := h.get(other); w.Code != http.StatusNotFound {
		t.Errorf("another link's token: %d", w.Code)
	}
	if seal.LeastPassphrase != 10 || !strings.Contains(journalShort, "10") {
		t.Error("the page names another length")
	}
}

// TestPassphrasesAreLimited counts what is tried on one journal, wherever from and
// with all other limits lifted.
func TestPassphrasesAreLimited(t *testing.T) {
	t.Parallel()
	limits := newCounter(map[string]int{})
	h := newHouse(t, func(o *Options) { o.Limits, o.Tries = nil, limits })
	limits.most["journal "+h.sub.String()] = 2
	h.diary.Kept, h.diary.passphrase = true, "a horse, a battery"
	for i, from := range []string{"192.0.2.1:1", "198.51.100.2:1", "[2001:db8::1]:1", "203.0.113.4:1"} {
		r := httptest.NewRequest(http.MethodPost, h.journalPath(), strings.NewReader("intent=open&passphrase=another+passphrase"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.RemoteAddr = from
		want := http.StatusUnprocessableEntity
		if i >= 2 {
			want = http.StatusTooManyRequests
		}
		if w := h.do(r); w.Code != want {
			t.Errorf("try %d: %d", i+1, w.Code)
		}
	}
	if limits.bound["journal "+h.sub.String()] != tries {
		t.Errorf("bounds %v", limits.bound)
	}
}
