package journey_test

import (
	"testing"
	"time"

	"longroad/internal/course"
	"longroad/internal/journey"
	"longroad/internal/pacing"
)

// Coming back after a stop asks: go on, or start afresh. Neither makes two ways,
// nor stalls one.
func TestComingBack(t *testing.T) {
	t.Parallel()
	for _, goOn := range []bool{false, true} {
		h := newHouse(t, saturday)
		first := h.reader("ann@example.org")
		_, _, err := h.road.Answer(t.Context(), h.last(first).Ref, journey.Answer{Event: pacing.Event{Kind: pacing.Ready}})
		must(t, err)
		_, err = h.road.Stop(t.Context(), first.Ref, journey.ByPage)
		must(t, err)
		h.now = saturday.AddDate(0, 2, 0) // a Thursday
		if got := h.signUp("ann@example.org", "offender"); got != "new" {
			t.Fatal(got)
		}
		sub := h.subscription("ann@example.org")
		view, err := h.road.OpenConfirmation(t.Context(), sub.Ref)
		must(t, err)
		if !view.Earlier {
			t.Fatal("it does not ask")
		}
		confirm := h.road.Confirm
		if goOn {
			confirm = h.road.ConfirmAndGoOn
		}
		view, result, err := confirm(t.Context(), sub.Ref)
		must(t, err)
		if result.Effect != pacing.Applied || view.State.Status != pacing.Active || view.Earlier {
			t.Errorf("go on %v: %s, %+v", goOn, result.Effect, view.State)
		}
		// The earlier way stays ended: who takes its stop back now makes no second one.
		if _, result, err := h.road.Return(t.Context(), first.Ref); err != nil || result.Effect != pacing.Ended {
			t.Errorf("the earlier way: %s, %v", result.Effect, err)
		}
		h.now = view.State.DueAt
		h.send()
		want := "before-setting-off"
		if goOn {
			want = "name-the-break"
		}
		if got := h.last(sub); got.Mail.Lesson != want || got.State != "sent" {
			t.Errorf("go on %v: the next letter is %s, %s", goOn, got.Mail.Lesson, got.State)
		}
		again, result, err := h.road.ConfirmAndGoOn(t.Context(), sub.Ref)
		if err != nil || result.Effect != pacing.Unchanged && result.Effect != pacing.Ended || again.State.Lesson != want {
			t.Errorf("confirming twice: %s, %v", result.Effect, err)
		}
	}
}

func TestNothingToGoOnWith(t *testing.T) {
	t.Parallel()
	h := newHouse(t, saturday)
	ask := func(email, track string) bool {
		h.signUp(email, track)
		view, err := h.road.OpenConfirmation(t.Context(), h.subscription(email).Ref)
		must(t, err)
		return view.Earlier
	}
	if ask("new@example.org", "offender") {
		t.Error("who is new is asked")
	}
	// Another track of the same course is another way, and not told of.
	sub := h.reader("ann@example.org")
	_, err := h.road.Stop(t.Context(), sub.Ref, journey.ByPage)
	must(t, err)
	h.now = h.now.Add(time.Hour)
	if ask("ann@example.org", "hurt-partner") {
		t.Error("another track is gone on with")
	}
	_, _, err = h.road.ConfirmAndGoOn(t.Context(), h.subscription("ann@example.org").Ref)
	must(t, err)
	h.send()
	if got := h.last(h.subscription("ann@example.org")).Mail.Lesson; got != "you-may-stop-here" {
		t.Errorf("the first letter is %s", got)
	}
	// Every letter has gone: there is nothing to go on to.
	sub = h.reader("bo@example.org")
	_, _, err = h.road.Answer(t.Context(), h.last(sub).Ref, journey.Answer{Event: pacing.Event{Kind: pacing.Ready}})
	must(t, err)
	h.now = h.now.AddDate(0, 0, 14)
	h.now = time.Date(h.now.Year(), h.now.Month(), h.now.Day(), 10, 0, 0, 0, time.UTC)
	for h.subscription("bo@example.org").State.Status != pacing.Completed {
		h.now = h.now.Add(24 * time.Hour)
		if h.now.After(saturday.AddDate(2, 0, 0)) {
			t.Fatal("the way does not end")
		}
		h.send()
		ready := journey.Answer{Event: pacing.Event{Kind: pacing.Ready}}
		view, err := h.road.OpenDelivery(t.Context(), h.last(sub).Ref)
		must(t, err)
		if view.Lesson.Asks() && view.Lesson.CheckIn.Kind == course.CheckInSafety {
			ready.Safety = course.AnswerYes
		}
		_, _, err = h.road.Answer(t.Context(), h.last(sub).Ref, ready)
		must(t, err)
	}
	if ask("bo@example.org", "offender") {
		t.Error("a completed way is gone on with")
	}
}

// A sign-up that nobody confirms is asked once a day at most, and three times in all.
func TestAskedThreeTimesInAll(t *testing.T) {
	t.Parallel()
	h := newHouse(t, saturday)
	var got []string
	for range 6 {
		got = append(got, h.signUp("ann@example.org", "offender"))
		h.send()
		h.now = h.now.Add(25 * time.Hour)
	}
	want := []string{"new", "asked again", "asked again", "asked often enough", "asked often enough", "asked often enough"}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("sign-up %d: %s, want %s", i, got[i], want[i])
		}
	}
}
