package journey_test

import (
	"sync"
	"testing"
	"time"

	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// Who signs up again: whom a mail goes to, and which.
func TestDecide(t *testing.T) {
	t.Parallel()
	stop := func(h *house, sub store.Subscription) {
		_, err := h.road.Stop(t.Context(), sub.Ref, journey.ByPage)
		must(t, err)
	}
	pause := func(h *house, sub store.Subscription) {
		_, _, err := h.road.Turn(t.Context(), sub.Ref, pacing.Event{Kind: pacing.Pause})
		must(t, err)
	}
	apply := func(kind pacing.EventKind) func(*house, store.Subscription) {
		return func(h *house, sub store.Subscription) {
			must(t, h.road.Store.InTx(t.Context(), h.now, func(tx *store.Tx) error {
				_, err := h.road.Apply(t.Context(), tx, sub.ID, journey.Event{Event: pacing.Event{Kind: kind}, By: journey.ByOperator})
				return err
			}))
		}
	}
	suppress := func(h *house, _ store.Subscription) {
		must(t, h.road.Suppress(t.Context(), "ann@example.org", "operator", journey.ByOperator))
	}
	for _, c := range []struct {
		name    string
		unasked bool // the first sign-up was never confirmed
		turn    func(*house, store.Subscription)
		track   string
		want    string
		step    string // of the newest mail to that person
	}{
		{"known, the same track", false, nil, "offender", "on the way already", "lesson/before-setting-off"},
		{"known, the other track", false, nil, "hurt-partner", "asked to choose", "choice"},
		{"paused, the other track", false, pause, "hurt-partner", "asked to choose", "choice"},
		{"halted, the other track", false, apply(pacing.Halt), "hurt-partner", "on the way already", "lesson/before-setting-off"},
		{"pending, the same track", true, nil, "offender", "asked already", "confirm"},
		{"pending, the other track", true, nil, "hurt-partner", "asked already", "confirm"},
		{"stopped, the same track", false, stop, "offender", "new", "confirm"},
		{"stopped, the other track", false, stop, "hurt-partner", "new", "confirm"},
		{"suppressed, the other track", false, suppress, "hurt-partner", "suppressed", "lesson/before-setting-off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, saturday)
			if c.unasked {
				h.signUp("ann@example.org", "offender")
				h.send()
			} else {
				h.reader("ann@example.org")
			}
			before := h.subscription("ann@example.org")
			if c.turn != nil {
				c.turn(h, before)
			}
			h.now = h.now.Add(time.Minute)
			if got := h.signUp("Ann@Example.org", c.track); got != c.want {
				t.Errorf("decided %q, want %q", got, c.want)
			}
			sub := h.subscription("ann@example.org")
			if got := h.last(sub); got.Step != c.step || got.Account() && got.Queue != store.QueueAccount {
				t.Errorf("the newest mail is %s in %s, want %s", got.Step, got.Queue, c.step)
			}
			if c.want != "new" && (sub.ID != before.ID || sub.Track != "offender") {
				t.Errorf("the way is on track %s now", sub.Track)
			}
		})
	}
}

// One mail asks in 30 days, however often somebody signs up.
func TestAskedToChooseOnceAMonth(t *testing.T) {
	t.Parallel()
	h := newHouse(t, saturday)
	sub := h.reader("ann@example.org")
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{time.Hour, "asked to choose"}, {2 * time.Hour, "asked already"}, {29 * 24 * time.Hour, "asked already"},
		{journey.KeepChoices + time.Hour - time.Minute, "asked already"}, {journey.KeepChoices + time.Hour, "asked to choose"},
	} {
		h.now = saturday.Add(c.after)
		if got := h.signUp("ann@example.org", "hurt-partner"); got != c.want {
			t.Errorf("after %v: %q, want %q", c.after, got, c.want)
		}
	}
	if got := h.last(sub); got.Step != store.ChoiceStep || got.Occasion != 1 {
		t.Errorf("the newest mail is %s on occasion %d", got.Step, got.Occasion)
	}
}

// asked is a reader of the first track who is asked which letters shall come.
func (h *house) asked(email string) (first store.Subscription, mail store.Delivery) {
	h.t.Helper()
	first = h.reader(email)
	h.now = h.now.Add(time.Hour)
	h.signUp(email, "hurt-partner")
	h.send()
	mail = h.last(first)
	if mail.Step != store.ChoiceStep || mail.State != store.Sent {
		h.t.Fatalf("the newest mail is %s, %s", mail.Step, mail.State)
	}
	return first, mail
}

// open counts the ways of a person that have not ended: never more than one.
func (h *house) open(email string) (open []store.Subscription) {
	h.t.Helper()
	person, err := h.road.Store.SubscriberByAddress(h.t.Context(), email)
	must(h.t, err)
	all, err := h.road.Store.SubscriptionsOf(h.t.Context(), person.ID)
	must(h.t, err)
	for _, s := range all {
		if !s.State.Status.Ended() {
			open = append(open, s)
		}
	}
	return open
}

