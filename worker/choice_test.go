package worker

import (
	"io"
	"mime/quotedprintable"
	"regexp"
	"strings"
	"testing"

	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

// A whole way: somebody who shares a mailbox signs up for the other track. One
// mail asks, that looks as the one that asks to confirm; its page changes the
// letters and changes them back; never do both come.
func TestChoiceOfLetters(t *testing.T) {
	t.Parallel()
	s := newStack(t, trialOf("trial", "ready", "one", "two"), noon) // a Saturday
	s.run()
	first := s.signUp("reader@example.org", "one")
	s.settle()
	s.say(first, pacing.Ready)
	before := len(s.post.all())
	for range 3 {
		must(t, s.road.SignUp(t.Context(), signUpOf("reader@example.org", "two")))
		s.settle()
	}
	mails := s.post.all()
	if len(mails) != before+1 {
		t.Fatalf("%d mails asked", len(mails)-before)
	}
	confirm, ask := mails[0], mails[before]
	if ask.subject != confirm.subject || ask.subject == "" {
		t.Errorf("the subjects are %q and %q", confirm.subject, ask.subject)
	}
	plain, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(ask.body)))
	must(t, err)
	link := regexp.MustCompile(`https://letters\.example\.org/choose/([a-z2-7]{40})\s`).FindSubmatch(plain)
	if link == nil {
		t.Fatalf("no link:\n%s", plain)
	}
	for _, never := range []string{"/u/", "/checkin/", "/confirm/", "List-Unsubscribe", "somebody", "lesson"} {
		if strings.Contains(string(ask.raw)+string(plain), never) {
			t.Errorf("the mail holds %q", never)
		}
	}
	ref, err := s.tokens.Verify(token.Choose, string(link[1]))
	must(t, err)

	c, err := s.road.Choose(t.Context(), ref, journey.Second)
	must(t, err)
	s.settle()
	second := s.subscription("reader@example.org")
	if c.On != journey.Second || second.Track != "two" || s.states(second) != "lesson/a sent" {
		t.Errorf("on is %q, the other letters: %s", c.On, s.states(second))
	}
	for s.next(noon.AddDate(0, 0, 20)) { // the first would have sent b on Tuesday
	}
	if got := s.states(first); got != "confirm sent, lesson/a sent, choice sent" {
		t.Errorf("the letters that were left: %s", got)
	}
	s.clock.set(noon.AddDate(0, 0, 20))
	_, err = s.road.Choose(t.Context(), ref, journey.First)
	must(t, err)
	for s.next(noon.AddDate(0, 0, 29)) {
	}
	if got := s.states(first); got != "confirm sent, lesson/a sent, choice sent, lesson/b sent" {
		t.Errorf("the letters that were taken up again: %s", got)
	}
	if got := s.states(second); got != "lesson/a sent, reminder/a sent" {
		t.Errorf("the other letters, left: %s", got)
	}
	if d := s.letter(first, store.ChoiceStep); d.Attempt != 1 {
		t.Errorf("it was tried %d times", d.Attempt)
	}
}
