package mailer

import (
	"bytes"
	"flag"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jhillyerd/enmime/v2"

	"longroad/courses"
	"longroad/internal/course"
	"longroad/internal/devstack/stacktest"
	"longroad/internal/pacing"
)

var pictures = flag.String("pictures", "", "take pictures of every mail into this folder")

// TestPictures takes every mail of the courses that ship, as the composer makes
// it, for a person to look at: its HTML, and of some the plain text too.
func TestPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("make pictures takes them")
	}
	shown := map[string]string{}
	var all []stacktest.Picture
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, shown[strings.TrimPrefix(r.URL.Path, "/")])
	}))
	t.Cleanup(site.Close)
	show := func(name, page string) {
		shown[name] = page
		all = append(all, stacktest.Picture{Name: name, URL: site.URL + "/" + name})
	}
	read := func(l Letter) *enmime.Envelope {
		mail, err := enmime.ReadEnvelope(bytes.NewReader(compose(t, l)))
		if err != nil {
			t.Fatal(err)
		}
		return mail
	}
	add := func(name string, l Letter, text bool) {
		mail := read(l)
		if show(name, mail.HTML); text {
			show(name+"-text", asText(mail.Text))
		}
		l.Solo = true
		if alone := read(l); alone.HTML != mail.HTML {
			show(name+"-solo", alone.HTML)
		}
	}
	eachMail(t, add)
	rtl := testLetter(string(pacing.KindLesson), "name-the-break", "Ann")
	add("test-left-to-right", rtl, true)
	rtl.Language = "ar"
	add("test-right-to-left", rtl, true)
	stacktest.Album(t, *pictures, "mails", all)
}

// eachMail adds every mail of the courses that ship, once; text says of which the
// plain text looks like something of its own.
func eachMail(t *testing.T, add func(name string, l Letter, text bool)) {
	t.Helper()
	loaded, err := course.LoadAll(courses.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, ship := range loaded {
		for _, track := range ship.Course.Tracks {
			for i, place := range track.Places() {
				l := testLetter(string(pacing.KindLesson), place.Lesson.ID, "Sam")
				l.Course, l.Track = ship.Course, track.ID
				add(fmt.Sprintf("%s-%s-%02d-%s", ship.Course.ID, track.ID, i+1, place.Lesson.ID), l, i == 0)
			}
			seen := map[string]bool{} // several stages may share one
			for _, stage := range track.Stages {
				for _, letter := range stage.Practice {
					if seen[letter.ID] {
						continue
					}
					seen[letter.ID] = true
					l := testLetter(string(pacing.KindPractice), letter.ID, "Sam")
					l.Course, l.Track, l.Links.Preferences = ship.Course, track.ID, "https://letters.example.org/me/aeaqabzxk3q9x7c2m5p4t6w8y2aeaqabzxk3q9x7c2"
					add(fmt.Sprintf("%s-%s-practice-%s", ship.Course.ID, track.ID, letter.ID), l, false)
				}
			}
		}
		between(ship.Course, add)
	}
}

// between adds the mails between a course's letters, and every receipt.
func between(c *course.Course, add func(name string, l Letter, text bool)) {
	track := c.Tracks[0]
	lesson := track.Places()[0].Lesson.ID
	for _, kind := range builtInKinds() {
		l := testLetter(kind, lesson, "Sam")
		if l.Course, l.Track = c, track.ID; account(kind) {
			l.Lesson = ""
		}
		add(c.ID+"-"+kind, l, kind == KindConfirm)
	}
	for i, told := range receiptNames() {
		l := testLetter(KindReceipt, lesson, "Sam")
		l.Course, l.Track, l.Receipt.Told = c, track.ID, told
		day := l.Receipt.Asked
		l.Receipt.Asked = time.Time{}
		switch told {
		case "not-yet":
			l.Receipt.Asked = day
		case "pause":
			l.Receipt.Paused = day
		case "ready", "slower", "faster", "resume", "repeat", "back":
			l.Receipt.Next = day
		case "practice-off", "practice-on", ToldLast:
		default: // it tells of nothing that could be taken back
			l.Links.Undo = ""
		}
		add(fmt.Sprintf("%s-receipt-%s", c.ID, told), l, i == 0)
	}
}

// asText shows a plain text as a mail program does that has nothing else.
func asText(text string) string {
	return `<!doctype html><meta name="color-scheme" content="light dark"><title>Text</title>` +
		`<pre style="margin:1rem;font:15px/1.45 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere">` + html.EscapeString(text) + `</pre>`
}