func TestChoose(t *testing.T) {
	t.Parallel()
	h := newHouse(t, saturday)
	first, mail := h.asked("ann@example.org")
	c, err := h.road.OpenChoice(t.Context(), mail.Ref)
	must(t, err)
	if c.On != journey.First || c.FirstTrack.ID != "offender" || c.SecondTrack.ID != "hurt-partner" ||
		!c.ChangeUntil.Equal(h.now.Add(journey.KeepChoices)) || c.Subscription != first.Ref {
		t.Fatalf("%+v", c)
	}
	var second store.Subscription
	for _, step := range []struct {
		side    journey.Side
		changed bool
		track   string
	}{
		{"", false, "offender"}, {"third", false, "offender"}, {journey.First, false, "offender"},
		{journey.Second, true, "hurt-partner"}, {journey.Second, false, "hurt-partner"}, {"", false, "hurt-partner"},
		{journey.First, true, "offender"}, {journey.First, false, "offender"},
		{journey.Second, true, "hurt-partner"},
	} {
		h.now = h.now.Add(time.Minute)
		c, err := h.road.Choose(t.Context(), mail.Ref, step.side)
		must(t, err)
		open := h.open("ann@example.org")
		if len(open) != 1 || open[0].Track != step.track || c.JustChanged != step.changed || c.Track.ID != step.track ||
			c.Subscription != open[0].Ref {
			t.Fatalf("%q: %d ways are open, on is %q, changed %v, shown %s", step.side, len(open), c.On, c.JustChanged, c.Track.ID)
		}
		if step.track == "hurt-partner" {
			if second.ID != 0 && second.ID != open[0].ID {
				t.Error("a third way was begun")
			}
			second = open[0]
		}
		h.send()
	}
	// The second has begun as if confirmed: first letter, settings, proof.
	if got := h.last(second); got.Mail.Lesson != "you-may-stop-here" || got.State != store.Sent {
		t.Errorf("the second's newest mail is %s, %s", got.Mail.Lesson, got.State)
	}
	consents, err := h.road.Store.ConsentsOf(t.Context(), second.ID)
	must(t, err)
	if len(consents) != 3 || consents[0].Kind != "consent" || consents[0].TextVersion != "1" || !consents[0].At.Equal(mail.OwedAt) ||
		consents[2].Kind != "confirmed" || !consents[2].At.After(mail.OwedAt) {
		t.Errorf("the proof is %+v", consents)
	}
	if kinds, why := h.story(first); kinds[len(kinds)-1] != "stop" || why != "by choosing other letters of the course" {
		t.Errorf("the first's story ends with %v, %q", kinds, why)
	}
	// Nor does anybody get the first back beside the second, by its own links.
	if _, result, err := h.road.Return(t.Context(), first.Ref); err != nil || result.Effect != pacing.Ended {
		t.Errorf("the first by its own link: %s, %v", result.Effect, err)
	}
	// A stop is a stop: the page brings nothing back.
	_, err = h.road.Stop(t.Context(), second.Ref, journey.ByMail)
	must(t, err)
	c, err = h.road.Choose(t.Context(), mail.Ref, journey.First)
	must(t, err)
	if c.On != journey.Neither || c.JustChanged || c.OtherWaysOpen || len(h.open("ann@example.org")) != 0 {
		t.Errorf("after a stop: %+v", c)
	}
}

// What ends or halts the first way leaves nothing to choose, and takes the mail
// back that has not gone.
func TestNothingToChoose(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]pacing.EventKind{"stopped": pacing.Stop, "halted": pacing.Halt, "suppressed": pacing.Suppress} {
		h := newHouse(t, saturday)
		sub := h.reader("ann@example.org")
		h.signUp("ann@example.org", "hurt-partner")
		must(t, h.road.Store.InTx(t.Context(), h.now, func(tx *store.Tx) error {
			_, err := h.road.Apply(t.Context(), tx, sub.ID, journey.Event{Event: pacing.Event{Kind: kind}, By: journey.ByOperator})
			return err
		}))
		mail := h.last(sub)
		if mail.Step != store.ChoiceStep || mail.State != store.Cancelled {
			t.Errorf("%s: the mail is %s, %s", name, mail.Step, mail.State)
		}
		c, err := h.road.Choose(t.Context(), mail.Ref, journey.Second)
		must(t, err)
		if c.On != journey.Neither || c.SecondTrack != nil || c.JustChanged || c.OtherWaysOpen != (kind == pacing.Halt) {
			t.Errorf("%s: %+v", name, c)
		}
		if got := h.subscription("ann@example.org"); got.ID != sub.ID {
			t.Errorf("%s: another way was begun", name)
		}
	}
	// An address that a bounce has suppressed is told of nothing, and begins nothing.
	h := newHouse(t, saturday)
	sub, mail := h.asked("ann@example.org")
	must(t, h.road.Store.InTx(t.Context(), h.now, func(tx *store.Tx) error {
		return tx.Suppress(t.Context(), h.road.Hasher.Address("ann@example.org"), "hard-bounce")
	}))
	c, err := h.road.Choose(t.Context(), mail.Ref, journey.Second)
	must(t, err)
	if c.JustChanged || h.subscription("ann@example.org").ID != sub.ID {
		t.Error("a suppressed address began another way")
	}
}

