package clock

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var noon = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

// open returns a clock over a machine whose time stands still, so that every
// movement is ours.
func open(t *testing.T, file string) *Clock {
	t.Helper()
	c, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	c.real = func() time.Time { return noon }
	return c
}

// service is a fake: moments at which something is due, each with its mails.
type service struct {
	clock  *Clock
	mu     sync.Mutex
	due    []moment
	seen   []time.Duration // the clock, from noon, whenever something was settled
	mails  atomic.Int64
	broken error
	stuck  bool
	inside atomic.Int32
	most   int32
}

type moment struct {
	after time.Duration
	mails int
	then  []moment // what it makes due
}

func (s *service) NextDue(context.Context) (time.Time, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.due) == 0 {
		return time.Time{}, false, nil
	}
	first := slices.MinFunc(s.due, func(a, b moment) int { return int(a.after - b.after) })
	return noon.Add(first.after), true, nil
}

func (s *service) Settle(context.Context) error {
	s.most = max(s.most, s.inside.Add(1))
	defer s.inside.Add(-1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil || s.stuck {
		return s.broken
	}
	now := s.clock.Now()
	var left []moment
	for _, m := range s.due {
		if noon.Add(m.after).After(now) {
			left = append(left, m)
			continue
		}
		s.seen = append(s.seen, now.Sub(noon))
		s.mails.Add(int64(m.mails))
		left = append(left, m.then...)
	}
	s.due = left
	return nil
}

const day = 24 * time.Hour

func newService(t *testing.T, due ...moment) (*service, *Advancer) {
	c := open(t, filepath.Join(t.TempDir(), "clock"))
	s := &service{clock: c, due: due}
	return s, NewAdvancer(c, s, func() int { return int(s.mails.Load()) })
}

func TestAdvance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		due   []moment
		by    time.Duration // 0: to the next letter
		seen  []time.Duration
		now   time.Duration
		mails int
		none  bool
	}{
		{name: "a day with nothing due", by: day, now: day, none: true},
		{name: "a day stops at each moment", by: day, due: []moment{{5 * time.Hour, 1, nil}, {3 * time.Hour, 1, nil}, {30 * time.Hour, 1, nil}},
			seen: []time.Duration{3 * time.Hour, 5 * time.Hour}, now: day, mails: 2},
		{name: "what a moment makes due is met too", by: 7 * day, due: []moment{{day, 1, []moment{{3 * day, 1, []moment{{6 * day, 1, nil}}}}}},
			seen: []time.Duration{day, 3 * day, 6 * day}, now: 7 * day, mails: 3, none: true},
		{name: "due exactly at the target", by: day, due: []moment{{day, 1, nil}}, seen: []time.Duration{day}, now: day, mails: 1, none: true},
		{name: "overdue comes first, before moving", by: day, due: []moment{{-time.Hour, 1, nil}}, seen: []time.Duration{0}, now: day, mails: 1, none: true},
		{name: "the next letter", due: []moment{{3 * day, 1, []moment{{6 * day, 1, nil}}}}, seen: []time.Duration{3 * day}, now: 3 * day, mails: 1},
		{name: "the next letter past moments without one", due: []moment{{day, 0, nil}, {2 * day, 0, nil}, {3 * day, 2, nil}},
			seen: []time.Duration{day, 2 * day, 3 * day}, now: 3 * day, mails: 2, none: true},
		{name: "no next letter", now: 0, none: true},
		{name: "the next letter is here already", due: []moment{{0, 1, nil}, {day, 1, nil}}, seen: []time.Duration{0}, now: 0, mails: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, a := newService(t, c.due...)
			move := a.Next
			if c.by > 0 {
				move = func(ctx context.Context) (Progress, error) { return a.Advance(ctx, c.by) }
			}
			got, err := move(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want := Progress{Now: noon.Add(c.now), Mails: c.mails, NothingMore: c.none}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if !slices.Equal(s.seen, c.seen) {
				t.Errorf("settled at %v, want %v", s.seen, c.seen)
			}
		})
	}
}

func TestAdvanceThatFails(t *testing.T) {
	t.Parallel()
	t.Run("settling fails", func(t *testing.T) {
		s, a := newService(t, moment{time.Hour, 1, nil})
		s.broken = errors.New("no database")
		if _, err := a.Advance(t.Context(), day); !errors.Is(err, s.broken) {
			t.Fatal(err)
		}
		if now := s.clock.Now(); !now.Equal(noon) {
			t.Errorf("the clock went to %s all the same", now)
		}
	})
	t.Run("something stays due", func(t *testing.T) {
		s, a := newService(t, moment{time.Hour, 1, nil})
		s.stuck = true
		if _, err := a.Advance(t.Context(), day); err == nil || !strings.Contains(err.Error(), "stays due") {
			t.Fatal(err)
		}
		if now := s.clock.Now(); !now.Equal(noon.Add(time.Hour)) {
			t.Errorf("the clock passed what was due: %s", now)
		}
	})
}

