package worker

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// Faults that similar systems really had, by the numbers that the project keeps
// of them: each must be impossible here, and a test shows it. Where no package is
// named the test is in this one; TestChaos (cmd/longroad) meets 1, 2, 6, 10, 12,
// 16, 22, 23, 24 and 25 once more, with real processes.
//
//	 1  two schedulers at once       TestPeers01And25ManySchedulers
//	 2  one failure in a batch       TestPeers02OneFailureInABatch
//	 3  weekday rules                TestCalendarAgreesWithAWalk, TestSlotsAndInstants (pacing)
//	 4  weekday looked up in UTC     TestWeekdayIsTheReaders (pacing)
//	 5  09:00 became 10:00           TestClockChangesKeepTheHour (pacing)
//	 6  checkpoint before the work   TestPeers06And22CrashAtEveryStep
//	 7  resume from the top          TestPeers07ResumeGoesOn; TestImportAgain (cmd/longroad); a restored backup comes with queue rebuild
//	 8  schedule wiped               TestPeers08And13DueTimeOutlivesDeploys
//	 9  coming back                  TestPeers09ComingBack; TestComingBack (journey)
//	10  stopped, and still sent      TestPeers10StoppedWhileWaiting, TestPeers10Suppressed, TestStopWhileOwed
//	11  the same again and again     TestPeers11NoFlood
//	12  burst after an outage        TestPeers12NoBurstAfterAnOutage; TestOutageMakesNoBurst (pacing)
//	13  timer reset by deploys       TestPeers08And13DueTimeOutlivesDeploys
//	14  empty merge field            TestPeers14EmptyName; TestFaults (course)
//	15  link scanners                TestPeers15LookingChangesNothing; TestGetAndHeadChangeNothing (web)
//	16  concurrent sign-ups          TestPeers16ConcurrentSignUps; TestImportTwiceAtOnce (cmd/longroad)
//	17  auto-replies taken for some  comes with the reading of all incoming mail
//	18  replies cut wrongly          TestRead, TestReadDeep (inbound), for what is read so far; corpora come with the rest
//	19  headers rewritten            TestPeers19RewrittenReply
//	20  reasons of refusals          TestVerdict, TestVerdictNeverFlatters (mailer) for answers; bounces come with incoming mail
//	21  course changed on the way    TestPeers21ChangedCourse; moving readers comes with plans
//	22  record and send apart        TestPeers06And22CrashAtEveryStep
//	23  a lock without an owner      TestPeers23LeaseHasAnOwner; TestNothingTakenFromTheLiving
//	24  archived and stale tasks     TestPeers24StaleNudges
//	25  one instance only            TestPeers01And25ManySchedulers; TestShares (cmd/longroad)
//	26  a paused course              comes with the pausing of courses

// 1: two schedulers overlapped and everyone got it twice. 25: only one instance
// may run.
func TestPeers01And25ManySchedulers(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	subs := s.readers(t, 30)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				if _, _, err := s.newRoad().Claim(context.Background(), 7); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for i := range 3 {
		s.start(s.newWorker(fmt.Sprintf("w%d", i), s.post))
	}
	s.settle()
	for _, sub := range subs {
		if got := s.states(sub); got != "confirm cancelled, lesson/a sent" {
			t.Errorf("%s: %s", sub.Email, got)
		}
		if n := s.post.copies()[s.letter(sub, "lesson/a").MessageID]; n != 1 {
			t.Errorf("%s got %d copies", sub.Email, n)
		}
	}
}

// 2: one failure in a batch, and the rest was sent again for ever. Here the faulty
// ones wait, and go once they are mended.
func TestPeers02OneFailureInABatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, spoil, mend string }{
		{"a time zone that is not known", `UPDATE subscriptions SET time_zone = 'Mars/Base' WHERE id = $1`,
			`UPDATE subscriptions SET time_zone = 'Europe/London' WHERE id = $1`},
		{"a state that does not parse", `UPDATE subscriptions SET pacing = jsonb_set(pacing, '{pace}', '"x"') WHERE id = $1`,
			`UPDATE subscriptions SET pacing = pacing - 'pace' WHERE id = $1`},
		{"a lesson that its version does not have", `UPDATE subscriptions SET version = (SELECT hash FROM versions WHERE NOT files ? 'one/a.md') WHERE id = $1`,
			`UPDATE subscriptions SET version = (SELECT hash FROM versions WHERE files ? 'one/a.md') WHERE id = $1`},
		{"a version that does not parse",
			`WITH bad AS (INSERT INTO versions SELECT 'bad', course, title, '{"course.yaml": "Og=="}', published_at FROM versions LIMIT 1 RETURNING hash)
				UPDATE subscriptions SET version = hash FROM bad WHERE id = $1`,
			`UPDATE subscriptions SET version = (SELECT hash FROM versions WHERE files ? 'one/a.md') WHERE id = $1`},
	} {
		for _, when := range []string{"before the claim", "before the attempt", "before the outcome"} {
			lacks := c.name == "a lesson that its version does not have"
			if lacks && when == "before the attempt" {
				continue // then what that version has instead goes, and rightly
			}
			t.Run(c.name+" "+when, func(t *testing.T) {
				t.Parallel()
				s := newStack(t, trial(), noon)
				subs := s.readers(t, 12)
				bad := subs[5]
				if lacks {
					s.publish(withoutFirst())
				}
				if when != "before the claim" {
					s.claim()
				}
				if when == "before the outcome" {
					s.post.answer = func(m posted) mailer.Outcome {
						if m.to == bad.Email {
							s.exec(t, c.spoil, bad.ID)
						}
						return taken
					}
				} else {
					s.exec(t, c.spoil, bad.ID)
				}
				s.run()
				s.settle()
				for _, sub := range subs {
					if got := s.states(sub); sub.ID != bad.ID && got != "confirm cancelled, lesson/a sent" {
						t.Errorf("%s: %s", sub.Email, got)
					}
				}
				if s.events(bad)["fault"] == 0 {
					t.Error("the story does not tell of the fault")
				}
				s.exec(t, c.mend, bad.ID)
				s.clock.set(noon.Add(2 * time.Hour))
				s.settle()
				if got := s.subscription(bad.Email).State; got.Lesson != "a" || got.Status != pacing.Awaiting {
					t.Errorf("mended, and still at %q, %s", got.Lesson, got.Status)
				}
				for id, n := range s.post.copies() {
					if n != 1 {
						t.Errorf("%d copies of %s", n, id)
					}
				}
			})
		}
	}
}

