package main

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"longroad/internal/devstack/stacktest"
)

// Serve and worker tell what they do, and of nobody.
func TestMetrics(t *testing.T) {
	t.Parallel()
	s := newProcesses(t, stacktest.Postgres(t, migrated), stacktest.Redis(t))
	s.env = append(s.env, "LONGROAD_METRICS_ADDR=127.0.0.1:0")
	s.serve()
	worker := s.start("worker")
	numbers := "http://" + worker.await(`msg="telling metrics" address=(\S+)`)[1]
	worker.await(`msg="worker started"`)
	s.signUp("ann@example.org")
	s.confirm("ann@example.org")
	s.letters(1, "ann@example.org")
	s.settled("last@example.org")
	for from, lines := range map[string][]string{
		s.pages: {`longroad_http_requests_total{method="POST",route="POST /confirm/{token}",status="200"} 2`, "longroad_workers 1", "longroad_database_up 1"},
		numbers: {`longroad_attempts_total{lane="account",result="sent",smtp="2xx"} 2`, `longroad_attempts_total{lane="lessons",result="sent",smtp="2xx"} 2`,
			`longroad_late_seconds_bucket{lane="lessons",le="60"} 2`, "longroad_circuit_open 0", "longroad_redis_up 1", `longroad_overdue{what="delivery"} 0`},
	} {
		answer, err := http.Get(from + "/metrics")
		must(t, err)
		b, err := io.ReadAll(answer.Body)
		must(t, err)
		answer.Body.Close()
		for _, line := range lines {
			if !strings.Contains(string(b), "\n"+line+"\n") {
				t.Errorf("%s lacks %q:\n%s", from, line, b)
			}
		}
		if found := regexp.MustCompile(`@|offender|partner|long-road|[a-z2-7]{40}`).FindString(string(b)); found != "" {
			t.Errorf("%s tells %q", from, found)
		}
	}
}
