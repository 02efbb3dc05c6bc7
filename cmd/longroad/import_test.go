package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"longroad/internal/pacing"
	"longroad/internal/store"
)

const proof = "2026-11-05,paper form 7" // consented_at and consent_source

// listed writes a file with a row for each address, all in London.
func listed(t *testing.T, addresses ...string) string {
	t.Helper()
	text := "email,time_zone,consented_at,consent_source\n"
	for _, a := range addresses {
		text += a + ",Europe/London," + proof + "\n"
	}
	return fileOf(t, text)
}

func fileOf(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "people.csv")
	must(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

// bring imports a file and reads what became of it.
func bring(t *testing.T, env *environment, args ...string) (imported, said) {
	t.Helper()
	got := try(t, env, append([]string{"subscriber", "import", "--course", "long-road", "--track", "offender", "--json"}, args...)...)
	var done imported
	if err := json.Unmarshal([]byte(got.out), &done); err != nil {
		t.Fatalf("%v in %+v", err, got)
	}
	return done, got
}

// refused reads the report's rows: row and reason.
func refused(t *testing.T, name string) (rows [][]string) {
	t.Helper()
	f, err := os.Open(name)
	must(t, err)
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	must(t, err)
	if info, err := f.Stat(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the report: %v, %v", info.Mode(), err)
	}
	return all[1:]
}

func TestSubscriberImport(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Time{})
	b.at("2027-03-01 12:00") // a Monday
	b.signUp("asked@example.org")
	b.must(b.road.Suppress(t.Context(), "barred@example.org", "complaint", "operator"))
	file := fileOf(t, "\xef\xbb\xbfConsented At;E-Mail;EMAIL;name;time_zone;consent_source;send_hour;track;start_at;safe;country;language\r\n"+
		"2026-11-05;x;Ada@Example.org;Ada;Europe/London;paper form 7;;;;;GB;en\r\n"+
		"2026-11-05T09:00:00+01:00;x;bo@example.org;\"Bo \"\"B\"\" O\";Asia/Tokyo;\"form; page 2\";07:30;hurt-partner;2027-04-01;unsure;jp;ja-JP\r\n"+
		"2026-11-05;x;asked@example.org;;UTC;s;;;;;;\r\n"+
		"2026-11-05;x;Barred@example.org;;UTC;s;;;;;;\r\n"+
		"2026-11-05;x;ADA@example.org;;UTC;s;;;;;;\r\n"+
		";x;nobody;{{.Email}};Europe/Atlantis;;25;walker;soon;maybe;XX;und\r\n"+
		"2028-01-01;x;late@example.org;;UTC;s;;;2029-01-01;;;\r\n"+
		"1970-01-01;x;early@example.org;;UTC;s;;;;;;\r\n"+
		"2026-11-05;x;'=formula@example.org;'=1+1;UTC;s;;;;;;\r\n"+
		"=HYPERLINK(1);x;j\xfcrgen@example.org;;UTC;s;;;;;;\r\n"+
		"2026-11-05;x;short@example.org\r\n")
	done, got := bring(t, b.env, file, "--ignore", "e-mail")
	if got.code != exitFault || got.errors != "" {
		t.Errorf("%+v", got)
	}
	if want := (imported{Course: "long-road", Rows: 11, Imported: 3, OnTheWay: 1, Refused: 7, Reasons: done.Reasons, Report: file + ".refused.csv", Whole: true}); !reflect.DeepEqual(done, want) {
		t.Errorf("%+v, want %+v", done, want)
	}
	var rows []string
	for _, r := range refused(t, done.Report) {
		rows = append(rows, r[0]+" "+r[1])
		if formula(r[2]) {
			t.Errorf("the report runs %q", r[2])
		}
	}
	if want := []string{
		"7 bad address; bad name; unknown time zone; bad send_hour; unknown country; unknown language; unknown track; bad safe; " +
			"no proof of consent: consent_source is empty; no proof of consent: consented_at is empty; bad start_at: write 2027-03-28 or 2027-03-28T09:00:00Z",
		"8 no proof of consent: consented_at lies in the future; bad start_at: it lies more than a year ahead",
		"9 no proof of consent: consented_at lies before 1995",
		"11 not in UTF-8 (saved as Latin-1?)",
		"12 has 3 fields, the header has 12",
		"4 signed up already, but has not confirmed",
		"5 suppressed",
		"6 duplicate in the file",
	}; !reflect.DeepEqual(rows, want) {
		t.Errorf("the report: %q", rows)
	}

	// They stand as if they had confirmed here, but for the window.
	for address, want := range map[string]string{"ada@example.org": "2027-03-02T09:00:00Z", "bo@example.org": "2027-04-02T22:30:00Z", "=formula@example.org": "2027-03-02T09:00:00Z"} {
		s := b.subscription(address)
		if s.State.Status != pacing.Active || s.State.DueAt.Format(time.RFC3339) != want || !s.ConfirmedAt.Equal(b.now) {
			t.Errorf("%s: %s, due %s, confirmed %s", address, s.State.Status, s.State.DueAt, s.ConfirmedAt)
		}
	}
	bo := b.subscription("bo@example.org")
	if bo.Track != "hurt-partner" || bo.Name != `Bo "B" O` || bo.Safe != "unsure" || bo.Country != "JP" || bo.Language != "ja-JP" || *bo.SendHour != 450 {
		t.Errorf("%+v", bo)
	}
	consents, err := b.store.ConsentsOf(t.Context(), bo.ID)
	b.must(err)
	if len(consents) != 1 || consents[0].Kind != "consent" || consents[0].How != "import" || consents[0].TextVersion != "form; page 2" || consents[0].At.UTC().Format(time.RFC3339) != "2026-11-05T08:00:00Z" {
		t.Errorf("%+v", consents)
	}
	if got := try(t, b.env, "why", "ada@example.org"); !strings.Contains(got.out, "an operator brought the reader in, with proof of consent; the next letter is due Tue 2 Mar 2027, 09:00") {
		t.Errorf("%+v", got)
	}
	b.at("2027-03-02 09:00")
	b.claim()
	b.deliveries = nil
	if d := b.last("ada@example.org"); d.State != store.Owed || d.Mail.Lesson != "before-setting-off" {
		t.Errorf("claimed %+v", d)
	}
}

