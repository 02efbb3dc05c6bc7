package worker

import (
	"strings"
	"testing"
	"testing/fstest"

	"longroad/internal/course"
	"longroad/internal/inbound"
	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

// 7: resume started again at the top. Where a reader is stands in the ledger:
// neither a pause nor a Redis that comes back with an old memory, all nudges of
// before in it, makes a letter go twice.
func TestPeers07ResumeGoesOn(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	s.say(sub, pacing.Ready)
	for s.next(noon.AddDate(0, 0, 6)) {
	}
	_, _, err := s.road.Answer(t.Context(), s.letter(sub, "lesson/b").Ref, pauseFor(20))
	must(t, err)
	for _, step := range []string{"confirm", "lesson/a", "lesson/b"} {
		d := s.letter(sub, step)
		must(t, s.road.Nudger.NudgeDeliveries(t.Context(), []store.Nudge{{ID: d.ID, Queue: d.Queue}}))
	}
	poll(t, "the nudges are taken", func() bool { return s.idle() })
	if got := s.say(sub, pacing.Resume); got != pacing.Applied {
		t.Fatalf("resume is %s", got)
	}
	s.say(sub, pacing.Ready)
	for s.next(noon.AddDate(0, 2, 0)) {
	}
	if got, want := s.subjects(), "confirm, Letter a, Letter b, Letter c, All your letters have come"; got != want {
		t.Errorf("%s; want %s", got, want)
	}
}

// 14: an empty merge field dropped the message. A letter with a word for it goes,
// and one that would fail for want of a name is refused before anybody gets it.
func TestPeers14EmptyName(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	s.run()
	sub := s.signUp("reader@example.org", "one") // who gives no name
	s.settle()
	if got := s.states(sub); got != "confirm sent, lesson/a sent" {
		t.Fatal(got)
	}
	if mails := s.post.all(); !strings.Contains(mails[len(mails)-1].body, "Dear reader,") {
		t.Errorf("the letter reads %s", mails[len(mails)-1].body)
	}
	bad := trial()
	bad["one/b.md"].Data = []byte(strings.Replace(string(bad["one/b.md"].Data), `{{.Name | or "reader"}}`, `{{slice .Name 0 3}}`, 1))
	if _, report := course.Load(bad); !report.Failed() {
		t.Error("a letter that fails for an empty name is let through")
	}
}

// 19: a provider rewrote headers, and replies matched nobody. Only the address
// counts, in any case of letters.
func TestPeers19RewrittenReply(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	to := strings.ToUpper(journey.ReplyPrefix+s.tokens.Sign(token.Reply, s.letter(sub, "lesson/a").Ref)) + "@reply.example.org"
	must(t, s.road.Receive(t.Context(), inbound.Arrival{Way: "smtp", To: to, Raw: []byte("From: =?utf-8?q?Somebody?= <other.address@provider.example>\r\nTo: undisclosed-recipients:;\r\n" +
		"Subject: [EXTERNAL]\r\nMessage-ID: <rewritten@provider.example>\r\nReferences: <rewritten-too@provider.example>\r\n\r\nready\r\n")}))
	poll(t, "the reply is heard", func() bool {
		return s.subscription(sub.Email).State.Answer == course.AnswerReady
	})
}

// 21: a renamed step was sent again, a removed one stranded people, an inserted
// one went at once to those past it. Whoever is on the way stays with the version
// of the first day; only who comes later gets the new one.
func TestPeers21ChangedCourse(t *testing.T) {
	t.Parallel()
	edits := map[string]func(fstest.MapFS){
		"files renamed": func(f fstest.MapFS) { f["one/z.md"] = f["one/a.md"]; delete(f, "one/a.md") },
		"reordered":     func(f fstest.MapFS) { replaceIn(f, "[a, b, c]", "[b, a, c]") },
		"removed":       func(f fstest.MapFS) { replaceIn(f, "[a, b, c]", "[a, c]"); delete(f, "one/b.md") },
		"inserted": func(f fstest.MapFS) {
			replaceIn(f, "[a, b, c]", "[new, a, b, c]")
			f["one/new.md"] = &fstest.MapFile{Data: []byte(strings.NewReplacer("id: a", "id: new", "letter a", "letter new").Replace(string(f["one/a.md"].Data)))}
		},
	}
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, trial(), noon)
			stop := s.start(s.worker)
			sub := s.signUp("reader@example.org", "one")
			s.settle()
			stop()
			changed := trial()
			edit(changed)
			s.publish(changed)
			s.start(s.newWorker("w2", s.post))
			for range 3 {
				s.say(sub, pacing.Ready)
				for s.next(s.clock.Now().AddDate(0, 0, 8)) {
				}
			}
			if got, want := s.states(sub), "confirm sent, lesson/a sent, lesson/b sent, lesson/c sent, end/c sent"; got != want {
				t.Errorf("%s; want %s", got, want)
			}
			later := s.signUp("later@example.org", "one")
			s.settle()
			if sub.Version == later.Version {
				t.Error("who comes later gets the old version")
			}
		})
	}
}

func replaceIn(f fstest.MapFS, old, new string) {
	f["course.yaml"].Data = []byte(strings.Replace(string(f["course.yaml"].Data), old, new, 1))
}

// subjects tells what was taken over, in order; a mail that asks to confirm is
// called so.
func (s *stack) subjects() string {
	var all []string
	for _, m := range s.post.all() {
		if strings.Contains(m.body, "/confirm/") {
			m.subject = "confirm"
		}
		all = append(all, m.subject)
	}
	return strings.Join(all, ", ")
}
