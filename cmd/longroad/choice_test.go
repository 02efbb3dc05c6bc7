package main

import (
	"maps"
	"strings"
	"testing"
	"time"

	"longroad/internal/journey"
)

// askToChoose takes Ada to where she is asked which letters shall come, chooses
// the others and changes back.
func askToChoose(b *bench) {
	b.t.Helper()
	b.at("2027-03-01 10:00")
	b.signUp(ada)
	b.sent()
	first := b.subscription(ada)
	_, _, err := b.road.Confirm(b.t.Context(), first.Ref)
	b.must(err)
	b.claim()
	b.sent()
	b.at("2027-03-02 12:00")
	b.must(b.road.SignUp(b.t.Context(), journey.SignUp{Course: "long-road", Track: "hurt-partner", Email: ada, TimeZone: "Europe/London", How: "form"}))
	b.must(b.road.Decide(b.t.Context(), b.intakes[0]))
	b.intakes = nil
	mail := b.last(ada)
	b.at("2027-03-02 12:01")
	b.sent()
	b.at("2027-03-02 13:00")
	_, err = b.road.Choose(b.t.Context(), mail.Ref, journey.Second)
	b.must(err)
	b.at("2027-03-02 14:00")
	_, err = b.road.Choose(b.t.Context(), mail.Ref, journey.First)
	b.must(err)
}

func TestWhyTellsOfAChoice(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Time{})
	askToChoose(b)
	got := try(t, b.env, "why", ada)
	for _, want := range []string{
		"The mail that asks which letters shall come was due Tue 2 Mar 2027, 12:00 and was sent Tue 2 Mar 2027, 12:01.\n" +
			"  Tue 2 Mar 2027, 12:00: the address signed up for other letters of the course\n" +
			"  Tue 2 Mar 2027, 12:01: attempt 1: the server took it (250 2.0.0)\n",
		"Tue 2 Mar 2027, 13:00: the reader stopped it by choosing other letters of the course on a page; nothing goes any more",
		"Tue 2 Mar 2027, 14:00: the reader took the stop back by choosing these letters on a page; ",
		"Tue 2 Mar 2027, 13:00: the reader confirmed by choosing these letters on a page; ",
	} {
		if !strings.Contains(got.out, want) {
			t.Errorf("%q is missing:\n%s", want, got.out)
		}
	}
	story, _, _ := strings.Cut(got.out, "\n\nSubscription ") // the first's
	if strings.Contains(story, "hurt-partner") || got.code != exitFine {
		t.Errorf("the first's story names the other track:\n%s", story)
	}
}

func TestEraseWithAChoice(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Time{})
	none := b.rows()
	askToChoose(b)
	if b.rows()["choices"] != 1 {
		t.Fatal("no choice is kept")
	}
	if got := try(t, b.env, "subscriber", "erase", "--yes", ada); got.code != exitFine {
		t.Fatalf("%+v", got)
	}
	if left := b.rows(); !maps.Equal(left, none) {
		t.Errorf("left are %v", left)
	}
}
