package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

// toGivenUp takes Ada to her first letter, which the server refuses for good.
func toGivenUp(b *bench) store.Delivery {
	b.t.Helper()
	b.at("2027-03-01 10:00")
	b.signUp(ada)
	b.sent()
	b.at("2027-03-01 10:05")
	_, _, err := b.road.Confirm(b.t.Context(), b.subscription(ada).Ref)
	b.must(err)
	b.claim()
	b.attempt(mailer.Outcome{Result: mailer.ResultRefused, Code: 554, Enhanced: "5.6.0", Detail: "no letters for ada@example.org"})
	b.deliveries = nil
	d := b.last(ada)
	if d.State != store.GivenUp {
		b.t.Fatalf("the letter is %s", d.State)
	}
	return d
}

func TestResend(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Time{})
	d := toGivenUp(b)
	got := try(t, b.env, "why", d.Ref.String())
	for _, part := range []string{"the server refused it for good (554 5.6.0)", "was given up", "longroad subscriber resend", "the way stands still"} {
		if !strings.Contains(got.out, part) {
			t.Errorf("%q is not in %s", part, got.out)
		}
	}
	b.at("2027-03-03 10:00")
	if got := try(t, b.env, "subscriber", "resend", ada); got.code != exitFine || !strings.Contains(got.out, d.Ref.String()+" (the letter before-setting-off): goes again") {
		t.Fatalf("%+v", got)
	}
	again := b.last(ada)
	if again.ID != d.ID || again.State != store.Owed || again.Failures != 0 || again.MessageID != d.MessageID || again.Occasion != d.Occasion {
		t.Errorf("%+v", again)
	}
	_, err := b.road.Sweep(t.Context(), 10)
	b.must(err)
	b.sent()
	if sub := b.subscription(ada); sub.State.Status != pacing.Awaiting || b.last(ada).State != store.Sent {
		t.Errorf("status %s, the letter is %s", sub.State.Status, b.last(ada).State)
	}
	if got := try(t, b.env, "why", ada); !strings.Contains(got.out, "an operator has it sent again") || !strings.Contains(got.out, "attempt 2: the server took it") {
		t.Errorf("the story: %s", got.out)
	}
	if got := try(t, b.env, "subscriber", "resend", ada); got.code != exitFine || got.out != "nothing was given up\n" {
		t.Errorf("again: %+v", got)
	}
	if got := try(t, b.env, "subscriber", "resend", ada, "--delivery", d.Ref.String()); got.code != exitFault || !strings.Contains(got.errors, "is sent") {
		t.Errorf("one that was sent: %+v", got)
	}
}

func TestLetGo(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Time{})
	d := toGivenUp(b)
	b.at("2027-03-03 10:00")
	got := try(t, b.env, "subscriber", "resend", "--json", "--let-go", d.Ref.String()) // by the mail's own id
	var done []resent
	if err := json.Unmarshal([]byte(got.out), &done); err != nil || got.code != exitFine || len(done) != 1 || done[0].Done != "let-go" || done[0].Delivery != d.Ref.String() {
		t.Fatalf("%v: %+v", err, got)
	}
	sub := b.subscription(ada)
	if sub.State.Status != pacing.Active || sub.State.Next == nil || sub.State.Next.Lesson != "name-the-break" || b.last(ada).State != store.Cancelled {
		t.Errorf("status %s, next %+v, the letter is %s", sub.State.Status, sub.State.Next, b.last(ada).State)
	}
	if got := try(t, b.env, "why", ada); !strings.Contains(got.out, "an operator let it go: it goes to nobody; the next letter is due") {
		t.Errorf("the story: %s", got.out)
	}
	b.now = sub.State.DueAt
	b.claim()
	b.sent()
	if d := b.last(ada); d.Mail.Lesson != "name-the-break" || d.State != store.Sent {
		t.Errorf("%+v", d)
	}
}

// TestResendRefuses changes nothing where the mail may not go any more, or where
// it is not for anybody to pass over.
func TestResendRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Time{})
	d := toGivenUp(b)
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"no id", []string{ada, "--delivery", "x"}, exitMisuse, "20 hexadecimal"},
		{"nobody", []string{"bob@example.org"}, exitFault, "nobody is known"},
		{"no mail of hers", []string{ada, "--delivery", token.NewRef().String()}, exitFault, "no mail of that person"},
	} {
		if got := try(t, b.env, append([]string{"subscriber", "resend"}, c.args...)...); got.code != c.code || !strings.Contains(got.errors, c.says) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	if got := try(t, b.env, "subscriber", "stop", ada); got.code != exitFine {
		t.Fatalf("%+v", got)
	}
	if got := try(t, b.env, "subscriber", "resend", ada); got.code != exitFault || !strings.Contains(got.out, "nothing was changed: the reader's way has turned: the subscription is stopped") {
		t.Errorf("stopped: %+v", got)
	}
	if got := try(t, b.env, "subscriber", "suppress", ada); got.code != exitFine {
		t.Fatalf("%+v", got)
	}
	if got := try(t, b.env, "subscriber", "resend", ada); got.code != exitFault || !strings.Contains(got.out, "the address is suppressed") {
		t.Errorf("suppressed: %+v", got)
	}
	if got := b.last(ada); got.State != store.GivenUp || got.ID != d.ID {
		t.Errorf("the letter is %s", got.State)
	}
	if got := try(t, b.env, "subscriber", "resend", "--let-go", ada); got.code != exitFine || b.last(ada).State != store.Cancelled || b.subscription(ada).State.Status != pacing.Suppressed {
		t.Errorf("letting go of it: %+v, the letter is %s", got, b.last(ada).State)
	}
}
