package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"longroad/internal/journey"
	"longroad/internal/pacing"
	"longroad/internal/token"
)

func (h *house) asOperator(name, word string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/operator/", nil)
	r.SetBasicAuth(name, word)
	return h.do(r)
}

func TestOperatorNeedsThePassword(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	w := h.get("/operator/")
	expect(t, w, 401, "!How things stand")
	if w.Header().Get("WWW-Authenticate") == "" {
		t.Error("no challenge")
	}
	expect(t, h.asOperator("operator", "wrong"), 401, "!How things stand")
	expect(t, h.asOperator("operator", ""), 401)
	expect(t, h.asOperator("root", password), 401)
	expect(t, h.asOperator("operator", password), 200, "How things stand")
	if len(h.calls) != 1 {
		t.Errorf("calls without the password: %v", h.calls)
	}
}

func TestOperatorIsShutWithoutAHash(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) { o.OperatorPasswordHash = "" })
	expect(t, h.asOperator("operator", ""), 404, "LONGROAD_OPERATOR_PASSWORD_HASH")
	expect(t, h.asOperator("operator", password), 404)
}

func TestOperatorSlowsDownGuessing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for range freeTries + 1 {
		expect(t, h.asOperator("operator", "wrong"), 401)
	}
	w := h.asOperator("operator", password)
	expect(t, w, 429, "A short break, please")
	if w.Header().Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestOverview(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ref, delivery := token.NewRef(), token.NewRef()
	h.view = journey.Overview{
		Courses:    []journey.CourseCounts{{Course: "long-road", Statuses: map[pacing.Status]int{pacing.Awaiting: 41}}},
		Deliveries: map[string]int{"sent": 1042}, Overdue: 3, OldestDue: h.now, Unknown: 2, IntakesOpen: 5, Workers: 1,
		GivenUp: []journey.GivenUp{{Delivery: delivery, Kind: "lesson", Lesson: "name-the-break", Attempts: 7, Code: 550, Enhanced: "5.7.1", EndedAt: h.now}},
		Unread:  []journey.Unread{{Reply: ref, ReceivedAt: h.now, Delivery: &delivery}, {Reply: ref, ReceivedAt: h.now}},
	}
	expect(t, h.asOperator("operator", password), 200, "<dd>41</dd>", "<dd>1042</dd>", "oldest since 2026-11-21 12:00 UTC",
		delivery.String(), "550 5.7.1", ref.String(), "not known", "!@")
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	th := newThrottle()
	th.now = func() time.Time { return now }
	for range freeTries {
		th.failed("a")
	}
	if th.wait("a") != 0 {
		t.Error("waits too early")
	}
	var last time.Duration
	for range 12 {
		th.failed("a")
		if th.wait("a") < last {
			t.Error("the wait shrinks")
		}
		last = th.wait("a")
	}
	if last != longestWait || th.wait("b") != 0 {
		t.Errorf("waits %s, another %s", last, th.wait("b"))
	}
	for i := range 3 * maxSources {
		now = now.Add(time.Millisecond)
		th.failed(fmt.Sprint(i))
	}
	if len(th.sources) > maxSources {
		t.Errorf("%d sources", len(th.sources))
	}
	th.failed("c")
	th.passed("c")
	if _, ok := th.sources["c"]; ok {
		t.Error("not forgotten")
	}
}

func TestSource(t *testing.T) {
	t.Parallel()
	o := origin{[]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	for _, c := range []struct{ remote, forwarded, want string }{
		{"192.0.2.7:1234", "", "192.0.2.7"},
		{"192.0.2.7:1234", "198.51.100.1", "192.0.2.7"}, // not from a proxy of ours: not believed
		{"10.0.0.1:1234", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:1234", "203.0.113.9, 198.51.100.1, 10.0.0.2", "198.51.100.1"},
		{"10.0.0.1:1234", "nonsense", "10.0.0.1"},
		{"10.0.0.1:1234", "", "10.0.0.1"},
		{"[2001:db8:1:2:3::4]:99", "", "2001:db8:1:2::/64"},
		{"[::ffff:192.0.2.7]:99", "", "192.0.2.7"},
		{"@", "", "unknown"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := o.source(r); got != c.want {
			t.Errorf("%s for %q: %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}
