package metric

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"longroad/internal/store"
)

var noon = time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)

func read(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("status %d\n%s", w.Code, w.Body)
	}
	return w.Body.String()
}

func expect(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		without, not := strings.CutPrefix(line, "!")
		if strings.Contains(text, "\n"+without) == not {
			t.Errorf("%q: found %v\n%s", without, not, text)
		}
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	asked := 0
	m := New(Build{"v1", "abc", "go1.26"}, Source{
		Standing: func(_ context.Context, now time.Time) (store.Standing, error) {
			asked++
			return store.Standing{
				Deliveries: map[store.DeliveryState]int{store.Owed: 3, store.Unknown: 1, store.GivenUp: 2},
				Overdue:    4, OldestDue: now.Add(-90 * time.Second), Backlog: 5, Due: 6, IntakesOpen: 7, RepliesOpen: 8, Unread: 9, Workers: 2,
				Alerts:     []store.Unseen{{Level: "alarm", N: 2, Oldest: now.Add(-time.Hour)}},
				Quarantine: map[string]int{"not matched": 9}, Bounces: []store.BounceCount{{Source: "report", Type: "soft", Reason: "blocked", N: 4}},
			}, nil
		},
		Redis: func(context.Context) error { return nil },
		Now:   func() time.Time { return noon },
	})
	open := true
	m.Watch(func() bool { return open })
	m.Request("POST", "POST /u/{token}", 200, 30*time.Millisecond)
	m.Request("GET", "", 404, time.Millisecond)
	m.Attempt("lessons", "sent", 250, true, 45*time.Second)
	m.Attempt("account", "retry", 451, false, 0)
	m.Attempt("account", "unknown", 0, false, 0)
	m.Attempt("lessons", "sent", 250, true, -time.Second) // two clocks
	m.Arrival("lmtp", "received")
	m.Arrival("lmtp", "received")
	m.Reading("lmtp", "reply", "")
	m.Reading("lmtp", "bounce", "an open report")
	text := read(t, m)
	expect(t, text,
		`longroad_arrivals_total{result="received",way="lmtp"} 2`,
		`longroad_readings_total{kept="false",kind="reply",way="lmtp"} 1`, `longroad_readings_total{kept="true",kind="bounce",way="lmtp"} 1`,
		`longroad_quarantine{why="not matched"} 9`, `longroad_bounces{reason="blocked",source="report",type="soft"} 4`,
		`longroad_build_info{go="go1.26",revision="abc",version="v1"} 1`,
		`longroad_database_up 1`, `longroad_redis_up 1`, `longroad_circuit_open 1`,
		`longroad_overdue{what="delivery"} 4`, `longroad_overdue_oldest_seconds{what="delivery"} 90`,
		`longroad_overdue{what="subscription"} 6`, `longroad_overdue_oldest_seconds{what="subscription"} 0`,
		`longroad_deliveries{state="owed"} 3`, `longroad_deliveries{state="given-up"} 2`, `longroad_backlog 5`,
		`longroad_workers 2`, `longroad_alerts_unseen{level="alarm"} 2`, `longroad_alerts_unseen{level="gentle"} 0`,
		`longroad_alerts_oldest_seconds{level="alarm"} 3600`, `longroad_alerts_oldest_seconds{level="gentle"} 0`, `longroad_intakes_open 7`, `longroad_replies{for="worker"} 8`, `longroad_replies{for="person"} 9`,
		`longroad_http_requests_total{method="POST",route="POST /u/{token}",status="200"} 1`,
		`longroad_http_requests_total{method="GET",route="none",status="404"} 1`,
		`longroad_http_request_seconds_bucket{route="POST /u/{token}",le="0.1"} 1`,
		`longroad_attempts_total{lane="lessons",result="sent",smtp="2xx"} 2`,
		`longroad_attempts_total{lane="account",result="retry",smtp="4xx"} 1`,
		`longroad_attempts_total{lane="account",result="unknown",smtp="none"} 1`,
		`longroad_late_seconds_bucket{lane="lessons",le="30"} 1`, `longroad_late_seconds_bucket{lane="lessons",le="60"} 2`,
		`go_goroutines`,
	)
	open = false
	expect(t, read(t, m), `longroad_circuit_open 0`)
	if asked != 1 {
		t.Errorf("the database was asked %d times within a moment", asked)
	}
}

// With the database and Redis away the page still answers, and says just that.
func TestMetricsInAnOutage(t *testing.T) {
	t.Parallel()
	m := New(Build{}, Source{
		Standing: func(ctx context.Context, _ time.Time) (store.Standing, error) {
			<-ctx.Done()
			return store.Standing{}, ctx.Err()
		},
		Redis: func(context.Context) error { return errors.New("away") },
		Now:   func() time.Time { return noon },
	})
	began := time.Now()
	expect(t, read(t, m), `longroad_database_up 0`, `longroad_redis_up 0`, `!longroad_overdue`, `!longroad_workers`, `!longroad_circuit_open`)
	if took := time.Since(began); took > 2*patience {
		t.Errorf("it took %v", took)
	}
}