// withoutFirst is the trial course without its first letter.
func withoutFirst() fstest.MapFS {
	files := trial()
	files["course.yaml"].Data = bytes.Replace(files["course.yaml"].Data, []byte("[a, b"), []byte("[b"), 1)
	delete(files, "one/a.md")
	return files
}

// 6: a checkpoint moved when fetched, and a crash skipped people. 22: recorded
// first and lost the job; sent first and recorded later.
func TestPeers06And22CrashAtEveryStep(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	subs := s.readers(t, 3)
	s.claim() // and its nudges are lost:
	must(t, s.redis.FlushDB(t.Context()).Err())
	first := s.letter(subs[0], "lesson/a")
	jobs, err := s.road.Take(t.Context(), "lost", []int64{first.ID}) // and its worker dies
	must(t, err)
	if len(jobs) != 1 {
		t.Fatalf("%d jobs", len(jobs))
	}
	s.dropLeases(t)
	s.run()
	s.clock.set(noon.Add(store.NudgeAfter))
	s.settle()
	for _, sub := range subs {
		if got := s.states(sub); got != "confirm cancelled, lesson/a sent" {
			t.Errorf("%s: %s", sub.Email, got)
		}
	}
	if n := len(s.post.all()); n != 3 || s.post.copies()[first.MessageID] != 1 {
		t.Errorf("%d mails: %v", n, s.post.copies())
	}
	if s.events(subs[0])["unknown"] != 1 {
		t.Error("the story does not tell of the outcome that nobody knows")
	}
}

// 8: a rebuild wiped the schedule. 13: a timer that deploys reset never fired.
func TestPeers08And13DueTimeOutlivesDeploys(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	s.run()
	sub := s.signUp("reader@example.org", "one")
	s.settle()
	s.say(sub, pacing.Ready)
	due := s.subscription(sub.Email).State.DueAt
	s.stop()
	for i := range 3 {
		changed := trial()
		changed["one/c.md"].Data = append(changed["one/c.md"].Data, fmt.Sprintf("Version %d.\n", i)...)
		s.publish(changed)
		must(t, s.road.SignUp(t.Context(), signUpOf(sub.Email, "one")))
		stop := s.start(s.newWorker(fmt.Sprintf("w%d", i+2), s.post))
		s.settle()
		stop()
	}
	if got := s.subscription(sub.Email).State.DueAt; !got.Equal(due) || due.IsZero() {
		t.Fatalf("due at %v, was %v", got, due)
	}
	s.start(s.newWorker("last", s.post))
	s.clock.set(due)
	s.settle()
	if got := s.states(sub); got != "confirm sent, lesson/a sent, lesson/b sent" {
		t.Error(got)
	}
}

// 9: coming back made two schedules, or stalled all.
func TestPeers09ComingBack(t *testing.T) {
	t.Parallel()
	s := newStack(t, trial(), noon)
	s.run()
	old := s.signUp("reader@example.org", "one")
	s.settle()
	_, err := s.road.Stop(t.Context(), old.Ref, "test")
	must(t, err)
	s.clock.set(noon.AddDate(0, 2, 0))
	again := s.signUp("reader@example.org", "one")
	s.settle()
	if again.ID == old.ID {
		t.Fatal("the stopped way was taken up")
	}
	s.exec(t, `UPDATE subscriptions SET status = 'completed' WHERE id = $1`, old.ID)
	letter := s.letter(old, "lesson/a")
	_, result, err := s.road.Answer(t.Context(), letter.Ref, journey.Answer{Event: pacing.Event{Kind: pacing.Repeat}})
	if err != nil || result.Effect != pacing.Ended {
		t.Errorf("a repeat of the old way: %s, %v", result.Effect, err)
	}
	s.reply(letter.Ref, "repeat")
	s.settle() // a reply that can do nothing is read all the same
	s.exec(t, `UPDATE subscriptions SET status = 'stopped' WHERE id = $1`, old.ID)
	if _, result, err := s.road.Return(t.Context(), old.Ref); err != nil || result.Effect != pacing.Ended {
		t.Errorf("taking the stop back: %s, %v", result.Effect, err)
	}
	for s.next(noon.AddDate(0, 2, 20)) {
	}
	if got := s.states(old); got != "confirm sent, lesson/a sent" {
		t.Errorf("the old way: %s", got)
	}
	if got := s.states(again); got != "confirm sent, lesson/a sent, reminder/a sent" {
		t.Errorf("the new way: %s", got)
	}
}
