package mailer

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// stopped is a clock that a test moves by hand.
type stopped struct{ at time.Time }

func (s *stopped) now() time.Time { return s.at }

func testCircuit(r float64) (*Circuit, *stopped) {
	clock := &stopped{time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)}
	return NewCircuit(clock.now, func() float64 { return r }), clock
}

var (
	refusedByServer = Outcome{Result: ResultRetry, Blame: BlameServer}
	refusedMail     = Outcome{Result: ResultRetry, Code: 450, Blame: BlameMail}
	sentMail        = Outcome{Result: ResultSent, Code: 250}
	notTried        = Outcome{Result: ResultAbandoned}
)

// TestCircuit plays stories: what is told, and what is answered then.
func TestCircuit(t *testing.T) {
	t.Parallel()
	fail := func(n int) []Outcome {
		all := make([]Outcome, n)
		for i := range all {
			all[i] = refusedByServer
		}
		return all
	}
	type then struct {
		wait time.Duration // first let so much time pass
		ask  Pass          // this is the answer
		tell []Outcome     // and these outcomes came
		end  Change        // the last of which did this
	}
	unknown := Outcome{Result: ResultUnknown, Blame: BlameServer}
	stories := map[string][]then{
		"nine failures":            {{0, PassAll, fail(9), Unchanged}, {0, PassAll, nil, 0}},
		"ten failures":             {{0, PassAll, fail(10), Opened}, {0, PassNone, nil, 0}},
		"unknown outcomes, too":    {{0, PassAll, append(fail(9), unknown), Opened}, {0, PassNone, nil, 0}},
		"a mail taken between":     {{0, PassAll, append(append(fail(9), sentMail), fail(9)...), Unchanged}, {0, PassAll, nil, 0}},
		"a recipient between":      {{0, PassAll, append(append(fail(9), refusedMail), fail(9)...), Unchanged}, {0, PassAll, nil, 0}},
		"nothing learnt between":   {{0, PassAll, append(append(fail(9), notTried), fail(1)...), Opened}, {0, PassNone, nil, 0}},
		"recipients refused":       {{0, PassAll, []Outcome{refusedMail, refusedMail, refusedMail, refusedMail, refusedMail, refusedMail, refusedMail, refusedMail, refusedMail, refusedMail, refusedMail}, Unchanged}, {0, PassAll, nil, 0}},
		"one probe at a time":      {{0, PassAll, fail(10), Opened}, {5 * time.Second, PassProbe, nil, 0}, {time.Minute, PassNone, nil, 0}},
		"a probe that works":       {{0, PassAll, fail(10), Opened}, {5 * time.Second, PassProbe, []Outcome{sentMail}, Closed}, {0, PassAll, fail(9), Unchanged}, {0, PassAll, nil, 0}},
		"a probe that tells":       {{0, PassAll, fail(10), Opened}, {5 * time.Second, PassProbe, []Outcome{refusedMail}, Closed}, {0, PassAll, nil, 0}},
		"a probe that fails":       {{0, PassAll, fail(10), Opened}, {5 * time.Second, PassProbe, fail(1), Unchanged}, {9 * time.Second, PassNone, nil, 0}, {time.Second, PassProbe, nil, 0}},
		"a probe with nothing":     {{0, PassAll, fail(10), Opened}, {5 * time.Second, PassProbe, []Outcome{{}}, Unchanged}, {0, PassProbe, nil, 0}},
		"a probe that is lost":     {{0, PassAll, fail(10), Opened}, {5 * time.Second, PassProbe, nil, 0}, {probeFor, PassProbe, nil, 0}},
		"under way when it opened": {{0, PassAll, fail(30), Unchanged}, {4 * time.Second, PassNone, nil, 0}, {time.Second, PassProbe, nil, 0}},
		"a late success":           {{0, PassAll, append(fail(12), sentMail), Closed}, {0, PassAll, nil, 0}},
		"begins anew": {
			{0, PassAll, fail(10), Opened}, {5 * time.Second, PassProbe, fail(1), Unchanged}, {10 * time.Second, PassProbe, []Outcome{sentMail}, Closed},
			{0, PassAll, fail(10), Opened}, {5 * time.Second, PassProbe, nil, 0},
		},
	}
	for name, story := range stories {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, clock := testCircuit(0)
			for i, step := range story {
				clock.at = clock.at.Add(step.wait)
				if due := c.ProbeDue(); due != (step.ask == PassProbe) {
					t.Errorf("step %d: a probe is due: %v", i, due)
				}
				pass := c.Ask()
				if pass != step.ask {
					t.Fatalf("step %d: the pass is %d, not %d", i, pass, step.ask)
				}
				if c.Open() == (pass == PassAll) {
					t.Errorf("step %d: open is %v with the pass %d", i, c.Open(), pass)
				}
				var change Change
				for _, o := range step.tell {
					change = c.Tell(pass, o)
				}
				if change != step.end {
					t.Errorf("step %d: the change is %d, not %d", i, change, step.end)
				}
			}
		})
	}
}

