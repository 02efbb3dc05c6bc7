package mailer

import (
	"sync"
	"time"
)

// Circuit pauses sending while the server refuses everything, and finds out by
// itself when it no longer does:
//
//	closed --openAfter failures in a row--> open --its wait is over--> a probe
//	   ^                                     ^                            |
//	   |                                     '--------- failed -----------+
//	   '------------------------------------------------ taken -----------'
//
// Only what the server is blamed for counts as a failure. It is safe for
// concurrent use, lives in real time, and does nothing but keep count: who sends
// asks it first and tells it afterwards.
type Circuit struct {
	now    func() time.Time // real and monotonic
	random func() float64   // 0 <= r < 1

	mu       sync.Mutex
	failures int           // in a row, while closed
	wait     time.Duration // from the last failed probe to the next; 0 while closed
	until    time.Time     // while open: when the next probe may go
}

const (
	openAfter   = 10
	shortWait   = 5 * time.Second
	longWait    = 5 * time.Minute
	waitsSpread = 0.2 // a wait is shorter by up to this share, so that processes do not probe in step

	// A probe that nobody tells the end of is over after this long: longer than any
	// transaction.
	probeFor = 30 * time.Minute
)

// NewCircuit makes a closed circuit. Now is the real clock; random spreads the waits.
func NewCircuit(now func() time.Time, random func() float64) *Circuit {
	return &Circuit{now: now, random: random}
}

// Pass is a Circuit's answer to who wants to send.
type Pass int

// The passes.
const (
	PassNone  Pass = iota // send nothing now
	PassProbe             // send one mail, and no more until its outcome is told
	PassAll
)

// Ask asks for leave to send. Whoever gets PassProbe must Tell it an outcome: an
// empty one where there was nothing to send.
func (c *Circuit) Ask() Pass {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.wait == 0:
		return PassAll
	case c.now().Before(c.until):
		return PassNone
	}
	c.until = c.now().Add(probeFor)
	return PassProbe
}

// Change is what an outcome did to a Circuit.
type Change int

// The changes.
const (
	Unchanged Change = iota
	Opened
	Closed
)

// Tell tells the outcome of an attempt that was made with a pass.
func (c *Circuit) Tell(pass Pass, o Outcome) Change {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case o.Result == ResultSent || o.Blame == BlameMail: // the server is at work
		c.failures = 0
		if c.wait == 0 {
			return Unchanged
		}
		c.wait = 0
		return Closed
	case o.Blame != BlameServer: // nothing was learnt
		if pass == PassProbe && c.wait > 0 {
			c.until = c.now()
		}
		return Unchanged
	case c.wait == 0:
		if c.failures++; c.failures < openAfter {
			return Unchanged
		}
		c.failures = 0
		c.pause(shortWait)
		return Opened
	case pass == PassProbe:
		c.pause(min(2*c.wait, longWait))
	}
	return Unchanged // one that was under way when it opened says nothing new
}

func (c *Circuit) pause(wait time.Duration) {
	c.wait = wait
	c.until = c.now().Add(wait - time.Duration(c.random()*waitsSpread*float64(wait)))
}

// Open reports whether sending pauses.
func (c *Circuit) Open() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wait > 0
}

// ProbeDue reports whether the next to ask would get PassProbe.
func (c *Circuit) ProbeDue() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wait > 0 && !c.now().Before(c.until)
}
