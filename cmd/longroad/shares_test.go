package main

import (
	"bufio"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/lib/pq"

	"longroad/internal/devstack"
	"longroad/internal/devstack/stacktest"
)

var sharesReaders = flag.Int("shares", 0, "how many readers 1, 2 and 4 workers share; 0 leaves that out (make shares)")

// answersIn is how long the mail server of TestShares takes over each mail, as
// one across a network does. A worker has eight connections, so that it is the
// server that one worker waits for, and not this machine's processors.
const answersIn = 50 * time.Millisecond

// The readers of one course, who are all due at once, are shared by 1, by 2 and
// by 4 worker processes: the more workers the sooner, and nobody gets it twice.
func TestShares(t *testing.T) {
	if *sharesReaders == 0 {
		t.Skip("make shares runs it")
	}
	n := *sharesReaders
	s := &shares{t: t, postgres: stacktest.OwnPostgres(t), redis: stacktest.OwnRedis(t)}
	s.fill(n)
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "workers\tletters\tlost\tdoubled\tseconds\tletters/s\tratio\tby worker\t")
	var alone float64
	for _, workers := range []int{1, 2, 4} {
		r := s.run(workers, n)
		rate := float64(r.letters) / r.took.Seconds()
		if workers == 1 {
			alone = rate
		}
		fmt.Fprintf(w, "%d\t%d\t%d\t%d\t%.1f\t%.0f\t%.2f\t%s\t\n", workers, r.letters, n-len(r.copies), r.letters-len(r.copies),
			r.took.Seconds(), rate, rate/alone, strings.Join(r.each, ", "))
		if r.letters != n || len(r.copies) != n {
			t.Errorf("%d workers: %d letters to %d of %d readers", workers, r.letters, len(r.copies), n)
		}
	}
	w.Flush()
	t.Logf("%d readers, a mail server that takes %s over each mail\n%s", n, answersIn, b.String())
}

type shares struct {
	t        *testing.T
	postgres *devstack.Postgres
	redis    *devstack.Redis
}

const sharesDatabase = "shares"

// fill imports the readers once; each run gets a copy of that database.
func (s *shares) fill(n int) {
	s.t.Helper()
	must(s.t, s.postgres.CreateDatabase(s.t.Context(), sharesDatabase))
	url := s.postgres.URL(sharesDatabase)
	must(s.t, migrated(s.t.Context(), url))
	dir := folder(s.t)
	writeCourse(s.t, filepath.Join(dir, "single"), map[string]string{"walker/only.md": lessonFile("only", false), "course.yaml": `course: single
title: A single letter
language: en
sender: Trial Letters
window: {days: [mon, tue, wed, thu, fri, sat, sun], at: "00:00", until: "24:00"}
tracks:
  walker: {title: Walker, stages: [{id: only, title: Only, gap: 1d, lessons: [only]}]}
`})
	file, err := os.Create(filepath.Join(dir, "readers.csv"))
	must(s.t, err)
	out := bufio.NewWriter(file)
	fmt.Fprintln(out, "email,time_zone,consented_at,consent_source")
	for i := range n {
		fmt.Fprintf(out, "reader-%d@example.org,Europe/London,2026-01-01,test\n", i)
	}
	must(s.t, out.Flush())
	must(s.t, file.Close())
	env := serviceEnv(url, s.redis.URL(), "smtp://127.0.0.1:1?tls=none")
	longroad(s.t, dir, env, "course", "publish", filepath.Join(dir, "single"))
	began := time.Now()
	said := longroad(s.t, dir, env, "subscriber", "import", file.Name(), "--course", "single", "--track", "walker", "--at-once")
	s.t.Logf("%s in %.1f s", strings.TrimSpace(said), time.Since(began).Seconds())
}

// sharesRun is what came of some workers.
type sharesRun struct {
	letters int
	copies  map[string]int // by address
	took    time.Duration  // from the first letter to the last
	each    []string       // letters by worker
}

// run lets so many workers send everybody the first letter.
func (s *shares) run(workers, n int) sharesRun {
	s.t.Helper()
	name := fmt.Sprintf("%s_%d", sharesDatabase, workers)
	s.exec(s.postgres.URL("postgres"), "CREATE DATABASE "+pq.QuoteIdentifier(name)+" TEMPLATE "+pq.QuoteIdentifier(sharesDatabase))
	url := s.postgres.URL(name)
	must(s.t, s.redis.Flush(s.t.Context()))
	sink := newTillSink(s.t)
	env := serviceEnv(url, s.redis.URL(), sink.url)
	var all []*program
	for range workers {
		all = append(all, begin(s.t, s.t.TempDir(), env, "worker"))
	}
	sink.await(s.t, n)
	for _, p := range all {
		p.signal(syscall.SIGTERM)
	}
	for _, p := range all {
		p.finish()
	}
	return sharesRun{letters: sink.letters, copies: sink.copies, took: sink.last.Sub(sink.first), each: s.eachOf(url)}
}

func (s *shares) exec(url, query string) {
	s.t.Helper()
	db, err := sql.Open("postgres", url)
	must(s.t, err)
	defer db.Close()
	_, err = db.ExecContext(s.t.Context(), query)
	must(s.t, err)
}

// eachOf tells how many letters each worker sent.
func (s *shares) eachOf(url string) []string {
	s.t.Helper()
	db, err := sql.Open("postgres", url)
	must(s.t, err)
	defer db.Close()
	rows, err := db.QueryContext(s.t.Context(), `SELECT count(*) FROM attempts WHERE outcome = 'sent' GROUP BY worker ORDER BY 1`)
	must(s.t, err)
	defer rows.Close()
	var each []string
	for rows.Next() {
		var letters string
		must(s.t, rows.Scan(&letters))
		each = append(each, letters)
	}
	must(s.t, rows.Err())
	return each
}

// tillSink is a mail server that only counts.
type tillSink struct {
	url string

	mu          sync.Mutex
	letters     int
	copies      map[string]int
	first, last time.Time
	more        chan struct{} // holds something when a letter has come
}

func newTillSink(t *testing.T) *tillSink {
	t.Helper()
	s := &tillSink{copies: map[string]int{}, more: make(chan struct{}, 1)}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s.url = "smtp://" + l.Addr().String() + "?tls=none&connections=8"
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &tillSession{sink: s}, nil }))
	server.Domain, server.ErrorLog = "localhost", discard{}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return s
}

// await waits until everybody has a letter.
func (s *tillSink) await(t *testing.T, n int) {
	t.Helper()
	late := time.NewTimer(10 * time.Minute)
	defer late.Stop()
	for {
		s.mu.Lock()
		got := len(s.copies)
		s.mu.Unlock()
		if got == n {
			return
		}
		select {
		case <-s.more:
		case <-late.C:
			t.Fatalf("only %d of %d letters came", got, n)
		}
	}
}

type tillSession struct {
	sink *tillSink
	to   string
}

func (s *tillSession) Mail(string, *smtp.MailOptions) error { return nil }

func (s *tillSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

func (s *tillSession) Data(r io.Reader) error {
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	wait := time.NewTimer(answersIn)
	defer wait.Stop()
	<-wait.C
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	if s.sink.letters++; s.sink.letters == 1 {
		s.sink.first = time.Now()
	}
	s.sink.last = time.Now()
	s.sink.copies[s.to]++
	select {
	case s.sink.more <- struct{}{}:
	default:
	}
	return nil
}

func (s *tillSession) Reset()        {}
func (s *tillSession) Logout() error { return nil }
