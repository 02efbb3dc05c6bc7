package journey_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"longroad/internal/inbound"
	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

// retain lets go of everything that is past its time, and fails when it does not
// come to an end.
func (h *house) retain(limit int) {
	h.t.Helper()
	for range 100 {
		more, err := h.road.Retain(h.t.Context(), limit)
		must(h.t, err)
		if !more {
			return
		}
	}
	h.t.Fatal("no end")
}

func (h *house) known(email string) bool {
	h.t.Helper()
	_, err := h.road.Store.SubscriberByAddress(h.t.Context(), email)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		h.t.Fatal(err)
	}
	return err == nil
}

func TestUnconfirmedSignUpsAreLetGo(t *testing.T) {
	t.Parallel()
	h := newHouse(t, saturday)
	for i := range 5 {
		h.signUp(fmt.Sprintf("r%d@example.org", i), "offender")
	}
	h.send()
	reader := h.reader("reader@example.org")
	h.now = saturday.Add(2 * 24 * time.Hour)
	h.signUp("r0@example.org", "offender") // asked again
	h.send()
	ref := h.subscription("r1@example.org").Ref
	to := journey.ReplyPrefix + h.road.Tokens.Sign(token.Reply, h.last(h.subscription("r1@example.org")).Ref) + "@reply.example.org"
	must(t, h.road.Receive(t.Context(), inbound.Arrival{Way: "smtp", To: to, Raw: []byte("From: x@example.org\r\n\r\nWho are you?\r\n")}))

	h.now = saturday.Add(journey.KeepUnconfirmed - time.Minute)
	h.retain(2)
	if !h.known("r1@example.org") {
		t.Error("let go too early")
	}
	h.now = saturday.Add(journey.KeepUnconfirmed + time.Minute)
	h.signUp("unsent@example.org", "offender") // its mail waits for a worker, however long
	h.retain(2)
	for i := range 5 {
		if email := fmt.Sprintf("r%d@example.org", i); h.known(email) != (i == 0) {
			t.Errorf("%s is known: %v", email, h.known(email))
		}
	}
	if n, err := h.road.Store.OpenReplies(t.Context()); err != nil || n != 1 {
		t.Errorf("%d replies are left, %v", n, err)
	}
	if _, _, err := h.road.Confirm(t.Context(), ref); !errors.Is(err, journey.ErrNotFound) {
		t.Errorf("confirming what was let go: %v", err)
	}
	h.now = saturday.Add(3 * journey.KeepUnconfirmed)
	h.retain(2)
	if h.known("r0@example.org") || !h.known("unsent@example.org") {
		t.Error("asked again and unsent: one stays, one goes")
	}
	if got := h.subscription("reader@example.org"); got.ID != reader.ID || got.State.Status != pacing.Awaiting {
		t.Errorf("the reader is %+v", got.State)
	}
	if got := h.signUp("r1@example.org", "offender"); got != "new" {
		t.Errorf("signing up again: %s", got)
	}
}

// Who has stopped is asked once in 30 days, so that being asked is remembered for
// as long.
func TestWhoStoppedIsNotForgottenTooEarly(t *testing.T) {
	t.Parallel()
	h := newHouse(t, saturday)
	sub := h.reader("ann@example.org")
	_, err := h.road.Stop(t.Context(), sub.Ref, journey.ByPage)
	must(t, err)
	h.now = h.now.Add(time.Hour)
	if got := h.signUp("ann@example.org", "offender"); got != "new" {
		t.Fatalf("signing up after a stop: %s", got)
	}
	h.send()
	for days := 1; days < 30; days += 7 {
		h.now = saturday.Add(time.Duration(days) * 24 * time.Hour)
		h.retain(10)
		if got := h.signUp("ann@example.org", "offender"); got != "asked already" {
			t.Errorf("after %d days: %s", days, got)
		}
	}
	h.now = saturday.Add(32 * 24 * time.Hour)
	h.retain(10)
	if got := h.subscription("ann@example.org"); got.ID != sub.ID || got.State.Status != pacing.Stopped {
		t.Errorf("what is left: %s", got.State.Status)
	}
	if got := h.signUp("ann@example.org", "offender"); got != "new" {
		t.Errorf("after a month: %s", got)
	}
}

func TestDecisionsAndRestsEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t, saturday)
	sub := h.reader("ann@example.org")
	other := h.reader("bo@example.org")
	for _, s := range []store.Subscription{sub, other} {
		_, _, err := h.road.Answer(t.Context(), h.last(s).Ref, journey.Answer{Safety: "no"})
		must(t, err)
	}
	h.now = saturday.Add(journey.KeepDecisions + time.Minute)
	h.retain(1)
	if _, err := h.road.Store.IntakeOutcome(t.Context(), h.told.intakes[0]); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the first decision: %v", err)
	}
	_, _, err := h.road.Answer(t.Context(), h.last(other).Ref, journey.Answer{Event: pacing.Event{Kind: pacing.Pause}}) // a sign of life
	must(t, err)

	h.now = saturday.Add(journey.KeepResting - time.Minute)
	h.retain(10)
	if got := h.subscription("ann@example.org").State.Status; got != pacing.Resting {
		t.Errorf("within the year: %s", got)
	}
	clocks, err := h.road.Clocks(t.Context())
	must(t, err)
	if clocks[3].Rows != 2 || clocks[3].Past != 0 {
		t.Errorf("resting: %+v", clocks[3])
	}
	h.now = saturday.Add(journey.KeepResting + time.Minute)
	if clocks, err = h.road.Clocks(t.Context()); err != nil || clocks[3].Past != 1 {
		t.Errorf("resting: %+v, %v", clocks[3], err)
	}
	mails := len(h.told.deliveries)
	h.retain(1)
	if got := h.subscription("ann@example.org").State.Status; got != pacing.Stopped {
		t.Errorf("after a year: %s", got)
	}
	if got := h.subscription("bo@example.org").State.Status; got != pacing.Resting {
		t.Errorf("who turned to the letters within the year: %s", got)
	}
	if kinds, why := h.story(sub); kinds[len(kinds)-1] != "stop" || why != "it rested for a year" || len(h.told.deliveries) != mails {
		t.Errorf("told as %v, %q, with %d mails", kinds, why, len(h.told.deliveries)-mails)
	}
}

// A flood of strangers' mails crowds out its own oldest: nothing that belongs to a
// letter, and nothing that tells of danger.
func TestCrowdedQuarantine(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	_, sub := p.newcomer()
	p.comes("postmaster@x.example", reply("Message-ID: <danger@example.org>\n", "I want to kill myself"))
	p.comes(p.replyTo(p.last(sub)), reply("List-Id: <all.example.org>\nMessage-ID: <list@example.org>\n", "hello"))
	for i := range 10 {
		p.now = p.now.Add(time.Minute)
		p.comes("postmaster@x.example", reply(fmt.Sprintf("Message-ID: <%d@example.org>\n", i), strings.Repeat("x", 1000)))
	}
	drop := func(limit int) (n int) {
		must(t, p.road.Store.InTx(t.Context(), p.now, func(tx *store.Tx) (err error) {
			n, err = tx.BoundQuarantine(t.Context(), 5000, "danger, not matched", limit)
			return err
		}))
		return n
	}
	if n := drop(2); n != 2 {
		t.Errorf("%d went, want 2", n)
	}
	first, again := drop(100), drop(100)
	all, err := p.road.Store.Quarantine(t.Context(), 100)
	must(t, err)
	var why []string
	size := 0
	for _, k := range all {
		if k.Why != "not matched" {
			why = append(why, k.Why)
			continue
		}
		size += k.Size
		if k.ReceivedAt.Before(p.now.Add(-4 * time.Minute)) {
			t.Errorf("one of %v stays", k.ReceivedAt)
		}
	}
	if first < 3 || again != 0 || size == 0 || size > 5000 || strings.Join(why, ", ") != "danger, not matched, by way of a list" {
		t.Errorf("%d and %d went, %d octets stay, and %q", first, again, size, why)
	}
}
