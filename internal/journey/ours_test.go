package journey_test

import (
	"io/fs"
	"strings"
	"testing"

	"longroad/courses"
	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// What a reply quotes of our letter, without any mark, was not said in it; nor is
// what our safety footer says a sign of danger.
func TestOurOwnTextIsNotSaid(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.reader("ann@example.org")
	d := p.last(sub)
	courses, err := p.road.Courses(t.Context())
	must(t, err)
	text, err := p.road.Ours(journey.Job{Delivery: d, Subscription: sub, Course: courses[0]})
	must(t, err)
	for _, word := range []string{"ready", "stop", "ending your life"} {
		if !strings.Contains(strings.ToLower(text), word) {
			t.Fatalf("the letter does not say %q", word)
		}
	}
	p.comes(p.replyTo(d), reply("Message-ID: <1@example.org>\n", "Thank you for this.\n\n"+text))
	var bare []string // rewrapped, as a program does that sends HTML alone
	for _, block := range strings.Split(text, "\n\n") {
		bare = append(bare, strings.Join(strings.Fields(block), " "))
	}
	p.comes(p.replyTo(d), reply("Message-ID: <2@example.org>\n", strings.Join(bare, "\n")+"\nThank you for this."))
	if got := p.answered(sub); got != "" || p.status("ann@example.org") != pacing.Awaiting || p.quarantine() != "" {
		t.Errorf("answered %q, %s, kept %q", got, p.status("ann@example.org"), p.quarantine())
	}
	p.comes(p.replyTo(d), reply("Message-ID: <3@example.org>\n", "not yet\n\n"+text))
	if got := p.answered(sub); got != "not-yet applied" {
		t.Errorf("answered %q", got)
	}
}

// A letter that says what a reader in danger would: only who knows what was sent
// can tell whose words they are.
func TestOurOwnTextIsSubtracted(t *testing.T) {
	t.Parallel()
	const ours = "Some readers have written to us: I want to kill myself tonight and I have the pills here. Please stop these letters now."
	for _, known := range []bool{true, false} {
		p := newPost(t)
		sub := p.reader("ann@example.org")
		p.road.Ours = nil
		if known {
			p.road.Ours = func(journey.Job) (string, error) { return "A letter\n\n" + ours + "\n", nil }
		}
		p.comes(p.replyTo(p.last(sub)), reply("", "Thank you for this letter.\n"+ours))
		if got := p.status("ann@example.org"); (got == pacing.Awaiting) != known {
			t.Errorf("what we sent is known: %v; the letters are %s", known, got)
		}
	}
}

// A course's own words are understood beside ours, by readers of that version.
func TestOwnWords(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	before := p.reader("ann@example.org")
	files, err := fs.Sub(courses.FS, "long-road")
	must(t, err)
	kept, err := course.Files(files)
	must(t, err)
	kept[course.WordFolder+"/en.yaml"] = []byte("language: en\nintents:\n  ready:\n    plain: [the kettle is on]\n")
	c, faults := course.Load(course.FromFiles(kept))
	must(t, faults.Err())
	_, err = p.road.Publish(t.Context(), c, kept, "test")
	must(t, err)
	after := p.reader("bo@example.org")
	for _, sub := range []store.Subscription{before, after} {
		p.comes(p.replyTo(p.last(sub)), reply("", "The kettle is on!"))
	}
	if p.answered(before) != "" || p.answered(after) != "ready applied" {
		t.Errorf("before %q, after %q", p.answered(before), p.answered(after))
	}
}
