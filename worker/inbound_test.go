package worker

import (
	"strings"
	"testing"

	"longroad/internal/inbound"
	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/seal"
	"longroad/internal/store"
	"longroad/internal/token"
)

func (s *stack) replyTo(sub store.Subscription, step string) string {
	return journey.ReplyPrefix + s.tokens.Sign(token.Reply, s.letter(sub, step).Ref) + "@reply.example.org"
}

func (s *stack) bounceTo(sub store.Subscription, step string) string {
	return journey.BouncePrefix + s.tokens.Sign(token.Bounce, s.letter(sub, step).Ref) + "@bounce.example.org"
}

func (s *stack) receive(to, raw string) {
	s.t.Helper()
	must(s.t, s.road.Receive(s.t.Context(), inbound.Arrival{Way: "lmtp", To: to, Raw: []byte(strings.ReplaceAll(raw, "\n", "\r\n"))}))
}

// A reply whose nudge is lost with all of Redis is read by the sweep, once; so is
// its second copy, which changes nothing.
func TestReplyWithoutANudge(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	s.stop()
	for range 2 {
		s.receive(s.replyTo(sub, "lesson/a"), "From: reader@example.org\nMessage-ID: <1@example.org>\n\nslower please\n")
	}
	must(t, s.redis.FlushDB(t.Context()).Err())
	s.clock.set(noon.Add(2 * store.NudgeAfter))
	s.worker = s.newWorker("w2", s.post)
	s.run()
	s.settle()
	events, err := s.store.EventsOf(t.Context(), sub.ID)
	must(t, err)
	slower := 0
	for _, e := range events {
		if e.Kind == string(pacing.Slower) {
			slower++
		}
	}
	if slower != 1 {
		t.Errorf("slower %d times", slower)
	}
}

// What a worker sent is what it takes off an answer that quotes all of it without
// a mark.
func TestWholeLetterQuoted(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	d := s.letter(sub, "lesson/a")
	courses, err := s.road.Courses(t.Context())
	must(t, err)
	text, err := s.worker.Text(journey.Job{Delivery: d, Subscription: s.subscription("reader@example.org"), Course: courses[0]})
	must(t, err)
	sent := s.post.all()[1].body
	for _, line := range strings.Split(text, "\n") {
		encoded := strings.Contains(line, "https") || strings.IndexFunc(line, func(r rune) bool { return r > 126 }) >= 0
		if !encoded && !strings.Contains(sent, strings.TrimSpace(line)) {
			t.Errorf("not in the mail that went: %q", line)
		}
	}
	for i, body := range []string{text, "Thank you.\n" + text} {
		s.receive(s.replyTo(sub, "lesson/a"), "From: reader@example.org\nMessage-ID: <"+string(rune('a'+i))+"@example.org>\n\n"+body)
	}
	s.settle()
	if got := s.subscription("reader@example.org").State.Status; got != pacing.Awaiting {
		t.Errorf("the way is %s: our own words moved it", got)
	}
	s.receive(s.replyTo(sub, "lesson/a"), "From: reader@example.org\nMessage-ID: <z@example.org>\n\nI'm ready\n\n"+text)
	s.settle()
	if got := s.subscription("reader@example.org").State.Status; got != pacing.Active {
		t.Errorf("the way is %s: the answer above our words was not heard", got)
	}
}

// A bounce ends in a suppression, and nothing more goes; an arrival whose key is
// gone does not come to the workers for ever.
func TestBounceAndLostKey(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	s.road.Bounces = journey.BouncePolicy{Hard: 1}
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	box := s.road.Box
	other, err := seal.NewBox("a secret that was taken away, long enough")
	must(t, err)
	s.stop()
	s.road.Box = other
	s.receive(s.replyTo(sub, "lesson/a"), "From: reader@example.org\n\nready\n")
	s.road.Box = box
	s.receive(s.bounceTo(sub, "lesson/a"), "From: MAILER-DAEMON@mx.example.net\nReturn-Path: <>\nSubject: failure notice\n\n<somebody.else@example.net>:\nno mailbox here by that name (#5.1.1)\n")
	s.worker = s.newWorker("w2", s.post)
	s.run()
	s.settle()
	if got := s.subscription("reader@example.org").State.Status; got != pacing.Suppressed {
		t.Errorf("the way is %s", got)
	}
	kept, err := s.store.Quarantine(t.Context(), 10)
	must(t, err)
	if len(kept) != 1 || kept[0].Why != "sealed with a key that is gone" {
		t.Errorf("kept: %+v", kept)
	}
	mails := len(s.post.all())
	for s.next(noon.AddDate(0, 3, 0)) {
	}
	if n := len(s.post.all()); n != mails {
		t.Errorf("%d more mails", n-mails)
	}
}
