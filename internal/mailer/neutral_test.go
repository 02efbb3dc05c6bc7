package mailer

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/jhillyerd/enmime/v2"

	"longroad/courses"
	"longroad/internal/course"
	"longroad/internal/pacing"
)

// TestHeadersAreNeutral walks every letter that ships.
func TestHeadersAreNeutral(t *testing.T) {
	t.Parallel()
	loaded, err := course.LoadAll(courses.FS)
	if err != nil || len(loaded) == 0 {
		t.Fatal(err)
	}
	for _, ship := range loaded {
		c := ship.Course
		var secrets []string
		for _, track := range c.Tracks {
			secrets = append(secrets, track.ID, track.Title)
			for _, stage := range track.Stages {
				secrets = append(secrets, stage.ID, stage.Title)
			}
			for _, p := range track.Places() {
				secrets = append(secrets, p.Lesson.ID)
				for _, text := range p.Lesson.Texts {
					secrets = append(secrets, text.Title)
				}
			}
		}
		secrets = slices.DeleteFunc(secrets, func(s string) bool { return s == "" })
		for _, track := range c.Tracks {
			for _, place := range track.Places() {
				for _, kind := range kinds() {
					l := testLetter(kind, place.Lesson.ID, "Zaphod")
					l.Course, l.Track = c, track.ID
					if account(kind) {
						l.Lesson = ""
					}
					raw := compose(t, l)
					head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
					for _, secret := range append(secrets, "Zaphod") {
						if strings.Contains(strings.ToLower(string(head)), strings.ToLower(secret)) {
							t.Errorf("%s of %s: %q stands in a header", kind, place.Lesson.ID, secret)
						}
					}
					checkLines(t, raw)
					checkHTML(t, raw)
					checkPreview(t, raw, append(secrets, "trust", "betray", "partner"))
				}
			}
		}
	}
}

// checkHTML holds every letter that ships to one main heading at most, to its
// weight, and to loading nothing.
func checkHTML(t *testing.T, raw []byte) {
	t.Helper()
	mail, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	checkWeight(t, []byte(mail.HTML))
	p := readPage(t, []byte(mail.HTML))
	for _, css := range p.css {
		if strings.Contains(css, "url(") || strings.Contains(css, "@import") {
			t.Errorf("the style %q loads something", css)
		}
	}
	for _, e := range []string{"img", "script", "link", "iframe", "object", "video", "audio", "form", "svg", "@src", "@background", "@srcset"} {
		if p.elements[e] > 0 {
			t.Errorf("the mail holds %s", e)
		}
	}
	if p.elements["h1"] > 1 {
		t.Errorf("the mail has %d main headings", p.elements["h1"])
	}
}

// checkPreview looks at what a list of mails or a lock screen shows: at most the
// first two hundred characters of either part.
func checkPreview(t *testing.T, raw []byte, secrets []string) {
	t.Helper()
	mail, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{mail.Text, readPage(t, []byte(mail.HTML)).words} {
		for _, secret := range secrets {
			if strings.Contains(strings.ToLower(shown[:previewed]), strings.ToLower(secret)) {
				t.Errorf("a lock screen may show %q: %.200q", secret, shown)
			}
		}
	}
}

func BenchmarkCompose(b *testing.B) {
	loaded, err := course.LoadAll(courses.FS)
	if err != nil {
		b.Fatal(err)
	}
	c := testComposer(b)
	l := testLetter(string(pacing.KindLesson), "before-setting-off", "Ann")
	l.Course = loaded[0].Course
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Compose(l); err != nil {
			b.Fatal(err)
		}
	}
}
