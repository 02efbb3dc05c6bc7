package worker

import (
	"fmt"
	"strings"
	"testing"

	"longroad/internal/course"
	"longroad/internal/inbound"
	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/token"
)

// A reader may answer a letter before the record says that it has gone. The
// answer counts, whatever the record learns afterwards, and no second copy goes.
func TestAnswerBeforeOutcome(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		outcome mailer.Outcome
		byMail  bool
	}{
		{"sent", mailer.Outcome{Result: mailer.ResultSent, Code: 250}, false},
		{"unknown", mailer.Outcome{Result: mailer.ResultUnknown}, false},
		{"put off", mailer.Outcome{Result: mailer.ResultRetry, Code: 451}, false},
		{"sent, answered by mail", mailer.Outcome{Result: mailer.ResultSent, Code: 250}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, trial(), noon)
			arrived, goOn := make(chan struct{}, 1), make(chan struct{})
			s.post.answer = func(m posted) mailer.Outcome {
				if m.subject != "Letter a" {
					return mailer.Outcome{Result: mailer.ResultSent, Code: 250}
				}
				arrived <- struct{}{}
				<-goOn
				return c.outcome
			}
			s.run()
			sub := s.signUp("reader@example.org", "one")
			<-arrived
			all, err := s.store.DeliveriesOf(t.Context(), sub.ID)
			must(t, err)
			ref := all[1].Ref
			view, err := s.road.OpenDelivery(t.Context(), ref)
			must(t, err)
			if !view.Current() {
				t.Errorf("the letter in the reader's hand does not count as the current one")
			}
			if got := s.subscription("reader@example.org").State.Lesson; got != "" {
				t.Errorf("looking at the page changed the state: the current letter is %q", got)
			}
			if c.byMail {
				s.reply(ref, "ready")
			} else {
				_, result, err := s.road.Answer(t.Context(), ref, journey.Answer{Event: pacing.Event{Kind: pacing.Ready}})
				must(t, err)
				if result.Effect != pacing.Applied {
					t.Errorf("ready is %s", result.Effect)
				}
			}
			poll(t, "the answer is heard", func() bool {
				return s.subscription("reader@example.org").State.Answer == course.AnswerReady
			})
			close(goOn)
			poll(t, "the outcome is on record", func() bool {
				attempts, err := s.store.AttemptsOf(t.Context(), sub.ID)
				must(t, err)
				return len(attempts) >= 2 && attempts[1].Code == c.outcome.Code && attempts[1].Outcome == string(c.outcome.Result)
			})
			s.settle()
			got, receipt, _ := strings.Cut(s.states(sub), ", receipt/")
			if want := "confirm sent, lesson/a sent"; got != want || c.byMail != strings.HasSuffix(receipt, " sent") {
				t.Errorf("%s; want %s, and a receipt of a reply", s.states(sub), want)
			}
			state := s.subscription("reader@example.org").State
			if state.Lesson != "a" || state.Answer != course.AnswerReady || state.Next == nil || state.Next.Lesson != "b" {
				t.Errorf("the state is %+v", state)
			}
		})
	}
}

// An answer counts too while the letter's worker is dead and its lease runs.
func TestAnswerWhileNobodyKnows(t *testing.T) {
	t.Parallel()
	for _, dropped := range []bool{false, true} {
		t.Run(fmt.Sprintf("dropped %v", dropped), func(t *testing.T) {
			t.Parallel()
			s := newStack(t, trial(), noon)
			sub := s.signUpOwed(t, "reader@example.org")
			_, _, err := s.road.Confirm(t.Context(), sub.Ref)
			must(t, err)
			_, _, err = s.road.Claim(t.Context(), 10)
			must(t, err)
			all, err := s.store.DeliveriesOf(t.Context(), sub.ID)
			must(t, err)
			jobs, err := s.road.Take(t.Context(), "lost", []int64{all[1].ID})
			must(t, err)
			if len(jobs) != 1 {
				t.Fatalf("%d jobs", len(jobs))
			}
			if dropped {
				s.exec(t, `UPDATE deliveries SET lease_until = clock_timestamp() - interval '1 second' WHERE state = 'attempting'`)
				_, err := s.road.Sweep(t.Context(), 10)
				must(t, err)
			}
			if got := s.say(sub, pacing.Ready); got != pacing.Applied {
				t.Errorf("ready is %s", got)
			}
			s.run()
			s.settle()
			if got := s.states(s.subscription("reader@example.org")); got != "confirm cancelled, lesson/a sent" {
				t.Error(got)
			}
			if n := len(s.post.all()); n != 0 {
				t.Errorf("%d mails went after the answer", n)
			}
			attempts, err := s.store.AttemptsOf(t.Context(), sub.ID)
			must(t, err)
			if len(attempts) != 1 || attempts[0].Outcome == "" || attempts[0].EndedAt.IsZero() {
				t.Errorf("the attempts are %+v", attempts)
			}
		})
	}
}

// reply answers a letter by mail.
func (s *stack) reply(ref token.Ref, text string) {
	s.t.Helper()
	to := journey.ReplyPrefix + s.tokens.Sign(token.Reply, ref) + "@reply.example.org"
	must(s.t, s.road.Receive(s.t.Context(), inbound.Arrival{Way: "smtp", To: to, Raw: []byte("From: reader@example.org\r\nTo: " + to + "\r\nMessage-ID: <1@example.org>\r\n\r\n" + text + "\r\n")}))
}
