package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"longroad/internal/devstack/stacktest"
)

// What cannot be right is answered clearly by the real pages, and leaves nothing
// behind: no row, no task, and none of it runs.
func TestBadInput(t *testing.T) {
	t.Parallel()
	database := stacktest.Postgres(t, migrated)
	s := newProcesses(t, database, stacktest.Redis(t))
	serve := s.serve()
	for _, c := range []struct {
		name, field, value string
		status             int
		says               string
	}{
		{"an address without an @", "email", "reader.example.org", 422, "does not look like a mail address"},
		{"an address with a display name", "email", "Reader <reader@example.org>", 422, "does not look like a mail address"},
		{"an address that adds a header", "email", "reader@example.org\r\nBcc: other@example.org", 422, "does not look like a mail address"},
		{"two addresses", "email", "reader@example.org, other@example.org", 422, "does not look like a mail address"},
		{"a name with a line break", "name", "Ada\r\nBcc: other@example.org", 422, "on one line"},
		{"a name with a template", "name", "{{.Email}}", 422, "without signs such as"},
		{"a name with a template call", "name", `{{snippet "footer"}}`, 422, "without signs such as"},
		{"a name with HTML", "name", "<script>alert(1)</script>", 422, "without signs such as"},
		{"a name with a link", "name", "https://example.org", 422, "without signs such as"},
		{"a name without an end", "name", strings.Repeat("a", 81), 422, "up to 80 letters"},
		{"a zone that is not there", "time_zone", "Europe/Atlantis", 422, "do not know this time zone"},
		{"a zone that is a path", "time_zone", "../../etc/passwd", 422, "do not know this time zone"},
		{"the machine's own zone", "time_zone", "Local", 422, "do not know this time zone"},
		{"an hour that is not there", "send_hour", "24:00", 422, "choose an hour"},
		{"a track that is not there", "track", "bystander", 422, "choose one"},
		{"SQL for a country", "country", "'; DROP TABLE subscribers; --", 422, "choose a country"},
		{"no consent", "consent", "", 422, "tick this if you agree"},
		{"a body of a megabyte", "name", strings.Repeat("a", 1<<20), 413, ""},
	} {
		fields := url.Values{"track": {"offender"}, "email": {"reader@example.org"}, "mailbox": {"private"}, "time_zone": {"Europe/London"},
			"safe": {"yes"}, "adult": {"yes"}, "consent": {"yes"}}
		fields.Set(c.field, c.value)
		status, page := s.post("/courses/long-road/subscriptions", "application/x-www-form-urlencoded", strings.NewReader(fields.Encode()))
		if status != c.status || !strings.Contains(page, c.says) || !strings.Contains(page, "<h1>") {
			t.Errorf("%s in the form: %d, a page that does not say %q:\n%.300s", c.name, status, c.says, page)
		}
		if strings.ContainsAny(c.value, "<>") && strings.Contains(page, c.value) {
			t.Errorf("%s stands raw in the page", c.name)
		}

		object := map[string]string{}
		for field := range fields {
			object[field] = fields.Get(field)
		}
		body, err := json.Marshal(object)
		must(t, err)
		status, answer := s.post("/api/v1/subscriptions", "application/json", strings.NewReader(string(body)))
		var faults struct {
			Errors []struct{ Field, Message string }
			Error  string
		}
		must(t, json.Unmarshal([]byte(answer), &faults))
		if status != c.status {
			t.Errorf("%s in the API: %d %s", c.name, status, answer)
		}
		if c.status == 422 && (len(faults.Errors) != 1 || faults.Errors[0].Field != c.field || !strings.Contains(faults.Errors[0].Message, c.says)) {
			t.Errorf("%s in the API: %+v", c.name, faults)
		}
	}
	for _, body := range []string{"", "{", "[]", "null", `"text"`, `{"track": {"$ne": ""}}`, strings.Repeat("[", 10_000)} {
		status, answer := s.post("/api/v1/subscriptions", "application/json", strings.NewReader(body))
		if status != http.StatusBadRequest && status != http.StatusUnprocessableEntity {
			t.Errorf("%.20q in the API: %d %s", body, status, answer)
		}
	}
	if status := s.get("/confirm/" + strings.Repeat("a", 40)); status != http.StatusNotFound {
		t.Errorf("a made-up token is answered with %d", status)
	}

	db, err := sql.Open("postgres", database)
	must(t, err)
	defer db.Close()
	for _, table := range []string{"intakes", "subscribers", "subscriptions", "consents", "deliveries", "events", "arrivals"} {
		var n int
		must(t, db.QueryRow("SELECT count(*) FROM "+table).Scan(&n))
		if n != 0 {
			t.Errorf("%d rows in %s", n, table)
		}
	}
	if said := serve.output(); strings.Contains(said, "panic") || strings.Contains(said, "reader@") {
		t.Errorf("the log tells of a panic or an address:\n%s", said)
	}

	// All that was refused stood between the reader and a right sign-up.
	s.worker()
	s.settled("reader@example.org")
	if confirms, letters := s.sink.to("reader@example.org"); fmt.Sprint(len(confirms), len(letters)) != "1 1" {
		t.Errorf("a right sign-up got %d mails to confirm and %d letters", len(confirms), len(letters))
	}
}
