package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"longroad/internal/pacing"
)

func TestSubscriberShow(t *testing.T) {
	t.Parallel()
	b := newBenchOf(t, time.Time{}, shortCourse(t))
	ride(b, func(string) {})
	got := try(t, b.env, "subscriber", "show", ada)
	if got.code != exitFine {
		t.Fatalf("%+v", got)
	}
	golden(t, "show.txt", got.out)
	for _, hushed := range []string{"safe", "yes"} {
		if strings.Contains(got.out, hushed) {
			t.Errorf("%q is shown: the answer to the safety question is nobody's business", hushed)
		}
	}
	var p profile
	if err := json.Unmarshal([]byte(try(t, b.env, "subscriber", "show", "--json", ada).out), &p); err != nil {
		t.Fatal(err)
	}
	if p.Address != ada || p.Suppressed != nil || len(p.Subscriptions) != 1 || len(p.Subscriptions[0].Consents) != 3 {
		t.Errorf("%+v", p)
	}
}

func TestSubscriberStop(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Time{})
	b.at("2027-03-01 10:00")
	b.signUp(ada)
	if got := try(t, b.env, "subscriber", "stop", ada); got.code != exitFine || !strings.Contains(got.out, "was pending, is stopped") {
		t.Errorf("%+v", got)
	}
	if got := try(t, b.env, "subscriber", "stop", ada); got.code != exitFine || !strings.Contains(got.out, "had ended already, stopped") {
		t.Errorf("again: %+v", got)
	}
	if sub := b.subscription(ada); sub.State.Status != pacing.Stopped || b.last(ada).State != "cancelled" {
		t.Errorf("status %s, the mail is %s", sub.State.Status, b.last(ada).State)
	}
	if got := try(t, b.env, "why", ada); !strings.Contains(got.out, "an operator stopped it; nothing goes any more") {
		t.Errorf("the story: %s", got.out)
	}
}

func TestSubscriberSuppress(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Time{})
	b.at("2027-03-01 10:00")
	b.signUp(ada)
	for _, c := range []struct{ name, person, want string }{
		{"somebody on the way", ada, "the address is suppressed"},
		{"what it ended", ada, "had ended already, suppressed"},
		{"again", ada, "was suppressed already (operator)"},
		{"an address that nobody has", "bob@example.org", "the address is suppressed"},
	} {
		if got := try(t, b.env, "subscriber", "suppress", c.person); got.code != exitFine || !strings.Contains(got.out, c.want) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	if sub := b.subscription(ada); sub.State.Status != pacing.Suppressed {
		t.Errorf("status %s", sub.State.Status)
	}
	if got := try(t, b.env, "subscriber", "show", ada); !strings.Contains(got.out, "since Mon 1 Mar 2027, 10:00 UTC (operator)") {
		t.Errorf("%+v", got)
	}
	b.signUp("bob@example.org")
	if got := try(t, b.env, "subscriber", "show", "bob@example.org"); got.code != exitFault {
		t.Errorf("a suppressed address signed up: %+v", got)
	}
	if got := try(t, b.env, "subscriber", "suppress", "00000000000000000000"); got.code != exitFault {
		t.Errorf("an unknown id: %+v", got)
	}
}
