package worker

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

// practising is the trial course with two weeks between two letters, and two
// practice letters in the wait.
func practising() fstest.MapFS {
	files := trial()
	text := strings.Replace(string(files["course.yaml"].Data), "gap: 3d,", "gap: 14d, practice: [walk, talk],", 1)
	files["course.yaml"] = &fstest.MapFile{Data: []byte(text)}
	for _, id := range []string{"walk", "talk"} {
		files["one/"+id+".md"] = &fstest.MapFile{Data: []byte("---\nid: " + id + "\nsubject: Practice " + id + "\n---\n" +
			"{{if .Solo}}By yourself.{{else}}Together.{{end}} {{snippet \"footer\"}}\n")}
	}
	return files
}

func (s *stack) step(sub store.Subscription, step string) store.Delivery {
	s.t.Helper()
	all, err := s.store.DeliveriesOf(s.t.Context(), sub.ID)
	must(s.t, err)
	for _, d := range all {
		if d.Step == step {
			return d
		}
	}
	s.t.Fatalf("there is no %s among %s", step, s.states(sub))
	return store.Delivery{}
}

// A year with practice letters, through the ledger, the queues and the composer:
// lessons come when they would without, and a word switches practice off.
func TestPracticeThroughTheStack(t *testing.T) {
	t.Parallel()
	s := newStack(t, practising(), noon)
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	s.say(sub, pacing.Ready)
	for range 2 {
		s.next(noon.AddDate(1, 0, 0))
	}
	if got, want := s.states(sub), "confirm sent, lesson/a sent, practice/walk/1 sent, lesson/b sent"; got != want {
		t.Fatalf("%s; want %s", got, want)
	}
	walk := s.step(sub, "practice/walk/1")
	if walk.Queue != store.QueueReminders || walk.Thread != "" {
		t.Errorf("queue %s, thread %q", walk.Queue, walk.Thread)
	}
	mails := s.post.all()
	practice := mails[2]
	link := "https://letters.example.org/me/" + s.tokens.Sign(token.Preferences, sub.Ref)
	flat := strings.ReplaceAll(practice.body, "=\r\n", "")
	if practice.subject != "Practice walk" || !strings.Contains(flat, "Together.") || !strings.Contains(flat, link) || strings.Contains(flat, "/checkin/") {
		t.Errorf("the practice letter is %q: %s", practice.subject, flat)
	}
	if lesson, with := noon.AddDate(0, 0, 14).Truncate(24*time.Hour), s.step(sub, "lesson/b").SentAt; with.Before(lesson) || with.After(lesson.AddDate(0, 0, 4)) {
		t.Errorf("lesson b came %s", with)
	}

	// A ready in answer to the next practice letter is one to the lesson, and its
	// "no more" is heard at any time.
	s.next(noon.AddDate(1, 0, 0))
	talk := s.step(sub, "practice/talk/1")
	view, err := s.road.OpenDelivery(t.Context(), talk.Ref)
	must(t, err)
	if !view.Current() || view.Lesson.ID != "b" {
		t.Errorf("the letter that a word to the practice letter means is %+v", view.Lesson)
	}
	_, result, err := s.road.Answer(t.Context(), talk.Ref, journey.Answer{Event: pacing.Event{Kind: pacing.Ready}})
	must(t, err)
	if result.Effect != pacing.Applied || s.subscription("reader@example.org").State.Answer != course.AnswerReady {
		t.Errorf("ready to the practice letter is %s", result.Effect)
	}
	_, result, err = s.road.Turn(t.Context(), sub.Ref, pacing.Event{Kind: pacing.PracticeOff})
	must(t, err)
	if result.Effect != pacing.Applied {
		t.Errorf("no more of it is %s", result.Effect)
	}
	for s.next(noon.AddDate(1, 0, 0)) {
	}
	if got, want := s.states(sub), "confirm sent, lesson/a sent, practice/walk/1 sent, lesson/b sent, practice/talk/1 sent, lesson/c sent, end/c sent"; got != want {
		t.Errorf("%s; want %s", got, want)
	}
}

// What was claimed does not go once the reader wants none, or is not safe; and
// one that the server never takes holds nothing up.
func TestPracticeIsCancelled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		turn func(s *stack, sub store.Subscription)
		want string // of the practice letter, in the end
	}{
		{"switched off", func(s *stack, sub store.Subscription) {
			_, _, err := s.road.Turn(s.t.Context(), sub.Ref, pacing.Event{Kind: pacing.PracticeOff})
			must(s.t, err)
		}, "cancelled"},
		{"unsafe", func(s *stack, sub store.Subscription) {
			_, _, err := s.road.Answer(s.t.Context(), s.step(sub, "lesson/a").Ref, journey.Answer{Safety: course.AnswerNo, Event: pacing.Event{Kind: pacing.Unsafe}})
			must(s.t, err)
		}, "cancelled"},
		{"never taken", func(s *stack, sub store.Subscription) {
			for s.next(noon.AddDate(0, 0, 20)) {
			}
			if got := s.step(sub, "lesson/b"); got.State != store.Sent || got.SentAt.After(noon.AddDate(0, 0, 18)) {
				s.t.Errorf("the lesson after it is %s, %s", got.State, got.SentAt)
			}
		}, "cancelled"}, // for want of room
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, practising(), noon)
			s.post.answer = func(m posted) mailer.Outcome {
				if m.subject == "Practice walk" {
					return mailer.Outcome{Result: mailer.ResultRetry, Code: 451, Blame: mailer.BlameMail}
				}
				return mailer.Outcome{Result: mailer.ResultSent, Code: 250}
			}
			s.run()
			sub := s.signUp("reader@example.org", "one")
			s.settle()
			s.say(sub, pacing.Ready)
			s.next(noon.AddDate(1, 0, 0))
			if got := s.step(sub, "practice/walk/1").State; got != store.Retry {
				t.Fatalf("the practice letter is %s", got)
			}
			c.turn(s, sub)
			s.settle()
			if got := string(s.step(sub, "practice/walk/1").State); got != c.want {
				t.Errorf("the practice letter is %s, want %s", got, c.want)
			}
		})
	}
}

// Who says at once not to be safe gets the letters, and no practice letters.
func TestNoPracticeForWhoIsNotSafe(t *testing.T) {
	t.Parallel()
	s := newStack(t, practising(), noon)
	s.run()
	for answer, off := range map[string]bool{"yes": false, "": false, "no": true, "unsure": true} {
		email := "reader-" + answer + "@example.org"
		must(t, s.road.SignUp(t.Context(), journey.SignUp{Course: "trial", Track: "one", Email: email, TimeZone: "Europe/London",
			Safe: answer, ConsentVersion: "1", AdultVersion: "1", How: "form"}))
		s.settle()
		sub := s.subscription(email)
		_, _, err := s.road.Confirm(t.Context(), sub.Ref)
		must(t, err)
		if got := s.subscription(email).State.Practice.Off; got != off {
			t.Errorf("safe %q: practice letters are off: %v", answer, got)
		}
	}
}
