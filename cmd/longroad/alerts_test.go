package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/store"
	"longroad/internal/token"
)

// An alert is listed without its category, noted as seen, and its halt released.
func TestAlertsAndRelease(t *testing.T) {
	t.Parallel()
	b := newBenchOf(t, time.Time{}, shortCourse(t))
	ride(b, func(string) {})
	if got := try(t, b.env, "alerts"); got.code != exitFine || got.out != "no reply has told of danger\n" {
		t.Fatalf("%+v", got)
	}
	file := fileOf(t, "email,time_zone,consented_at,consent_source\nbo@example.org,UTC,2026-11-05,form\n")
	if done, got := bring(t, b.env, file); done.Imported != 1 {
		t.Fatalf("%+v", got)
	}
	sub, ref := b.subscription("bo@example.org"), token.NewRef()
	b.must(b.store.InTx(t.Context(), b.now, func(tx *store.Tx) error {
		if err := tx.AddAlert(t.Context(), store.Alert{Ref: ref, SubscriptionID: &sub.ID, Category: "violence-by-other", Level: "alarm"}); err != nil {
			return err
		}
		_, err := b.road.Apply(t.Context(), tx, sub.ID, journey.Event{Event: pacing.Event{Kind: pacing.Halt}, By: journey.ByWorker})
		return err
	}))
	got := try(t, b.env, "alerts")
	for _, part := range []string{ref.String(), sub.Ref.String(), "alarm", "yes"} {
		if got.code != exitFine || !strings.Contains(got.out, part) {
			t.Errorf("%q is not in %+v", part, got)
		}
	}
	for _, args := range [][]string{{"alerts"}, {"alerts", "--json"}, {"why", "bo@example.org"}, {"why", "--json", "bo@example.org"},
		{"subscriber", "show", "bo@example.org"}, {"subscriber", "export"}, {"retention"}} {
		if got := try(t, b.env, args...); got.code != exitFine || strings.Contains(got.out, "violence") {
			t.Errorf("%v: %+v", args, got)
		}
	}
	if got := try(t, b.env, "alerts", "--seen", token.NewRef().String()); got.code != exitFault || !strings.Contains(got.errors, "there is no alert") {
		t.Errorf("%+v", got)
	}
	if got := try(t, b.env, "alerts", "--seen", "x"); got.code != exitMisuse {
		t.Errorf("%+v", got)
	}
	var all []shownAlert
	if err := json.Unmarshal([]byte(try(t, b.env, "alerts", "--json", "--seen", ref.String()).out), &all); err != nil || len(all) != 1 || all[0].SeenAt.IsZero() || !all[0].Halted {
		t.Errorf("%v: %+v", err, all)
	}
	if got := try(t, b.env, "subscriber", "release", "bo@example.org"); got.code != exitFine || !strings.Contains(got.out, "released, is active") {
		t.Errorf("%+v", got)
	}
	if got := try(t, b.env, "subscriber", "release", sub.Ref.String()); got.code != exitFine || got.out != "nothing was halted\n" {
		t.Errorf("%+v", got)
	}
	if got := try(t, b.env, "subscriber", "release", "--json", ada); got.code != exitFine || !strings.Contains(got.out, `"released": false`) {
		t.Errorf("%+v", got)
	}
}
