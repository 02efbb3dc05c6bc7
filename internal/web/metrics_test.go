package web

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
	"time"
)

func TestMetricsAreForThisMachineAndTheOperator(t *testing.T) {
	t.Parallel()
	numbers := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("longroad_overdue 3\n")) })
	for _, c := range []struct {
		name, from, header, password string
		hashless                     bool
		status                       int
	}{
		{"this machine", "127.0.0.1:99", "", "", false, 200},
		{"this machine, by IPv6", "[::1]:99", "", "", false, 200},
		{"this machine, without a password set", "127.0.0.1:99", "", "", true, 200},
		{"another machine", "192.0.2.7:99", "", "", false, 401},
		{"another machine, without a password set", "192.0.2.7:99", "", "", true, 404},
		{"a private network", "10.0.0.1:99", "", "", false, 401},
		{"through a proxy on this machine", "127.0.0.1:99", "X-Forwarded-For", "", false, 401},
		{"through another proxy on this machine", "127.0.0.1:99", "Via", "", false, 401},
		{"the operator", "192.0.2.7:99", "", password, false, 200},
		{"who guesses", "192.0.2.7:99", "", "guess", false, 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, func(o *Options) {
				o.Metrics = numbers
				if c.hashless {
					o.OperatorPasswordHash = ""
				}
			})
			r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
			r.RemoteAddr = c.from
			if c.header != "" {
				r.Header.Set(c.header, "127.0.0.1")
			}
			if c.password != "" {
				r.SetBasicAuth(operatorName, c.password)
			}
			says := "longroad_overdue 3"
			if c.status != 200 {
				says = "!" + says
			}
			expect(t, h.do(r), c.status, says)
		})
	}
	expect(t, newHouse(t).get("/metrics"), 404)
}

func TestRequestsAreObserved(t *testing.T) {
	t.Parallel()
	var seen [][3]any
	h := newHouse(t, func(o *Options) {
		o.Observe = func(method, route string, status int, took time.Duration) {
			seen = append(seen, [3]any{method, route, status})
			if took <= 0 {
				t.Errorf("%s took %v", route, took)
			}
		}
	})
	h.get(h.stopPath())
	h.get("/nowhere/anna@example.org")
	h.do(httptest.NewRequest("ANNA", "/", nil))
	want := [][3]any{{"GET", "GET /u/{token}", 200}, {"GET", "/", 404}, {"other", "/{$}", 405}}
	if !reflect.DeepEqual(seen, want) {
		t.Errorf("%v, want %v", seen, want)
	}
}
