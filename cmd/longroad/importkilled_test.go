package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// many writes n people, everybody in another zone than the one before.
func many(w io.Writer, n int) error {
	out := bufio.NewWriter(w)
	zones := []string{"Europe/London", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"}
	fmt.Fprintln(out, "email,name,time_zone,consented_at,consent_source,send_hour")
	for i := range n {
		fmt.Fprintf(out, "reader-%06d@example.org,Reader %d,%s,2026-11-05T09:00:00Z,old list,%02d:00\n", i, i, zones[i%len(zones)], i%24)
	}
	return out.Flush()
}

// counts reads how many people there are, all of whom came whole, and how many
// of them twice.
func counts(t *testing.T, b *bench) (all, doubled int) {
	t.Helper()
	db, err := sql.Open("postgres", b.config.databaseURL())
	must(t, err)
	defer db.Close()
	var subscriptions, whole int
	must(t, db.QueryRow(`
		SELECT (SELECT count(*) FROM subscribers), (SELECT count(*) - count(DISTINCT subscriber_id) FROM subscriptions), count(*),
			count(*) FILTER (WHERE s.status = 'active' AND s.next_due_at IS NOT NULL AND s.confirmed_at IS NOT NULL
				AND (SELECT count(*) FROM consents WHERE subscription_id = s.id AND how = 'import') = 1
				AND (SELECT count(*) FROM events WHERE subscription_id = s.id) = 1)
		FROM subscriptions s`).Scan(&all, &doubled, &subscriptions, &whole))
	if subscriptions != all || whole != all {
		t.Errorf("%d people have %d subscriptions, of which %d are whole", all, subscriptions, whole)
	}
	return all, doubled
}

// A hundred thousand people come in by a process that is killed in the middle
// and run again: nobody is doubled and nobody is missing.
func TestImportKilled(t *testing.T) {
	t.Parallel()
	const all = 100_000
	b := newBench(t, time.Time{})
	b.at("2027-03-01 12:00")
	var file bytes.Buffer
	must(t, many(&file, all))

	cmd := prepare(t, t.TempDir(), []string{"LONGROAD_DATABASE_URL=" + b.config.DatabaseURL, "LONGROAD_SECRET_KEY=" + strings.Repeat("k", 40)},
		"subscriber", "import", "-", "--course", "long-road", "--track", "offender")
	cmd.Env = append(cmd.Env, asProgram+"=command")
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	input, err := cmd.StdinPipe()
	must(t, err)
	must(t, cmd.Start())
	// What it has not read fits its buffers, so that most of this is in, and it is
	// in the middle of the rest.
	if _, err := input.Write(file.Bytes()[:file.Len()/2]); err != nil {
		t.Errorf("%v: %s", err, complaints.String())
	}
	must(t, cmd.Process.Kill())
	_ = cmd.Wait() // killed
	before, _ := counts(t, b)
	if before == 0 || before >= all/2 || before%importBatch != 0 {
		t.Fatalf("%d came in before the kill: %s", before, complaints.String())
	}

	name := fileOf(t, file.String())
	began := time.Now()
	done, got := bring(t, b.env, name)
	took := time.Since(began)
	if got.code != exitFine || done.Rows != all || done.Imported != all-before || done.OnTheWay != before {
		t.Errorf("%d before, then %+v", before, done)
	}
	if n, doubled := counts(t, b); n != all || doubled != 0 {
		t.Errorf("%d people, %d of them doubled", n, doubled)
	}
	t.Logf("%d rows in %s, %.0f a second", done.Imported, took, float64(done.Imported)/took.Seconds())
	if took > 3*time.Minute {
		t.Errorf("it took %s", took)
	}
}

// cutter calls a function once so many octets were read.
type cutter struct {
	io.Reader
	left int
	cut  func()
}

func (c *cutter) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	if c.left -= n; c.left < 0 {
		c.cut()
	}
	return n, err
}

// An import that is asked to end says how far it came, and goes on from there.
func TestImportStopped(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Time{})
	b.at("2027-03-01 12:00")
	var file, out, errs bytes.Buffer
	must(t, many(&file, 40_000))
	ctx, cancel := context.WithCancel(t.Context())
	env := *b.env
	env.Stdin, env.Stdout, env.Stderr = &cutter{bytes.NewReader(file.Bytes()), file.Len() * 3 / 4, cancel}, &out, &errs
	reported := filepath.Join(t.TempDir(), "refused.csv")
	args := []string{"subscriber", "import", "-", "--course", "long-road", "--track", "offender", "--report", reported}
	if code := run(ctx, args, &env); code != exitFault || !strings.Contains(errs.String(), "stopped before it was done") ||
		!strings.HasPrefix(out.String(), "stopped before the end of the file: run it again to go on, nobody is doubled\n") {
		t.Errorf("%d, %s%s", code, out.String(), errs.String())
	}
	before, _ := counts(t, b)
	if before == 0 || before >= 40_000 {
		t.Fatalf("%d came in", before)
	}
	b.now = b.now.Add(time.Hour)
	if done, got := bring(t, b.env, fileOf(t, file.String())); got.code != exitFine || done.Imported != 40_000-before {
		t.Errorf("%d before, then %+v", before, done)
	}
	if n, doubled := counts(t, b); n != 40_000 || doubled != 0 {
		t.Errorf("%d people, %d of them doubled", n, doubled)
	}
}
