package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// fault is one entry of a plan.
type fault struct {
	at   time.Duration // since the storm began
	kind faultKind
	whom int // for kills: which place in the fleet
}

type faultKind string

const (
	killWorker    faultKind = "kill worker"
	killServe     faultKind = "kill serve"
	flushRedis    faultKind = "flush Redis"
	stopRedis     faultKind = "stop Redis"
	startRedis    faultKind = "start Redis"
	killPostgres  faultKind = "kill PostgreSQL"
	startPostgres faultKind = "start PostgreSQL"
	refuseAll     faultKind = "refuse every mail"
	refuseSome    faultKind = "refuse some mails"
	tickTwice     faultKind = "tick twice at once"
)

// plan is what goes wrong when, in order.
type plan []fault

// drawPlan draws the faults of a storm. The same source gives the same plan.
func drawPlan(rng *rand.Rand, scale chaosScale) plan {
	var p plan
	span := scale.storm - 4*time.Second // the last ones are felt while it still storms
	somewhen := func(d time.Duration) time.Duration { return time.Duration(rng.Int64N(int64(d))) }
	each := span / time.Duration(scale.kills)
	for i := range scale.kills {
		f := fault{at: time.Duration(i)*each + somewhen(each), kind: killWorker, whom: rng.IntN(1 << 20)}
		if rng.IntN(4) == 0 {
			f.kind = killServe
		}
		p = append(p, f)
	}
	// One of the others in each stretch, and over before the next; each at least once.
	stretch := min(9*time.Second, span/4)
	others := []func(from time.Duration) plan{
		func(from time.Duration) plan { return plan{{at: from + somewhen(stretch), kind: flushRedis}} },
		func(from time.Duration) plan {
			down := from + somewhen(stretch/2)
			return plan{{at: down, kind: stopRedis}, {at: down + somewhen(stretch/2), kind: startRedis}}
		},
		func(from time.Duration) plan {
			down := from + somewhen(stretch/2)
			return plan{{at: down, kind: killPostgres}, {at: down + somewhen(stretch/2), kind: startPostgres}}
		},
		func(from time.Duration) plan {
			begin := from + somewhen(stretch/2)
			return plan{{at: begin, kind: refuseAll}, {at: begin + somewhen(stretch/2), kind: refuseSome}}
		},
	}
	turn := rng.Perm(len(others))
	for from := time.Duration(0); from+stretch <= span; from += stretch {
		p = append(p, others[turn[0]](from)...)
		if turn = turn[1:]; len(turn) == 0 {
			turn = rng.Perm(len(others))
		}
	}
	for at := somewhen(4 * time.Second); at < span; at += somewhen(4 * time.Second) {
		p = append(p, fault{at: at, kind: tickTwice})
	}
	slices.SortStableFunc(p, func(a, b fault) int { return cmp.Compare(a.at, b.at) })
	return p
}

// count tells how often something goes wrong.
func (p plan) count(kinds ...faultKind) int {
	n := 0
	for _, f := range p {
		if slices.Contains(kinds, f.kind) {
			n++
		}
	}
	return n
}

// String tells a plan in a line.
func (p plan) String() string {
	var parts []string
	for _, k := range []faultKind{killWorker, killServe, flushRedis, stopRedis, killPostgres, refuseAll, tickTwice} {
		parts = append(parts, fmt.Sprintf("%d × %s", p.count(k), k))
	}
	return strings.Join(parts, ", ")
}

// strike lets one thing go wrong, or be mended.
func (c *chaos) strike(f fault) {
	ctx := c.t.Context()
	switch f.kind {
	case killWorker:
		c.fleet.kill(c.fleet.workers[f.whom%len(c.fleet.workers)])
	case killServe:
		c.fleet.kill(c.fleet.serves[f.whom%len(c.fleet.serves)])
	case flushRedis:
		must(c.t, c.redis.Flush(ctx))
	case stopRedis:
		c.redis.Kill()
	case startRedis:
		must(c.t, c.redis.Restart(ctx))
	case killPostgres:
		c.postgres.Kill(ctx)
	case startPostgres:
		must(c.t, c.postgres.Restart(ctx))
	case refuseAll:
		c.sink.refuseAll(true)
	case refuseSome:
		c.sink.refuseAll(false)
	case tickTwice:
		c.tickTwice()
	}
}