// Lessons from peers, 7, 9 and 16: bringing the same file again doubles nobody,
// and brings back nobody who left.
func TestImportAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Time{})
	b.at("2027-03-01 12:00")
	file := listed(t, "ada@example.org", "bo@example.org", "cy@example.org")
	if done, got := bring(t, b.env, file); got.code != exitFine || done.Imported != 3 || done.Report != "" {
		t.Fatalf("%+v", done)
	}
	if _, err := os.Stat(file + ".refused.csv"); err == nil {
		t.Error("a report without a row stays")
	}
	ada := b.subscription("ada@example.org")
	b.must(b.store.InTx(t.Context(), b.now, func(tx *store.Tx) error { // she has come further since
		ada.State.Lesson, ada.State.DueAt = "name-the-break", time.Time{}
		ada.State.Status = pacing.Resting
		return tx.SaveSubscriptions(t.Context(), []store.Subscription{ada})
	}))
	if got := try(t, b.env, "subscriber", "stop", "bo@example.org"); got.code != exitFine {
		t.Fatalf("%+v", got)
	}
	b.at("2027-03-05 12:00")
	done, got := bring(t, b.env, file)
	if got.code != exitFault || done.Imported != 0 || done.OnTheWay != 2 || done.Refused != 1 || done.Reasons["ended this course after that consent"] != 1 {
		t.Errorf("%+v", done)
	}
	if s := b.subscription("ada@example.org"); s.State.Status != pacing.Resting || s.State.Lesson != "name-the-break" {
		t.Errorf("her way is %+v", s.State)
	}
	b.subscription("bo@example.org") // one, and no more
	done, got = bring(t, b.env, listed(t, "ada@example.org", "cy@example.org"))
	if got.code != exitFine || done.OnTheWay != 2 {
		t.Errorf("nobody was refused: %d, %+v", got.code, done)
	}
	// A consent after the stop counts.
	text := strings.Replace("email,time_zone,consented_at,consent_source\nbo@example.org,UTC,NOW,new form\n", "NOW", b.now.Add(-time.Hour).Format(time.RFC3339), 1)
	if done, got := bring(t, b.env, fileOf(t, text)); got.code != exitFine || done.Imported != 1 {
		t.Errorf("%+v", done)
	}
}

func TestImportAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Time{})
	b.at("2027-03-01 23:00")
	if done, got := bring(t, b.env, listed(t, "ada@example.org"), "--at-once"); got.code != exitFine || done.Imported != 1 {
		t.Fatalf("%+v", got)
	}
	if s := b.subscription("ada@example.org"); !s.State.DueAt.Equal(b.now) {
		t.Errorf("due %s", s.State.DueAt)
	}
}

func TestImportRefusesWhatIsNoList(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Time{})
	b.at("2027-03-01 12:00")
	const head = "email,time_zone,consented_at,consent_source\n"
	for _, c := range []struct {
		name, file, args string
		code             int
		want             string
	}{
		{"empty", "", "", exitFault, "the file is empty: its first row must name the columns"},
		{"typo", "emial,time_zone,consented_at,consent_source\n", "", exitFault, `there is no column "emial"; did you mean email?`},
		{"all that is wrong", "email,email,notes\n", "", exitFault, "the column time_zone is missing"},
		{"unknown column", head[:len(head)-1] + ",notes\n", "", exitFault, `leave it out with --ignore`},
		{"no header", "ada@example.org,UTC,2026-11-05,s\n", "", exitFault, "the first row must name the columns"},
		{"unknown track", head, "--track walker", exitMisuse, `has no track "walker"; it has offender, hurt-partner`},
		{"no track", head, "--track=", exitMisuse, "name a --track"},
		{"unknown course", head, "--course short-road", exitMisuse, `"short-road" was never published`},
		{"report is no report", head, "--report people.go", exitMisuse, "is no report of an import"},
	} {
		dir := t.TempDir()
		file, other := filepath.Join(dir, "people.csv"), filepath.Join(dir, "people.go")
		must(t, os.WriteFile(file, []byte(c.file), 0o600))
		must(t, os.WriteFile(other, []byte("package people\n"), 0o600))
		args := strings.ReplaceAll("subscriber import "+file+" --course long-road --track offender "+c.args, "people.go", other)
		got := try(t, b.env, strings.Fields(args)...)
		if got.code != c.code || !strings.Contains(got.errors, c.want) {
			t.Errorf("%s: %+v, want %q", c.name, got, c.want)
		}
	}
	if got := try(t, testEnvironment(), "subscriber", "import", "nowhere.csv", "--course", "long-road"); got.code != exitMisuse || !strings.Contains(got.errors, "there is no such file") {
		t.Errorf("%+v", got)
	}
}

func TestProgressWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p    progress
		read int64
		want string
	}{
		{progress{}, 500, "1000 rows, 500 a second"},
		{progress{total: 1000}, 0, "1000 rows, 500 a second"},
		{progress{total: 1000}, 250, " 25 %, 1000 rows, 500 a second, 6s left"},
		{progress{total: 1000, bar: true}, 500, "[###############...............]  50 %, 1000 rows, 500 a second, 2s left"},
		{progress{total: 1000, bar: true}, 2000, "[##############################] 100 %, 1000 rows, 500 a second, 0s left"},
	} {
		if got := c.p.words(c.read, 1000, 2*time.Second); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	var out bytes.Buffer
	p := newProgress(&out, 1000)
	p.at(10, 10)
	if p.end(); out.Len() > 0 {
		t.Errorf("a short import says %q", out.String())
	}
	p.every = 0
	if p.at(10, 10); strings.Contains(out.String(), "\r") || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("beside a terminal it says %q", out.String())
	}
}

// Two operators import the same people at once, in different orders.
func TestImportTwiceAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Time{})
	b.at("2027-03-01 12:00")
	var file bytes.Buffer
	must(t, many(&file, 3000))
	lines := strings.SplitAfter(file.String(), "\n")
	turned := lines[0]
	for i := len(lines) - 2; i > 0; i-- {
		turned += lines[i]
	}
	var each sync.WaitGroup
	total := make([]imported, 2)
	for i, text := range []string{file.String(), turned} {
		name := fileOf(t, text)
		each.Go(func() {
			env := *b.env
			now := b.now.Add(time.Duration(i) * time.Second)
			env.Now = func() time.Time { return now }
			total[i], _ = bring(t, &env, name)
		})
	}
	each.Wait()
	if a, z := total[0], total[1]; a.Imported+z.Imported != 3000 || a.OnTheWay+z.OnTheWay != 3000 {
		t.Errorf("%+v and %+v", a, z)
	}
	if n, doubled := counts(t, b); n != 3000 || doubled != 0 {
		t.Errorf("%d people, %d of them doubled", n, doubled)
	}
}
