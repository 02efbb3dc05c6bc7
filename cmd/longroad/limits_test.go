package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"longroad/internal/devstack/stacktest"
)

// Two serve processes count a source together, and one that a proxy speaks for
// apart from it; with Redis stopped the form goes on.
func TestSignUpLimitAcrossProcesses(t *testing.T) {
	t.Parallel()
	redis := stacktest.OwnRedis(t)
	s := newProcesses(t, stacktest.Postgres(t, migrated), redis.URL())
	s.env = append(slices.DeleteFunc(s.env, func(v string) bool { return v == "LONGROAD_SIGNUP_LIMIT=0" }),
		"LONGROAD_SIGNUP_LIMIT=4", "LONGROAD_TRUSTED_PROXIES=127.0.0.0/8")
	var doors []string
	for range 2 {
		s.serve()
		doors = append(doors, s.pages)
	}
	signUp := func(i int, from string) *http.Response {
		b, err := json.Marshal(map[string]any{"track": "offender", "email": fmt.Sprintf("r%d@example.org", i),
			"time_zone": "Europe/London", "adult": true, "consent": true})
		must(t, err)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, doors[i%2]+"/api/v1/subscriptions", bytes.NewReader(b))
		must(t, err)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Forwarded-For", from)
		client := http.Client{Timeout: 30 * time.Second}
		answer, err := client.Do(r)
		must(t, err)
		answer.Body.Close()
		return answer
	}
	for i := range 8 {
		answer := signUp(i, fmt.Sprintf("2001:db8::%d", i)) // one network of a /64
		want := http.StatusAccepted
		if i >= 4 {
			want = http.StatusTooManyRequests
		}
		if answer.StatusCode != want || (answer.Header.Get("Retry-After") != "") != (i >= 4) {
			t.Errorf("sign-up %d: %s, Retry-After %q", i, answer.Status, answer.Header.Get("Retry-After"))
		}
	}
	if answer := signUp(8, "192.0.2.9"); answer.StatusCode != http.StatusAccepted {
		t.Errorf("another source: %s", answer.Status)
	}
	redis.Kill()
	if answer := signUp(9, "2001:db8::1"); answer.StatusCode != http.StatusAccepted {
		t.Errorf("without Redis: %s", answer.Status)
	}
}

// No sign-ups' limit is a limit on passphrases all the same.
func TestPassphrasesStayLimited(t *testing.T) {
	t.Parallel()
	for value, lifted := range map[string]bool{"0": true, "": false, "5": false} {
		s := &service{config: config{SignUpLimit: value, SecretKey: []string{"a secret of some length"}}}
		all, tries, _, err := s.limits()
		if err != nil || tries == nil || (all == nil) != lifted {
			t.Errorf("%q: %v, %v, %v", value, all, tries, err)
		}
	}
}
