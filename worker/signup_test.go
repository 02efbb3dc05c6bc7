package worker

import (
	"bytes"
	"context"
	"testing"
	"time"

	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// A confirmation that the server refused is no reason never to ask again.
func TestAskAgainAfterARefusal(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	refuse := true
	s.post.answer = func(posted) mailer.Outcome {
		if refuse {
			return mailer.Outcome{Result: mailer.ResultRefused, Code: 554}
		}
		return taken
	}
	s.run()
	for _, c := range []struct {
		after time.Duration
		want  string
	}{{0, "confirm given-up"}, {time.Hour, "confirm given-up"}, {25 * time.Hour, "confirm given-up, confirm sent"}} {
		s.clock.set(noon.Add(c.after))
		refuse = c.after < 24*time.Hour
		must(t, s.road.SignUp(t.Context(), signUpOf("reader@example.org", "one")))
		s.settle()
		if got := s.states(s.subscription("reader@example.org")); got != c.want {
			t.Errorf("after %v: %s, want %s", c.after, got, c.want)
		}
	}
}

// Who has stopped is asked to confirm once in 30 days, whoever signs them up.
func TestStoppedAreAskedOnceAMonth(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	s.run()
	stop := func() {
		_, err := s.road.Stop(t.Context(), s.subscription("reader@example.org").Ref, "test")
		must(t, err)
	}
	s.signUp("reader@example.org", "one")
	s.settle()
	stop()
	for _, c := range []struct {
		day   int
		mails int // that ask to confirm, in all
		stop  bool
	}{{1, 2, true}, {2, 2, false}, {20, 2, false}, {30, 2, false}, {32, 3, false}, {40, 3, false}, {63, 4, false}} {
		s.clock.set(noon.AddDate(0, 0, c.day))
		must(t, s.road.SignUp(t.Context(), signUpOf("reader@example.org", "one")))
		s.settle()
		asked := 0
		for _, m := range s.post.all() {
			if m.subject != "Letter a" {
				asked++
			}
		}
		if asked != c.mails {
			t.Errorf("day %d: asked %d times, want %d", c.day, asked, c.mails)
		}
		if c.stop {
			stop()
		}
	}
}

// A ready to the mail that asks to confirm answers no letter.
func TestReadyToTheConfirmation(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	s.reply(s.letter(sub, "confirm").Ref, "ready")
	s.settle()
	if got := s.subscription(sub.Email).State; got.Status != pacing.Awaiting || got.Answer != "" {
		t.Errorf("%s, answered %q", got.Status, got.Answer)
	}
}

// A current version that has lost the reader's track leaves them with the one
// that they signed up for.
func TestConfirmWithoutATrack(t *testing.T) {
	t.Parallel()
	s := newStack(t, trialOf("trial", "ready", "one", "two"), noon)
	sub := s.signUpOwed(t, "reader@example.org")
	s.publish(trialOf("trial", "ready", "two"))
	_, result, err := s.road.Confirm(t.Context(), sub.Ref)
	if err != nil || result.State.Status != pacing.Active {
		t.Fatalf("%+v, %v", result.State, err)
	}
	if got := s.subscription(sub.Email).Version; got != sub.Version {
		t.Errorf("pinned to %s, signed up for %s", got, sub.Version)
	}
}

// Stopping works in a version that nobody can follow any more, and says when.
func TestStopInABrokenVersion(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	sub := s.claimOne(t)
	s.exec(t, `UPDATE versions SET files = '{"course.yaml": "Og=="}'`)
	s.exec(t, `UPDATE subscriptions SET time_zone = 'Mars/Base'`)
	s.road = s.newRoad()
	s.reply(s.letter(sub, "lesson/a").Ref, "stop")
	for _, id := range s.replies(t) {
		must(t, s.road.Read(t.Context(), id))
	}
	s.clock.set(noon.Add(time.Hour))
	must(t, s.road.Suppress(t.Context(), sub.Email, "complaint", journey.ByOperator))
	got := s.subscription(sub.Email)
	if got.State.Status != pacing.Suppressed || !got.EndedAt.Equal(noon) {
		t.Errorf("%s, ended %v", got.State.Status, got.EndedAt)
	}
	if states := s.states(sub); states != "confirm cancelled, lesson/a cancelled" {
		t.Error(states)
	}
}

// replies gives what nobody has read.
func (s *stack) replies(t testing.TB) (ids []int64) {
	t.Helper()
	must(t, s.store.InTx(t.Context(), s.clock.Now().Add(time.Hour), func(tx *store.Tx) (err error) {
		ids, err = tx.NudgeReplies(t.Context(), 100)
		return err
	}))
	return ids
}

// Help lines that do not fit an older version keep nobody's letter.
func TestHelpLinesThatDoNotFit(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	sub := s.readers(t, 1)[0]
	s.exec(t, `INSERT INTO helplines (course, file, at) VALUES ('trial', $1, $2)`, bytes.Repeat([]byte("]"), 9), noon)
	s.road = s.newRoad()
	s.worker = s.newWorker("w1", s.post)
	s.run()
	s.settle()
	if got := s.states(sub); got != "confirm cancelled, lesson/a sent" {
		t.Error(got)
	}
}

// A worker that dies while it decides leaves the sign-up as it was.
func TestDecidingBrokenOff(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	must(t, s.road.SignUp(t.Context(), signUpOf("reader@example.org", "one")))
	ids := s.intakes(t)
	s.exec(t, `ALTER TABLE events ADD CONSTRAINT die CHECK (false) NOT VALID`)
	if err := s.road.Decide(t.Context(), ids[0]); err == nil {
		t.Fatal("it did not die")
	}
	if _, err := s.store.SubscriberByAddress(context.Background(), "reader@example.org"); err == nil {
		t.Error("it left a person behind")
	}
	s.exec(t, `ALTER TABLE events DROP CONSTRAINT die`)
	s.run()
	s.clock.set(noon.Add(3 * time.Hour))
	s.settle()
	if got := s.states(s.subscription("reader@example.org")); got != "confirm sent" {
		t.Error(got)
	}
}
