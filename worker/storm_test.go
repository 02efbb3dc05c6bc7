package worker

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// stormSeed draws the storm's weather; make chaos sets it.
var stormSeed = flag.Uint64("storm.seed", 7, "what the storm's weather is drawn from")

// weather is a mail server of moods: it takes, puts off, hangs up, dawdles.
type weather struct {
	mu     sync.Mutex
	rng    *rand.Rand
	fair   bool
	copies map[string]int // taken over, by Message-ID
}

func (w *weather) roll(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rng.IntN(n)
}

func (w *weather) take(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.copies[id]++
}

func (w *weather) got(id string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.copies[id]
}

func (w *weather) Send(_ context.Context, e mailer.Envelope) mailer.Outcome {
	mood := w.roll(100)
	w.mu.Lock()
	if w.fair {
		mood = 0
	}
	w.mu.Unlock()
	if mood >= 95 {
		return mailer.Outcome{Result: mailer.ResultAbandoned, Detail: "no connection in time"}
	}
	if err := e.Before(); err != nil {
		return mailer.Outcome{Result: mailer.ResultAbandoned, Detail: err.Error()}
	}
	switch {
	case mood >= 75:
		return putOff
	case mood >= 65: // it dawdles
		<-time.After(time.Duration(mood-64) * 5 * time.Millisecond)
	case mood >= 50:
		if mood%2 == 0 {
			w.take(e.MessageID)
		}
		if mood >= 60 {
			panic("a slip")
		}
		return unknown
	}
	w.take(e.MessageID)
	return taken
}

// storm is readers, workers and a mail server, all at odds.
type storm struct {
	*stack
	sky   *weather
	subs  []store.Subscription
	crew  []*Worker
	stops []func()
}

// Whatever servers, workers, Redis and readers do: every letter goes once an
// occasion (but for an unknown outcome), in order, in its window, never before
// its floor, and in the end everybody arrives.
func TestStorm(t *testing.T) {
	t.Parallel()
	seed := *stormSeed
	t.Logf("seed %d", seed)
	sky := &weather{rng: rand.New(rand.NewPCG(seed, 1)), copies: map[string]int{}}
	s := &storm{stack: newStack(t, trial(), noon), sky: sky}
	s.subs = s.readers(t, 18)
	s.exec(t, `UPDATE subscriptions SET time_zone = (ARRAY['Europe/London', 'America/New_York', 'Asia/Kathmandu'])[1 + id % 3]`)
	for range 3 {
		s.hire()
	}
	for range 160 {
		s.happens()
	}
	s.calm()
	for _, sub := range s.subs {
		s.check(sub)
	}
	s.summary()
	for _, stop := range s.stops {
		stop()
	}
	for _, w := range s.crew {
		if n := len(w.air.slots); n != 0 {
			t.Errorf("%s has %d places in the air too few", w.ID, n)
		}
	}
}

func (s *storm) hire() {
	w := s.newWorker(fmt.Sprintf("w%d", len(s.crew)), s.sky)
	s.crew, s.stops = append(s.crew, w), append(s.stops, s.start(w))
}

// happens lets one thing happen.
func (s *storm) happens() {
	ctx := s.t.Context()
	switch n := s.sky.roll(100); {
	case n < 40:
		s.speak(s.subs[s.sky.roll(len(s.subs))], []pacing.EventKind{pacing.Ready, pacing.Ready, pacing.Ready, pacing.Ready, pacing.Ready,
			pacing.NotYet, pacing.Slower, pacing.Faster, pacing.Pause, pacing.Resume, pacing.Repeat, pacing.Back, pacing.Stop}[s.sky.roll(13)])
	case n < 55:
		by := []time.Duration{time.Second, time.Minute, time.Hour, 5 * time.Hour, 24 * time.Hour, 72 * time.Hour}[s.sky.roll(6)]
		s.clock.set(s.clock.Now().Add(by))
	case n < 61:
		s.dropLeases(s.t)
	case n < 64:
		must(s.t, s.redis.FlushDB(ctx).Err())
	case n < 67:
		s.hire()
		s.stops[len(s.stops)-2]()
	case n < 70:
		must(s.t, s.worker.TickOnce(ctx))
	case n < 72: // a clock is set right
		s.clock.set(s.clock.Now().Add(-time.Duration(1+s.sky.roll(90)) * time.Minute))
	default: // on to what is due next; more may happen while some of it is in the air
		at, err := s.store.NextMoment(ctx)
		must(s.t, err)
		if at.After(s.clock.Now()) {
			s.clock.set(at)
		}
		if n >= 85 {
			s.weatherOut()
		}
	}
}

// weatherOut waits until all that is due has an outcome. Where nudges were lost
// that takes time, on the clock that nudges run by.
func (s *storm) weatherOut() {
	waited := 0
	poll(s.t, "everything due has an outcome", func() bool {
		n, err := s.store.Unsettled(s.t.Context(), s.clock.Now())
		must(s.t, err)
		if waited++; waited%40 == 0 {
			s.clock.set(s.clock.Now().Add(store.NudgeAfter))
		}
		return n == 0
	})
}

// speak answers the newest letter that the reader has in hand.
func (s *storm) speak(sub store.Subscription, kind pacing.EventKind) {
	all, err := s.store.DeliveriesOf(s.t.Context(), sub.ID)
	must(s.t, err)
	for _, d := range slices.Backward(all) {
		if d.Mail.Kind != pacing.KindLesson || s.sky.got(d.MessageID) == 0 {
			continue
		}
		a := journey.Answer{Event: pacing.Event{Kind: kind}}
		if kind == pacing.Pause {
			a = pauseFor(1 + s.sky.roll(9))
		}
		_, _, err := s.road.Answer(s.t.Context(), d.Ref, a)
		must(s.t, err)
		return
	}
}

// calm brings everybody to the end of the way.
func (s *storm) calm() {
	s.sky.mu.Lock()
	s.sky.fair = true
	s.sky.mu.Unlock()
	for range 60 {
		s.weatherOut()
		// What was given up in the storm, an operator sends again.
		s.exec(s.t, `UPDATE deliveries SET state = 'retry', failures = 0, ended_at = NULL, next_attempt_at = $1 WHERE state = 'given-up'`, s.clock.Now())
		going := false
		for _, sub := range s.subs {
			state := s.subscription(sub.Email).State
			if state.Status.Ended() {
				continue
			}
			going = true
			if state.Status == pacing.Paused || state.Status == pacing.Resting {
				s.speak(sub, pacing.Resume)
			}
			s.speak(sub, pacing.Ready)
		}
		if !going {
			break
		}
		at, err := s.store.NextMoment(s.t.Context())
		must(s.t, err)
		if at.After(s.clock.Now()) {
			s.clock.set(at)
		}
	}
	s.weatherOut()
}
