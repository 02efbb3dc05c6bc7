package mailbox

import (
	"context"
	"flag"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"longroad/courses"
	"longroad/internal/course"
	"longroad/internal/devstack/stacktest"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/templates"
)

var pictures = flag.String("pictures", "", "take pictures of the mailbox into this folder")

// TestPictures takes the mailbox with the first mails of a reader in it, as the
// composer makes them.
func TestPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("make pictures takes them")
	}
	stacktest.Album(t, *pictures, "mailbox", exhibit(t))
}

// exhibit shows a mailbox with the first mails of a reader to a browser.
func exhibit(t *testing.T) []stacktest.Picture {
	t.Helper()
	now := time.Date(2026, 11, 21, 14, 5, 0, 0, time.UTC)
	m := openMailbox(t, Options{
		FormURL: "/", OperatorURL: "/operator/", Now: func() time.Time { return now },
		Deliver: func(context.Context, string, string, []byte) error { return nil },
	})
	composer, err := mailer.NewComposer(templates.FS, mailer.House{From: "letters@example.org", PostalAddress: "Long Road\n1 Example Street\nExampleton", ListID: "example.org"})
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := course.LoadAll(courses.FS)
	if err != nil {
		t.Fatal(err)
	}
	c := loaded[0].Course
	places := c.Tracks[0].Places()
	for i, l := range []mailer.Letter{
		{Kind: mailer.KindConfirm, Links: mailer.Links{Confirm: "http://127.0.0.1:8080/confirm/x"}},
		{Kind: string(pacing.KindLesson), Lesson: places[0].Lesson.ID},
		{Kind: string(pacing.KindLesson), Lesson: places[1].Lesson.ID},
	} {
		l.Course, l.Track, l.Name, l.To, l.Date = c, c.Tracks[0].ID, "Sam", "sam@example.org", now
		l.MessageID, l.ReplyTo, l.EnvelopeFrom = fmt.Sprintf("m%d@example.org", i), "r@example.org", "b@example.org"
		if l.Lesson != "" {
			l.Links = mailer.Links{CheckIn: "http://127.0.0.1:8080/checkin/x", Unsubscribe: "http://127.0.0.1:8080/u/x"}
		}
		raw, err := composer.Compose(l)
		if err != nil {
			t.Fatal(err)
		}
		send(t, m, l.To, string(raw))
		now = now.Add(67 * time.Hour)
	}
	site := httptest.NewServer(m.Handler())
	t.Cleanup(site.Close)
	return []stacktest.Picture{
		{Name: "list", URL: site.URL + "/mailbox/"},
		{Name: "letter", URL: site.URL + "/mailbox/00000002"},
		{Name: "letter-text", URL: site.URL + "/mailbox/00000002?view=text"},
	}
}
