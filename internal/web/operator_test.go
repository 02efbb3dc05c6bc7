package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
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
	if len(h.calls) != 2 {
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
		GivenUp:  []journey.GivenUp{{Delivery: delivery, Kind: "lesson", Lesson: "name-the-break", Attempts: 7, Code: 550, Enhanced: "5.7.1", EndedAt: h.now}},
		Unread:   []journey.Unread{{Reply: ref, ReceivedAt: h.now, Delivery: &delivery}, {Reply: ref, ReceivedAt: h.now, Kind: "bounce", Why: "an open report"}},
		Returned: []journey.Returned{{Type: "soft", Reason: "blocked", AboutUs: true, N: 87}},
	}
	expect(t, h.asOperator("operator", password), 200, "<dd>41</dd>", "<dd>1042</dd>", "oldest since 2026-11-21 12:00 UTC",
		delivery.String(), "550 5.7.1", ref.String(), "not known", "an open report", "<td>87</td>", "<strong>us</strong>", "!@")
}

// pressed posts one of the operator's buttons.
func (h *house) pressed(body, word string, head ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/operator/alerts", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	if word != "" {
		r.SetBasicAuth(operatorName, word)
	}
	return h.do(r)
}

// The alerts stand on the page with their buttons, one for each halt.
func TestAlerts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	alarm, gentle, sub := token.NewRef(), token.NewRef(), token.NewRef()
	h.alerts = []journey.Alert{
		{Ref: alarm, At: h.now, Level: "alarm", Category: "fear", Subscription: &sub, Halted: true, Help: "sent"},
		{Ref: token.NewRef(), At: h.now, Level: "alarm", Category: "self-harm", Subscription: &sub, Halted: true},
		{Ref: gentle, At: h.now, Level: "gentle", Category: "self-harm", SeenAt: h.now},
	}
	see, release := h.tokens.Sign(token.See, alarm), h.tokens.Sign(token.Release, sub)
	page := h.asOperator("operator", password)
	expect(t, page, 200, alarm.String(), "<strong>alarm</strong>", "fear", sub.String(), "halted", ">sent<", ">none<",
		`name="see" value="`+see+`"`, `name="release" value="`+release+`"`, "not matched", "seen 2026-11-21 12:00", "!"+h.tokens.Sign(token.See, gentle))
	// On a phone only the first columns are seen: the level and the buttons.
	if alerts := page.Body.String(); strings.Index(alerts, see) > strings.Index(alerts, alarm.String()) {
		t.Error("the buttons of an alert stand behind its name")
	}
	expect(t, page, 200, "Seen<span class=\"hidden\"> the alert of 2026-11-21 12:00</span>")
	if n := strings.Count(page.Body.String(), `name="release"`); n != 1 {
		t.Errorf("%d buttons release one subscription", n)
	}
	for _, press := range []string{"see=" + see, "see=" + see, "release=" + release} {
		if w := h.pressed(press, password); w.Code != 303 || w.Header().Get("Location") != "/operator/" {
			t.Errorf("%s: status %d", press, w.Code)
		}
	}
	want := []string{"seen " + alarm.String(), "seen " + alarm.String(), "released " + sub.String() + " by operator"}
	if !slices.Equal(h.tended, want) {
		t.Errorf("%q, want %q", h.tended, want)
	}
}

// No button can be pressed without the password, from another site, or with a
// token that the page did not make for it.
func TestAlertButtonsAreGuarded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.readOnly = true
	ref := token.NewRef()
	see := "see=" + h.tokens.Sign(token.See, ref)
	for name, c := range map[string]struct {
		body, word string
		head       []string
		status     int
	}{
		"no password":         {see, "", nil, 401},
		"a wrong password":    {see, "wrong", nil, 401},
		"another site":        {see, password, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"another origin":      {see, password, []string{"Origin", "https://evil.example"}, 403},
		"the bare ref":        {"see=" + ref.String(), password, nil, 404},
		"a token to release":  {"see=" + h.tokens.Sign(token.Release, ref), password, nil, 404},
		"a token to stop":     {"release=" + h.tokens.Sign(token.Unsubscribe, ref), password, nil, 404},
		"nothing":             {"", password, nil, 404},
		"no form":             {see, password, []string{"Content-Type", "text/plain"}, 415},
		"a token of a stage":  {"release=" + h.tokens.Sign(token.See, ref), password, nil, 404},
		"a cut token":         {see[:30], password, nil, 404},
		"a page of this site": {"see=x", password, []string{"Sec-Fetch-Site", "same-origin"}, 404},
	} {
		if w := h.pressed(c.body, c.word, c.head...); w.Code != c.status {
			t.Errorf("%s: status %d, want %d", name, w.Code, c.status)
		}
	}
	shut := newHouse(t, func(o *Options) { o.OperatorPasswordHash = "" })
	shut.readOnly = true
	expect(t, shut.pressed(see, password), 404)
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
