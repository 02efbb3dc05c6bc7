package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"longroad/internal/inbound"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

func TestQuarantine(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC))
	b.config.ReplyDomain = "letters.example.org"
	unread := func() (ids []int64) {
		must(t, b.store.InTx(t.Context(), b.now.AddDate(0, 0, 1), func(tx *store.Tx) (err error) {
			ids, err = tx.NudgeReplies(t.Context(), 10)
			return err
		}))
		return ids
	}
	for _, text := range []string{"What is this?", "Who are you?"} {
		must(t, b.road.Receive(t.Context(), inbound.Arrival{Way: "lmtp", From: "bo@example.org", To: "postmaster@letters.example.org",
			Raw: []byte("From: bo@example.org\r\nSubject: A question\r\n\r\n" + text + "\r\n")}))
	}
	for _, id := range unread() {
		must(t, b.road.Read(t.Context(), id))
	}
	listed := try(t, b.env, "inbound", "list", "--json")
	lines := strings.Split(strings.TrimSpace(listed.out), "\n")
	if len(lines) != 2 || strings.Contains(listed.out, "bo@") || strings.Contains(listed.out, "question") {
		t.Fatalf("%+v", listed)
	}
	var first, second quarantined
	must(t, json.Unmarshal([]byte(lines[0]), &first))
	must(t, json.Unmarshal([]byte(lines[1]), &second))
	if first.Way != "lmtp" || first.Kind != "reply" || first.Why != "not matched" || first.Size == 0 || !first.At.Equal(b.now) {
		t.Errorf("%+v", first)
	}
	if got := try(t, b.env, "inbound", "list"); !strings.Contains(got.out, first.Ref) || !strings.Contains(got.out, "not matched") {
		t.Errorf("%+v", got)
	}
	shown := try(t, b.env, "inbound", "show", first.Ref)
	if !strings.Contains(shown.out, "Subject: A question\r\n\r\nWhat is this?") || !strings.Contains(shown.errors, "private") || !strings.Contains(shown.errors, "bo@example.org") {
		t.Errorf("%+v", shown)
	}
	if got := try(t, b.env, "inbound", "replay", first.Ref, "00000000000000000000"); got.code != exitFault || !strings.Contains(got.out, first.Ref) || !strings.Contains(got.errors, "not in the quarantine") {
		t.Errorf("%+v", got)
	}
	if ids := unread(); len(ids) != 1 {
		t.Errorf("%d to read again", len(ids))
	} else {
		must(t, b.road.Read(t.Context(), ids[0]))
	}
	if got := try(t, b.env, "inbound", "drop", first.Ref); got.code != exitFine {
		t.Errorf("%+v", got)
	}
	if got := try(t, b.env, "inbound", "show", first.Ref); got.code != exitFault || got.out != "" {
		t.Errorf("shown after it was dropped: %+v", got)
	}
	if got := try(t, b.env, "inbound", "replay", "--all"); got.code != exitFine || strings.Count(got.out, "\n") != 1 || !strings.Contains(got.out, second.Ref) {
		t.Errorf("%+v", got)
	}
	if got := try(t, b.env, "inbound", "list"); got.out != "nothing waits for a person\n" {
		t.Errorf("%+v", got)
	}
	for _, args := range [][]string{{"inbound", "replay"}, {"inbound", "replay", "--all", first.Ref}, {"inbound", "show", "me"}, {"inbound", "drop"}} {
		if got := try(t, b.env, args...); got.code != exitMisuse {
			t.Errorf("%v: %+v", args, got)
		}
	}
}

// A suppressed address comes back by an operator alone, and by a new sign-up then.
func TestSuppressionLifted(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Time{})
	b.at("2027-03-01 10:00")
	b.signUp(ada)
	if got := try(t, b.env, "subscriber", "suppress", "--lift", ada); got.code != exitFine || !strings.Contains(got.out, "was not suppressed") {
		t.Errorf("%+v", got)
	}
	must(t, b.road.Suppress(t.Context(), ada, "hard bounce", "worker"))
	if got := try(t, b.env, "why", ada); !strings.Contains(got.out, "a worker suppressed the address (hard bounce); nothing goes any more") {
		t.Errorf("the story: %s", got.out)
	}
	first := b.subscription(ada).ID
	b.at("2027-05-01 10:00")
	if b.signUp(ada); b.subscription(ada).ID != first {
		t.Error("a suppressed address signed up")
	}
	if got := try(t, b.env, "subscriber", "suppress", "--lift", ada); got.code != exitFine || !strings.Contains(got.out, "no longer suppressed (it was: hard bounce)") {
		t.Errorf("%+v", got)
	}
	if got := try(t, b.env, "why", ada); !strings.Contains(got.out, "an operator lifted the suppression") || !strings.Contains(got.out, "the address is suppressed; nothing goes any more.") {
		t.Errorf("the story: %s", got.out)
	}
	b.signUp(ada)
	person, err := b.store.SubscriberByAddress(t.Context(), ada)
	must(t, err)
	if subs, err := b.store.SubscriptionsOf(t.Context(), person.ID); err != nil || len(subs) != 2 || subs[1].State.Status != pacing.Pending {
		t.Errorf("it cannot sign up anew: %+v, %v", subs, err)
	}
}

func TestTame(t *testing.T) {
	t.Parallel()
	if got := string(tame([]byte("a\x1b[2Jb\tc\r\n\x07\r\nd"))); got != "a [2Jb c\n\nd\n" {
		t.Errorf("%q", got)
	}
}
