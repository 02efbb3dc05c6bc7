package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"longroad/courses"
	"longroad/internal/course"
)

// walker is a reader of dev without a browser: the form, the mailbox and the clock,
// as programs reach them.
type walker struct {
	t     *testing.T
	base  string
	email string
}

// post sends a form and expects it to be taken.
func (w *walker) post(path string, form url.Values) {
	w.t.Helper()
	answer, err := http.PostForm(w.base+path, form)
	must(w.t, err)
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	if answer.StatusCode >= 300 {
		w.t.Fatalf("%s: %d: %s", path, answer.StatusCode, body)
	}
}

// inMailbox is a mail in the mailbox.
type inMailbox struct {
	ID      string
	Subject string
	Text    string
}

// mails lists what came, the newest first.
func (w *walker) mails() (all []inMailbox) {
	w.t.Helper()
	answer, err := http.Get(w.base + "/mailbox/messages.json?to=" + url.QueryEscape(w.email))
	must(w.t, err)
	defer answer.Body.Close()
	must(w.t, json.NewDecoder(answer.Body).Decode(&all))
	return all
}

// begin signs up and confirms.
func (w *walker) begin(track string) {
	w.t.Helper()
	w.post("/courses/long-road/subscriptions", url.Values{"track": {track}, "email": {w.email}, "name": {"Ada"},
		"time_zone": {"Europe/London"}, "safe": {"yes"}, "mailbox": {"private"}, "country": {"GB"}, "adult": {"yes"}, "consent": {"yes"}})
	eventually(w.t, "the mail that asks to confirm", func() bool { return len(w.mails()) == 1 })
	text := w.mails()[0].Text
	_, rest, found := strings.Cut(text, w.base+"/confirm/")
	if !found {
		w.t.Fatalf("no link to confirm in:\n%s", text)
	}
	w.post("/confirm/"+strings.Fields(rest)[0], url.Values{})
}

// came lists the lessons among the mails, in the order they came.
func (w *walker) came(lessons []course.Place) (ids []string) {
	for _, m := range slices.Backward(w.mails()) {
		for _, place := range lessons {
			if place.Lesson.Texts["en"].Subject == m.Subject {
				ids = append(ids, place.Lesson.ID)
			}
		}
	}
	return ids
}

// answer replies to a letter in the mailbox, as its question asks, and waits until
// that is answered.
func (w *walker) answer(lesson *course.Lesson, words string) {
	w.t.Helper()
	if lesson.CheckIn.Kind == course.CheckInSafety {
		words = "yes"
	}
	answers := func() (n int) {
		for _, m := range w.mails() {
			if m.Subject == "Re: "+lesson.Texts["en"].Subject {
				n++
			}
		}
		return n
	}
	all := w.mails()
	at := slices.IndexFunc(all, func(m inMailbox) bool { return m.Subject == lesson.Texts["en"].Subject })
	w.post("/mailbox/"+all[at].ID+"/reply", url.Values{"text": {words}})
	eventually(w.t, "the answer to “"+words+"”", func() bool { return answers() == 1 })
}

// TestWholeRoad rides dev to the end of both tracks, answering every letter in
// words by mail: all of them come, once and in their order, with practice letters
// between, and a goodbye after the last.
func TestWholeRoad(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	dev := launch(t, dir, []string{"LONGROAD_HTTP_ADDR=127.0.0.1:0"}, "dev")
	base := dev.await(`Sign-up form +(http://\S+)/$`)[1]
	loaded, err := course.LoadAll(courses.FS)
	must(t, err)
	for _, track := range loaded[0].Course.Tracks {
		w := &walker{t, base, track.ID + "@example.org"}
		w.begin(track.ID)
		lessons := track.Places()
		for i, place := range lessons {
			for moves := 0; len(w.came(lessons)) <= i; moves++ {
				if moves > 60 {
					t.Fatalf("after %v nothing comes", w.came(lessons))
				}
				w.post("/dev/clock", url.Values{"advance": {"next"}})
			}
			if got := w.came(lessons); len(got) != i+1 || got[i] != place.Lesson.ID {
				t.Fatalf("came %v, want %s at last", got, place.Lesson.ID)
			}
			w.answer(place.Lesson, []string{"ready", "Yes, I'm ready.", "ready, thank you"}[i%3])
		}
		if last := why(t, dir, nil, w.email); last.Status != "active" {
			t.Errorf("%s is %s before its end", track.ID, last.Status)
		}
		w.post("/dev/clock", url.Values{"advance": {"next"}})
		told := why(t, dir, nil, w.email)
		sent := map[string]int{}
		for _, l := range told.Letters {
			if l.State == "sent" {
				sent[l.Kind]++
			}
		}
		if told.Status != "completed" || sent["practice"] < 6 || sent["end"] != 1 {
			t.Errorf("%s ends %s, after %v", track.ID, told.Status, sent)
		}
	}
}
