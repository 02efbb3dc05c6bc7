package worker

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"longroad/internal/journey"
	"longroad/internal/store"
)

const (
	flushEvery = 200 * time.Millisecond // how long an outcome may wait to be written with others
	flushMost  = 100                    // how many outcomes are written at once
	flushTries = 5                      // how often the database may refuse one
	flushFor   = 30 * time.Second       // how long one writing may take
)

// outcomes gathers what sending came to and writes it in batches. While the
// database is away it keeps what it has: the places in the air run out, so that
// nothing more is taken.
type outcomes struct {
	record func(context.Context, []journey.Done) error
	landed func([]store.Lent)
	log    *slog.Logger
	in     chan landing
	done   chan struct{}
}

// landing is an outcome on its way to the record.
type landing struct {
	journey.Done
	refused int // how often the database would not have it
}

func newOutcomes(record func(context.Context, []journey.Done) error, landed func([]store.Lent), log *slog.Logger) *outcomes {
	return &outcomes{record: record, landed: landed, log: log, in: make(chan landing, mostInAir), done: make(chan struct{})}
}

// add takes an outcome; it never waits, since no more can be in the air than
// the channel holds.
func (o *outcomes) add(d journey.Done) { o.in <- landing{Done: d} }

// close says that no more come and waits until all are written, or given up.
func (o *outcomes) close() {
	close(o.in)
	<-o.done
}

// run writes until all is on record. Only a process that must end gives up, when
// ctx does; then the leases run out and the outcomes count as unknown.
func (o *outcomes) run(ctx context.Context) {
	defer close(o.done)
	var left []landing // not on record yet
	wait := time.Duration(0)
	for open := true; open || len(left) > 0; {
		left, open = o.gather(ctx, left, open, wait)
		left = o.write(ctx, left)
		switch {
		case len(left) == 0:
			wait = 0
		case ctx.Err() != nil:
			o.land(left)
			left = nil
		default:
			wait = min(max(2*wait, flushEvery), 5*time.Second)
		}
	}
}

// gather waits for outcomes to write together: a little for more of them, or
// longer where what is left could not be written the last time.
func (o *outcomes) gather(ctx context.Context, left []landing, open bool, wait time.Duration) ([]landing, bool) {
	in := o.in
	if !open {
		in = nil
	}
	if len(left) == 0 && open {
		first, more := <-in
		if !more {
			return nil, false
		}
		left = append(left, first)
	}
	if !open && wait == 0 {
		return left, false
	}
	timer := time.NewTimer(max(wait, flushEvery))
	defer timer.Stop()
	for wait > 0 || len(left) < flushMost {
		select {
		case d, more := <-in:
			if more {
				left = append(left, d)
				continue
			}
			if in, open = nil, false; wait == 0 {
				return left, false
			}
		case <-timer.C:
			return left, open
		case <-ctx.Done():
			return left, open
		}
	}
	return left, open
}

// write puts outcomes on record and gives back those that are not. One that the
// database refuses holds up no other, and is let go in the end.
func (o *outcomes) write(ctx context.Context, all []landing) []landing {
	var left []landing
	for batch := range slices.Chunk(all, flushMost) {
		err := o.put(ctx, batch)
		if !store.Rejected(err) {
			if err != nil {
				left = append(left, batch...)
			}
			continue
		}
		for i := range batch {
			err := o.put(ctx, batch[i:i+1])
			if store.Rejected(err) {
				batch[i].refused++
			}
			switch {
			case err == nil:
			case batch[i].refused < flushTries:
				left = append(left, batch[i])
			default:
				o.log.ErrorContext(ctx, "outcome given up: it counts as unknown", slog.Int64("delivery_id", batch[i].DeliveryID))
				o.land(batch[i : i+1])
			}
		}
	}
	return left
}

func (o *outcomes) put(ctx context.Context, batch []landing) error {
	done := make([]journey.Done, len(batch))
	for i, l := range batch {
		done[i] = l.Done
	}
	ctx, cancel := context.WithTimeout(ctx, flushFor)
	defer cancel()
	if err := o.record(ctx, done); err != nil {
		o.log.ErrorContext(ctx, "outcomes not on record yet", slog.Int("outcomes", len(batch)), slog.Any("error", err))
		return err
	}
	o.land(batch)
	return nil
}

func (o *outcomes) land(batch []landing) {
	lent := make([]store.Lent, len(batch))
	for i, l := range batch {
		lent[i] = store.Lent{DeliveryID: l.DeliveryID, Attempt: l.Attempt}
	}
	o.landed(lent)
}
