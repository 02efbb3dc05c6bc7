package clock

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Stepper is what the clock needs to know of the service that it moves.
type Stepper interface {
	// NextDue returns the earliest moment at which anything is due, past moments
	// included; false if nothing ever will be.
	NextDue(context.Context) (time.Time, bool, error)
	// Settle returns when everything that is due by the clock has an outcome.
	Settle(context.Context) error
}

// Advancer moves a clock through everything that comes due on the way.
type Advancer struct {
	clock *Clock
	steps Stepper
	mails func() int    // how many mails have ever arrived
	turn  chan struct{} // holds one token while somebody moves the clock
}

// NewAdvancer returns an Advancer; mails counts the mails that have arrived.
func NewAdvancer(c *Clock, steps Stepper, mails func() int) *Advancer {
	return &Advancer{clock: c, steps: steps, mails: mails, turn: make(chan struct{}, 1)}
}

// Progress tells what moving the clock did.
type Progress struct {
	Now         time.Time // the service's time afterwards
	Mails       int       // how many mails arrived on the way
	NothingMore bool      // nothing is due any more, however far one goes
}

// mostSteps bounds one advance: a service that keeps having something due without
// end would hold the caller for ever.
const mostSteps = 10_000

// Advance moves the clock on by d.
func (a *Advancer) Advance(ctx context.Context, d time.Duration) (Progress, error) {
	var target time.Time
	return a.move(ctx,
		func(now time.Time) { target = now.Add(d) },
		func(due time.Time, more bool, _ int) bool { return !more || due.After(target) },
		func() error { return a.clock.forward(target) })
}

// Next moves the clock on until at least one mail has arrived. If nothing is due
// any more it stays where it is.
func (a *Advancer) Next(ctx context.Context) (Progress, error) {
	return a.move(ctx,
		func(time.Time) {},
		func(_ time.Time, more bool, mails int) bool { return !more || mails > 0 },
		func() error { return nil })
}

// move steps from due moment to due moment until enough says so, then finishes
// with last. One call has its turn at a time.
func (a *Advancer) move(ctx context.Context, begin func(now time.Time), enough func(due time.Time, more bool, mails int) bool, last func() error) (Progress, error) {
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return Progress{}, ctx.Err()
	}
	before := a.mails()
	begin(a.clock.Now())
	more, err := a.walk(ctx, func(due time.Time, more bool) bool { return enough(due, more, a.mails()-before) })
	if err == nil {
		err = last()
	}
	if err == nil {
		err = a.steps.Settle(ctx)
	}
	return Progress{Now: a.clock.Now(), Mails: a.mails() - before, NothingMore: !more}, err
}

// walk says at its end whether anything is still due.
func (a *Advancer) walk(ctx context.Context, enough func(due time.Time, more bool) bool) (bool, error) {
	var stuck time.Time
	for range mostSteps {
		if err := a.steps.Settle(ctx); err != nil {
			return false, fmt.Errorf("settle what is due: %w", err)
		}
		due, more, err := a.steps.NextDue(ctx)
		if err != nil {
			return false, fmt.Errorf("look for what is due next: %w", err)
		}
		if enough(due, more) {
			return more, nil
		}
		if due.After(a.clock.Now()) {
			if err := a.clock.forward(due); err != nil {
				return more, err
			}
			continue
		}
		// Time goes on while we work, so something may have come due after Settle
		// looked; but not the same thing twice.
		if due.Equal(stuck) {
			return more, fmt.Errorf("what is due at %s stays due: look at the service's log", due.UTC().Format(time.RFC3339))
		}
		stuck = due
	}
	return true, errors.New("there is always something more due: the clock stops here")
}
