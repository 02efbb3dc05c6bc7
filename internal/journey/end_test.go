package journey_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// toTheEnd brings a reader to the last letter of a track and claims the end, which
// nobody has tried to send yet.
func (p *post) toTheEnd(email string) (sub store.Subscription, letter, end store.Delivery) {
	p.t.Helper()
	sub, letter = p.onOther(email, "only")
	end = p.claimNext(sub)
	if end.Step != "end/only" || end.State != store.Owed {
		p.t.Fatalf("%s is %s", end, end.State)
	}
	return sub, letter, end
}

// claimNext moves the clock to what is due and claims it.
func (p *post) claimNext(sub store.Subscription) store.Delivery {
	p.t.Helper()
	p.now = p.subscription(sub.Email).State.DueAt
	_, _, err := p.road.Claim(p.t.Context(), 10)
	must(p.t, err)
	return p.last(sub)
}

// try tries to send a mail, and records what comes of it unless that is nothing.
func (p *post) try(d store.Delivery, outcome mailer.Result) {
	p.t.Helper()
	jobs, err := p.road.Take(p.t.Context(), "w", []int64{d.ID})
	must(p.t, err)
	if len(jobs) != 1 {
		p.t.Fatalf("%s is not to be sent", d)
	}
	if outcome == "" {
		return
	}
	must(p.t, p.road.Record(p.t.Context(), []journey.Done{{DeliveryID: d.ID, SubscriptionID: d.SubscriptionID, Attempt: jobs[0].Delivery.Attempt,
		Worker: "w", Outcome: mailer.Outcome{Result: outcome, Code: 554, Enhanced: "5.6.0"}, At: p.now}}))
}

// ends lists what became of the ends of a subscription.
func (p *post) ends(sub store.Subscription) (states []store.DeliveryState) {
	p.t.Helper()
	all, err := p.road.Store.DeliveriesOf(p.t.Context(), sub.ID)
	must(p.t, err)
	for _, d := range all {
		if d.Mail.Kind == pacing.KindEnd {
			states = append(states, d.State)
		}
	}
	return states
}

// TestEndGivenUp: whatever an operator or the reader does about an end that the
// server refused, it goes once at most.
func TestEndGivenUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		act  func(p *post, letter, end store.Delivery)
		want []store.DeliveryState
	}{
		"resent": {func(p *post, _, end store.Delivery) {
			must(t, p.road.Resend(t.Context(), end.Ref, journey.ByOperator))
			p.try(end, mailer.ResultSent)
		}, []store.DeliveryState{store.Sent}},
		"let go": {func(p *post, _, end store.Delivery) {
			must(t, p.road.LetGo(t.Context(), end.Ref, journey.ByOperator))
		}, []store.DeliveryState{store.Cancelled}},
		"the letter once more, then resent": {func(p *post, letter, end store.Delivery) {
			p.writes(letter, "", "repeat")
			var no journey.MayNotGo
			if err := p.road.Resend(t.Context(), end.Ref, journey.ByOperator); !errors.As(err, &no) {
				t.Errorf("the error is %v", err)
			}
			sub := p.subscription("ann@example.org")
			p.try(p.claimNext(sub), mailer.ResultSent)
			must(t, p.road.LetGo(t.Context(), end.Ref, journey.ByOperator))
			p.try(p.claimNext(sub), mailer.ResultSent)
		}, []store.DeliveryState{store.Cancelled, store.Sent}},
		"the letter once more, taken back": {func(p *post, letter, end store.Delivery) {
			p.writes(letter, "", "repeat")
			_, jobs := p.receipts(p.subscription("ann@example.org"))
			if u, err := p.road.Undo(t.Context(), jobs[0].Delivery.Ref); err != nil || !u.JustNow {
				t.Errorf("taken back: %+v, %v", u, err)
			}
			p.claimNext(p.subscription("ann@example.org"))
			must(t, p.road.Resend(t.Context(), end.Ref, journey.ByOperator))
			p.try(end, mailer.ResultSent)
		}, []store.DeliveryState{store.Sent}},
		"a word let go cannot be taken back": {func(p *post, letter, end store.Delivery) {
			p.writes(letter, "", "slower")
			_, jobs := p.receipts(p.subscription("ann@example.org"))
			must(t, p.road.LetGo(t.Context(), end.Ref, journey.ByOperator))
			if u, err := p.road.Undo(t.Context(), jobs[0].Delivery.Ref); err != nil || u.JustNow {
				t.Errorf("taken back: %+v, %v", u, err)
			}
		}, []store.DeliveryState{store.Cancelled}},
		"its reader has it all the same": {func(p *post, _, end store.Delivery) {
			p.writes(end, "", "ready")
		}, []store.DeliveryState{store.Sent}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPost(t)
			sub, letter, end := p.toTheEnd("ann@example.org")
			p.try(end, mailer.ResultRefused)
			if got := p.last(sub); got.State != store.GivenUp || p.status(sub.Email) != pacing.Active {
				t.Fatalf("the end is %s, the way %s", got.State, p.status(sub.Email))
			}
			c.act(p, letter, end)
			if got := p.ends(sub); !slices.Equal(got, c.want) || p.status(sub.Email) != pacing.Completed {
				t.Errorf("the ends are %v, the way %s", got, p.status(sub.Email))
			}
		})
	}
}