// Two presses at once begin one way.
func TestChooseTwiceAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, saturday)
	_, mail := h.asked("ann@example.org")
	var wait sync.WaitGroup
	changed := make(chan bool, 8)
	for range cap(changed) {
		wait.Go(func() {
			c, err := h.road.Choose(t.Context(), mail.Ref, journey.Second)
			if err != nil {
				t.Error(err)
			}
			changed <- c.JustChanged
		})
	}
	wait.Wait()
	close(changed)
	n := 0
	for c := range changed {
		if c {
			n++
		}
	}
	if open := h.open("ann@example.org"); n != 1 || len(open) != 1 || open[0].Track != "hurt-partner" {
		t.Errorf("%d presses counted, %d ways are open", n, len(open))
	}
}

// An answer to the mail that asks answers no letter; a stop stops.
func TestReplyToTheChoice(t *testing.T) {
	t.Parallel()
	h := newHouse(t, saturday)
	first, mail := h.asked("ann@example.org")
	_, _, err := h.road.Answer(t.Context(), mail.Ref, journey.Answer{Event: pacing.Event{Kind: pacing.Ready}, By: journey.ByMail})
	must(t, err)
	if got := h.subscription("ann@example.org").State; got.Answer != "" || got.Status != first.State.Status {
		t.Errorf("a ready: %s, %q", got.Status, got.Answer)
	}
	_, _, err = h.road.Answer(t.Context(), mail.Ref, journey.Answer{Event: pacing.Event{Kind: pacing.Stop}, By: journey.ByMail})
	must(t, err)
	if got := h.subscription("ann@example.org").State.Status; got != pacing.Stopped {
		t.Errorf("a stop: %s", got)
	}
}

// A choice is let go after its time, and what was begun by it goes on.
func TestChoicesAreLetGo(t *testing.T) {
	t.Parallel()
	h := newHouse(t, saturday)
	_, mail := h.asked("ann@example.org")
	_, other := h.asked("bo@example.org")
	_, err := h.road.Choose(t.Context(), other.Ref, journey.Second)
	must(t, err)
	h.now = mail.OwedAt.Add(journey.KeepChoices - time.Minute)
	h.retain(1)
	_, err = h.road.OpenChoice(t.Context(), mail.Ref)
	must(t, err)
	h.now = other.OwedAt.Add(journey.KeepChoices + time.Minute)
	clocks, err := h.road.Clocks(t.Context())
	must(t, err)
	if clocks[4].Rows != 2 || clocks[4].Past != 2 {
		t.Errorf("%+v", clocks[4])
	}
	h.retain(1)
	for _, ref := range []store.Delivery{mail, other} {
		if _, err := h.road.OpenChoice(t.Context(), ref.Ref); err == nil {
			t.Error("kept for too long")
		}
		if _, err := h.road.Choose(t.Context(), ref.Ref, journey.First); err == nil {
			t.Error("chosen after its time")
		}
	}
	if open := h.open("bo@example.org"); len(open) != 1 || open[0].Track != "hurt-partner" {
		t.Errorf("%d ways are open", len(open))
	}
}

// What may wait to be sent again is the mail that asks, too: given up, it can be
// resent or let go, and moves nobody.
func TestChoiceGivenUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t, saturday)
	first := h.reader("ann@example.org")
	h.signUp("ann@example.org", "hurt-partner")
	jobs, err := h.road.Take(t.Context(), "w", h.told.deliveries)
	must(t, err)
	if len(jobs) != 1 || jobs[0].Delivery.Step != store.ChoiceStep {
		t.Fatalf("%d jobs", len(jobs))
	}
	d := jobs[0].Delivery
	must(t, h.road.Record(t.Context(), []journey.Done{{DeliveryID: d.ID, SubscriptionID: first.ID, Attempt: d.Attempt, Worker: "w",
		Outcome: mailer.Outcome{Result: mailer.ResultRefused, Code: 554}, At: h.now}}))
	must(t, h.road.Resend(t.Context(), d.Ref, journey.ByOperator))
	if got := h.last(first).State; got != store.Owed {
		t.Errorf("resent, it is %s", got)
	}
	h.send()
	got := h.subscription("ann@example.org").State
	if h.last(first).State != store.Sent || got.Status != first.State.Status || !got.DueAt.Equal(first.State.DueAt) || !got.MailedAt.Equal(first.State.MailedAt) {
		t.Errorf("it moved the reader: %+v", got)
	}
}
