package journey_test

import (
	"testing"
	"time"

	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/store"
)

// house is a Road with a clock that is moved by hand and a worker that the tests
// play themselves.
type house struct {
	t    testing.TB
	road *journey.Road
	told *nudged
	now  time.Time
}

func newHouse(t testing.TB, now time.Time) *house {
	t.Helper()
	h := &house{t: t, told: &nudged{}, now: now}
	h.road = newRoad(t, h.told, func() time.Time { return h.now })
	return h
}

// signUp signs somebody up, decides, and gives what was decided.
func (h *house) signUp(email, track string) string {
	h.t.Helper()
	must(h.t, h.road.SignUp(h.t.Context(), journey.SignUp{Course: "long-road", Track: track, Email: email, Name: "Ann",
		TimeZone: "Europe/London", ConsentVersion: "1", AdultVersion: "1", How: "form"}))
	id := h.told.intakes[len(h.told.intakes)-1]
	must(h.t, h.road.Decide(h.t.Context(), id))
	outcome, err := h.road.Store.IntakeOutcome(h.t.Context(), id)
	must(h.t, err)
	return outcome
}

// subscription is the newest of that address.
func (h *house) subscription(email string) store.Subscription {
	h.t.Helper()
	person, err := h.road.Store.SubscriberByAddress(h.t.Context(), email)
	must(h.t, err)
	subs, err := h.road.Store.SubscriptionsOf(h.t.Context(), person.ID)
	must(h.t, err)
	return subs[len(subs)-1]
}

// send claims what is due and sends all that is owed.
func (h *house) send() {
	h.t.Helper()
	ctx := h.t.Context()
	_, _, err := h.road.Claim(ctx, 100)
	must(h.t, err)
	jobs, err := h.road.Take(ctx, "w", h.told.deliveries)
	must(h.t, err)
	var done []journey.Done
	for _, j := range jobs {
		done = append(done, journey.Done{DeliveryID: j.Delivery.ID, SubscriptionID: j.Delivery.SubscriptionID, Attempt: j.Delivery.Attempt,
			Worker: "w", Outcome: mailer.Outcome{Result: mailer.ResultSent, Code: 250}, At: h.now})
	}
	must(h.t, h.road.Record(ctx, done))
}

// reader signs somebody up, confirms, and sends the first letter.
func (h *house) reader(email string) store.Subscription {
	h.t.Helper()
	h.signUp(email, "offender")
	h.send()
	_, _, err := h.road.Confirm(h.t.Context(), h.subscription(email).Ref)
	must(h.t, err)
	h.send()
	return h.subscription(email)
}

// last is the newest mail of a subscription.
func (h *house) last(sub store.Subscription) store.Delivery {
	h.t.Helper()
	all, err := h.road.Store.DeliveriesOf(h.t.Context(), sub.ID)
	must(h.t, err)
	return all[len(all)-1]
}

// story is the kinds of a subscription's events, and why of the last.
func (h *house) story(sub store.Subscription) (kinds []string, why string) {
	h.t.Helper()
	all, err := h.road.Store.EventsOf(h.t.Context(), sub.ID)
	must(h.t, err)
	for _, e := range all {
		kinds = append(kinds, e.Kind)
	}
	return kinds, all[len(all)-1].Why
}