// TestSaidBeforeTheEndHasGone is an answer to the last letter while the end is
// claimed: no letter is newer, and none follows.
func TestSaidBeforeTheEndHasGone(t *testing.T) {
	t.Parallel()
	for _, words := range []string{"ready", "not yet"} {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			p := newPost(t)
			sub, letter, end := p.toTheEnd("ann@example.org")
			p.writes(letter, "", words)
			if told, _ := p.receipts(sub); !slices.Equal(told, []mailer.Told{mailer.ToldLast}) {
				t.Errorf("told %v", told)
			}
			p.try(end, mailer.ResultSent)
			if got := p.status(sub.Email); got != pacing.Completed {
				t.Errorf("the way is %s", got)
			}
		})
	}
}

// TestLateReceiptOfTheLastLetter tells of no goodbye that has come already.
func TestLateReceiptOfTheLastLetter(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub, letter := p.onOther("ann@example.org", "only")
	p.writes(letter, "", "ready")
	p.now = p.subscription(sub.Email).State.DueAt
	_, _, err := p.road.Claim(t.Context(), 10)
	must(t, err)
	p.try(p.last(sub), mailer.ResultSent)
	if told, _ := p.receipts(sub); !slices.Equal(told, []mailer.Told{mailer.ToldCompleted}) {
		t.Errorf("told %v", told)
	}
}

// TestSaidToTheEnd before its outcome is on record: it has come, so it counts as
// gone, and only an old letter can still be asked for.
func TestSaidToTheEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		words string
		told  []mailer.Told
		then  pacing.Status
	}{
		{"thank you for all of this", []mailer.Told{mailer.ToldCompleted}, pacing.Active}, // nobody needs to know of it
		{"ready", []mailer.Told{mailer.ToldCompleted}, pacing.Completed},
		{"slower", []mailer.Told{mailer.ToldCompleted}, pacing.Completed},
		{"repeat", []mailer.Told{"repeat"}, pacing.Active},
		{"stop", nil, pacing.Stopped},
		{"I want to kill myself.", nil, pacing.Completed}, // the help lines are the answer
	} {
		t.Run(c.words, func(t *testing.T) {
			t.Parallel()
			p := newPost(t)
			sub, _, end := p.toTheEnd("ann@example.org")
			p.try(end, "") // in the air
			p.writes(end, "", c.words)
			if got := p.status(sub.Email); got != c.then {
				t.Errorf("the way is %s, want %s", got, c.then)
			}
			must(t, p.road.Record(t.Context(), []journey.Done{{DeliveryID: end.ID, SubscriptionID: end.SubscriptionID, Attempt: 1,
				Worker: "w", Outcome: mailer.Outcome{Result: mailer.ResultSent, Code: 250}, At: p.now}}))
			if told, _ := p.receipts(sub); !slices.Equal(told, c.told) {
				t.Errorf("told %v, want %v", told, c.told)
			}
			if danger := strings.Contains(c.words, "kill"); danger != (p.help(sub) != "") || danger != (len(p.alerts()) == 1) {
				t.Errorf("help lines: %q, alerts: %v", p.help(sub), p.alerts())
			}
			if s := p.subscription(sub.Email).State; !s.Goodbye {
				t.Errorf("it has not gone: %+v", s)
			}
			if got := p.ends(sub); !slices.Equal(got, []store.DeliveryState{store.Sent}) {
				t.Errorf("the ends are %v", got)
			}
		})
	}
}
