package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

func TestSubscriberExport(t *testing.T) {
	t.Parallel()
	b := newBenchOf(t, time.Time{}, shortCourse(t))
	ride(b, func(string) {})
	b.must(b.store.InTx(t.Context(), b.now, func(tx *store.Tx) error {
		return tx.SetSafe(t.Context(), b.subscription(ada).ID, "unsure")
	}))
	file := fileOf(t, "email,name,time_zone,consented_at,consent_source,safe\n"+
		"'+bo@example.org,=cmd|x,UTC,2026-11-05,@form,no\n")
	if done, got := bring(t, b.env, file); done.Imported != 1 {
		t.Fatalf("%+v", got)
	}
	b.must(b.store.InTx(t.Context(), b.now, func(tx *store.Tx) error {
		_, err := b.road.Apply(t.Context(), tx, b.subscription("+bo@example.org").ID, journey.Event{Event: pacing.Event{Kind: pacing.Halt}, By: journey.ByWorker, Why: "self-harm"})
		return err
	}))

	got := try(t, b.env, "subscriber", "export")
	rows, err := csv.NewReader(strings.NewReader(got.out)).ReadAll()
	if err != nil || got.code != exitFine || len(rows) != 3 || !reflect.DeepEqual(rows[0], exportColumns) {
		t.Fatalf("%v: %+v", err, got)
	}
	if want := []string{"'+bo@example.org", "'=cmd|x", "UTC", "2026-11-05T00:00:00Z", "'@form", "", "", "", "offender", "", "full", "long-road", "paused", "0", ""}; !reflect.DeepEqual(rows[2][:len(want)], want) {
		t.Errorf("%q, want %q", rows[2], want)
	}
	if want := []string{ada, "Ada", "Europe/London", "2027-03-01T10:00:00Z", "c1", "", "GB", "", "offender", "", "full", "long-road", "completed", "2", "name-the-break"}; !reflect.DeepEqual(rows[1][:len(want)], want) {
		t.Errorf("%q, want %q", rows[1], want)
	}
	for _, hushed := range []string{"safe", "halted", "self-harm", "unsure", "no,"} {
		if strings.Contains(got.out, hushed) {
			t.Errorf("%q is handed out: %s", hushed, got.out)
		}
	}

	got = try(t, b.env, "subscriber", "export", "--json", "--with-safety", ada)
	var one exported
	if err := json.Unmarshal([]byte(got.out), &one); err != nil || one.Email != ada || one.Safe == nil || *one.Safe != "unsure" || one.Letters != 2 {
		t.Errorf("%v: %+v", err, got)
	}
	if got := try(t, b.env, "subscriber", "export", "--with-safety", "+bo@example.org"); !strings.Contains(got.out, ",halted,") || strings.Contains(got.out, "self-harm") ||
		!strings.HasSuffix(strings.TrimSpace(got.out), ",no") {
		t.Errorf("%+v", got)
	}
	if got := try(t, b.env, "subscriber", "export", "--course", "short-road"); strings.Count(got.out, "\n") != 1 {
		t.Errorf("another course: %+v", got)
	}
	if got := try(t, b.env, "subscriber", "export", "cy@example.org"); got.code != exitFault || got.out != "" {
		t.Errorf("an unknown person: %+v", got)
	}
}

func TestExportToAFile(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Time{})
	b.at("2027-03-01 12:00")
	var file strings.Builder
	must(t, many(&file, 2*exportPage+1))
	if done, got := bring(t, b.env, fileOf(t, file.String())); done.Imported != 2*exportPage+1 {
		t.Fatalf("%+v", got)
	}
	name := filepath.Join(t.TempDir(), "all.csv")
	if got := try(t, b.env, "subscriber", "export", "-o", name); got.code != exitFine || got.out != "" {
		t.Fatalf("%+v", got)
	}
	info, err := os.Stat(name)
	must(t, err)
	text, err := os.ReadFile(name)
	must(t, err)
	if info.Mode().Perm() != 0o600 || strings.Count(string(text), "\n") != 2*exportPage+2 {
		t.Errorf("%s, %d lines", info.Mode(), strings.Count(string(text), "\n"))
	}
	if got := try(t, b.env, "subscriber", "export", "-o", name); got.code != exitMisuse || !strings.Contains(got.errors, "name a new file") {
		t.Errorf("%+v", got)
	}
	// What was handed out can be brought in elsewhere.
	other := newBench(t, b.now)
	ignored := strings.Join(exportColumns[11:], ",")
	if done, got := bring(t, other.env, name, "--ignore", ignored); got.code != exitFine || done.Imported != 2*exportPage+1 {
		t.Errorf("%+v", got)
	}
	if a, z := b.subscription("reader-000007@example.org"), other.subscription("reader-000007@example.org"); *a.SendHour != *z.SendHour || a.TimeZone != z.TimeZone || !a.State.DueAt.Equal(z.State.DueAt) {
		t.Errorf("%+v, then %+v", a, z)
	}
}

func TestHarmless(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":             "",
		"Ada":          "Ada",
		"=1+1":         "'=1+1",
		"-1":           "'-1",
		"＝1+1":         "'＝1+1",
		"Ada;=1+1":     "Ada;'=1+1",
		"@form; page":  "'@form; page",
		"a=b;c+d":      "a=b;c+d",
		"O'Neill;;+44": "O'Neill;;'+44",
	} {
		if got := harmless(text); got != want {
			t.Errorf("harmless(%q) is %q, want %q", text, got, want)
		}
		if got := harmed(want); got != text {
			t.Errorf("harmed(%q) is %q, want %q", want, got, text)
		}
	}
}
