package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"longroad/internal/store"
)

// atHome is where the mails say that the pages are.
const atHome = "https://letters.example.org"

// processes are the service as it runs for readers: serve, workers, a mail server.
type processes struct {
	t        *testing.T
	env      []string
	database string
	sink     *sink
	pages    string // where serve listens, once it runs
}

func newProcesses(t *testing.T, database, redis string) *processes {
	t.Helper()
	s := &processes{t: t, database: database, sink: newSink(t)}
	s.env = serviceEnv(database, redis, s.sink.url)
	return s
}

const serviceFrom = "letters@letters.example.org"

var serviceKey = strings.Repeat("a key for tests only ", 2)

// serviceEnv is the settings of processes.
func serviceEnv(database, redis, smtp string) []string {
	return []string{
		"LONGROAD_DATABASE_URL=" + database, "LONGROAD_REDIS_URL=" + redis, "LONGROAD_SMTP_URL=" + smtp,
		"LONGROAD_BASE_URL=" + atHome, "LONGROAD_HTTP_ADDR=127.0.0.1:0", "LONGROAD_MAIL_FROM=" + serviceFrom,
		`LONGROAD_POSTAL_ADDRESS=1 Long Road\nTown`, "LONGROAD_SECRET_KEY=" + serviceKey,
		"LONGROAD_SIGNUP_LIMIT=0", // all readers come from one machine
	}
}

// migrated brings an empty database to the current schema.
func migrated(ctx context.Context, databaseURL string) error {
	_, err := store.Migrate(ctx, databaseURL)
	return err
}

func (s *processes) start(args ...string) *program {
	s.t.Helper()
	return launch(s.t, s.t.TempDir(), s.env, args...)
}

// serve starts the pages and waits until they are there.
func (s *processes) serve() *program {
	s.t.Helper()
	p := s.start("serve")
	s.served(p)
	return p
}

func (s *processes) served(p *program) {
	s.t.Helper()
	s.pages = "http://" + p.await(`msg=serving address=(\S+)`)[1]
}

// worker starts a worker and waits until it works.
func (s *processes) worker() *program {
	s.t.Helper()
	p := s.start("worker")
	p.await(`msg="worker started"`)
	return p
}

// post sends a body to a page and gives status and answer.
func (s *processes) post(path, contentType string, body io.Reader) (int, string) {
	s.t.Helper()
	client := http.Client{Timeout: 30 * time.Second}
	answer, err := client.Post(s.pages+path, contentType, body)
	must(s.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	must(s.t, err)
	return answer.StatusCode, string(text)
}

// get gives the status of a page.
func (s *processes) get(path string) int {
	s.t.Helper()
	client := http.Client{Timeout: 30 * time.Second}
	answer, err := client.Get(s.pages + path)
	must(s.t, err)
	answer.Body.Close()
	return answer.StatusCode
}

// signUp signs somebody up.
func (s *processes) signUp(addresses ...string) {
	s.t.Helper()
	for _, address := range addresses {
		b, err := json.Marshal(map[string]any{
			"track": "offender", "email": address, "time_zone": "Europe/London", "adult": true, "consent": true})
		must(s.t, err)
		if status, answer := s.post("/api/v1/subscriptions", "application/json", bytes.NewReader(b)); status != http.StatusAccepted {
			s.t.Fatalf("signing up: %d %s", status, answer)
		}
	}
}

var confirmLink = regexp.MustCompile(regexp.QuoteMeta(atHome) + `(/confirm/[a-z2-7]+)`)

// confirm waits for the mail that asks to confirm and does what it asks for.
func (s *processes) confirm(addresses ...string) {
	s.t.Helper()
	s.askedToConfirm(addresses...)
	for _, address := range addresses {
		mails, _ := s.sink.to(address)
		link := confirmLink.FindStringSubmatch(mails[0].text)
		if link == nil {
			s.t.Fatalf("no link in %s", mails[0].text)
		}
		if status, answer := s.post(link[1], "application/x-www-form-urlencoded", strings.NewReader(url.Values{}.Encode())); status != http.StatusOK {
			s.t.Fatalf("confirming: %d %s", status, answer)
		}
	}
}

func (s *processes) askedToConfirm(addresses ...string) {
	s.t.Helper()
	s.sink.awaitFor(2*patience, "mails that ask to confirm", func(all []caught) bool {
		for _, address := range addresses {
			if confirms, _ := sorted(all, address); len(confirms) == 0 {
				return false
			}
		}
		return true
	})
}

// letters waits until each address has so many copies of letters.
func (s *processes) letters(n int, addresses ...string) {
	s.t.Helper()
	s.sink.awaitFor(2*patience, fmt.Sprintf("%d letters each", n), func(all []caught) bool {
		for _, address := range addresses {
			if _, letters := sorted(all, address); len(letters) < n {
				return false
			}
		}
		return true
	})
}

// settled waits until everything that is due has an outcome, and a reader who
// comes after it has been served: whatever was still under way is over then.
func (s *processes) settled(after string) {
	s.t.Helper()
	s.signUp(after)
	s.confirm(after)
	s.letters(1, after)
	db, err := store.Connect(s.t.Context(), s.database)
	must(s.t, err)
	defer db.Close()
	eventually(s.t, "everything due has an outcome", func() bool {
		n, err := db.Unsettled(s.t.Context(), time.Now())
		must(s.t, err)
		return n == 0
	})
}

// why asks the program for a reader's story.
func (s *processes) why(address string) story {
	s.t.Helper()
	return why(s.t, s.t.TempDir(), s.env, address)
}

func why(t *testing.T, dir string, env []string, address string) story {
	t.Helper()
	var stories []story
	must(t, json.Unmarshal([]byte(longroad(t, dir, env, "why", "--json", "--verbose", address)), &stories))
	if len(stories) != 1 {
		t.Fatalf("%d stories", len(stories))
	}
	return stories[0]
}

// tries tells how the attempts at a letter ended, in order.
func (l letter) tries() string {
	var outcomes []string
	for _, a := range l.Attempts {
		outcomes = append(outcomes, a.Outcome)
	}
	return strings.Join(outcomes, ", ")
}

// readers makes addresses.
func readers(name string, n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("%s-%d@example.org", name, i))
	}
	return all
}