func TestOneAtATime(t *testing.T) {
	t.Parallel()
	s, a := newService(t, moment{time.Hour, 1, nil}, moment{30 * time.Hour, 1, nil})
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if _, err := a.Advance(t.Context(), day); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if s.most != 1 || !s.clock.Now().Equal(noon.Add(4*day)) {
		t.Errorf("%d at once; the clock shows %s", s.most, s.clock.Now())
	}
}

func TestClockIsKept(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "clock")
	c := open(t, file)
	if err := c.forward(noon.Add(36*time.Hour + time.Nanosecond)); err != nil {
		t.Fatal(err)
	}
	if err := c.forward(noon); err != nil {
		t.Fatal(err)
	}
	if again := open(t, file); !again.Now().Equal(c.Now()) || !again.Now().Equal(noon.Add(36*time.Hour+1)) {
		t.Fatalf("after a restart %s, before %s", again.Now(), c.Now())
	}
	c.real = func() time.Time { return noon.Add(-time.Hour) }
	if got := c.Now(); got.Before(noon.Add(36 * time.Hour)) {
		t.Errorf("it went back with the machine's clock, to %s", got)
	}
	for _, bad := range []string{"", "soon", "-24h"} {
		if err := os.WriteFile(file, []byte(bad), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(file); err == nil || !strings.Contains(err.Error(), "remove it") {
			t.Errorf("an offset %q: %v", bad, err)
		}
	}
}

func TestHandler(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		method   string
		form     url.Values
		header   map[string]string
		status   int
		location string
		moved    time.Duration
	}{
		{"a day", "POST", url.Values{"advance": {"24h"}}, nil, 303, "/mailbox/", day},
		{"a week, one reader shown", "POST", url.Values{"advance": {"168h"}, "to": {"a+b@example.org"}}, nil, 303, "/mailbox/?to=a%2Bb%40example.org", 7 * day},
		{"next", "POST", url.Values{"advance": {"next"}}, nil, 303, "/mailbox/", time.Hour},
		{"unknown", "POST", url.Values{"advance": {"1h"}}, nil, 400, "", 0},
		{"none", "POST", nil, nil, 400, "", 0},
		{"GET changes nothing", "GET", url.Values{"advance": {"24h"}}, nil, 405, "", 0},
		{"from another site", "POST", url.Values{"advance": {"24h"}}, map[string]string{"Sec-Fetch-Site": "cross-site"}, 403, "", 0},
		{"from another origin", "POST", url.Values{"advance": {"24h"}}, map[string]string{"Origin": "https://evil.example"}, 403, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, a := newService(t, moment{time.Hour, 1, nil})
			r := httptest.NewRequest(c.method, "/dev/clock", strings.NewReader(c.form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for k, v := range c.header {
				r.Header.Set(k, v)
			}
			w := httptest.NewRecorder()
			a.Handler(slog.New(slog.DiscardHandler)).ServeHTTP(w, r)
			if w.Code != c.status || w.Header().Get("Location") != c.location || s.clock.Now().Sub(noon) != c.moved {
				t.Fatalf("%d %q, moved %s; want %d %q, %s: %s", w.Code, w.Header().Get("Location"), s.clock.Now().Sub(noon), c.status, c.location, c.moved, w.Body)
			}
		})
	}
}

func TestHandlerInJSON(t *testing.T) {
	t.Parallel()
	_, a := newService(t, moment{time.Hour, 2, nil})
	post := func() map[string]any {
		r := httptest.NewRequest(http.MethodPost, "/dev/clock", strings.NewReader("advance=next"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Accept", "application/json")
		w := httptest.NewRecorder()
		a.Handler(slog.New(slog.DiscardHandler)).ServeHTTP(w, r)
		var got map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%d %v: %s", w.Code, err, w.Body)
		}
		return got
	}
	if got := post(); got["now"] != "2027-03-01T13:00:00Z" || got["mails"] != 2.0 {
		t.Errorf("got %v", got)
	}
	if got := post(); got["now"] != "2027-03-01T13:00:00Z" || got["mails"] != 0.0 || got["nothing_more"] != true {
		t.Errorf("with nothing more due: %v", got)
	}
}