// TestCircuitWaits grows from seconds to minutes, with jitter.
func TestCircuitWaits(t *testing.T) {
	t.Parallel()
	for _, r := range []float64{0, 0.5, 0.999} {
		c, clock := testCircuit(r)
		for range openAfter {
			c.Tell(PassAll, refusedByServer)
		}
		for i, full := range []time.Duration{5, 10, 20, 40, 80, 160, 300, 300, 300} {
			want := full * time.Second
			want -= time.Duration(r * 0.2 * float64(want))
			start := clock.at
			for clock.at = start; !c.ProbeDue(); clock.at = clock.at.Add(time.Millisecond) {
			}
			if got := clock.at.Sub(start); got < want || got > want+time.Millisecond {
				t.Errorf("wait %d with jitter %v is %v, not %v", i, r, got, want)
			}
			c.Tell(c.Ask(), refusedByServer)
		}
	}
}

// TestCircuitAlwaysReturns holds for every course of events: while it is open at
// most one may send, and however long a server was away, the first mail that it
// takes opens the way for all.
func TestCircuitAlwaysReturns(t *testing.T) {
	t.Parallel()
	outcomes := []Outcome{refusedByServer, refusedMail, sentMail, notTried, {}, {Result: ResultUnknown, Blame: BlameServer}}
	rapid.Check(t, func(t *rapid.T) {
		c, clock := testCircuit(rapid.Float64Range(0, 0.999).Draw(t, "jitter"))
		for range rapid.IntRange(0, 200).Draw(t, "events") {
			clock.at = clock.at.Add(time.Duration(rapid.IntRange(0, 400).Draw(t, "seconds")) * time.Second)
			pass := c.Ask()
			if pass == PassProbe && c.Ask() != PassNone {
				t.Fatal("two probes at once")
			}
			if pass != PassNone {
				c.Tell(pass, rapid.SampledFrom(outcomes).Draw(t, "outcome"))
			}
		}
		clock.at = clock.at.Add(longWait)
		if pass := c.Ask(); pass == PassNone {
			t.Fatal("nobody may try")
		} else if c.Tell(pass, sentMail); c.Open() || c.Ask() != PassAll {
			t.Fatal("a mail was taken, and it stays open")
		}
	})
}

// TestCircuitIsShared lets exactly one of many probe.
func TestCircuitIsShared(t *testing.T) {
	t.Parallel()
	c, clock := testCircuit(0)
	var all sync.WaitGroup
	for range 4 * openAfter {
		all.Go(func() { c.Tell(c.Ask(), refusedByServer) })
	}
	all.Wait()
	clock.at = clock.at.Add(shortWait)
	var probes atomic.Int32
	for range 50 {
		all.Go(func() {
			if c.Ask() == PassProbe {
				probes.Add(1)
			}
		})
	}
	all.Wait()
	if probes.Load() != 1 {
		t.Errorf("%d probes", probes.Load())
	}
}
