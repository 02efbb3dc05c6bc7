package worker

import (
	"context"
	"log/slog"
	"time"

	"longroad/internal/journey"
)

// flushEvery is how long an outcome may wait to be written with others.
const flushEvery = 200 * time.Millisecond

// flushMost is how many outcomes are written at once.
const flushMost = 100

// outcomes gathers what sending came to and writes it in batches. While the
// database is away it keeps what it has: the places in the air run out, so that
// nothing more is taken.
type outcomes struct {
	record func(context.Context, []journey.Done) error
	landed func(ids []int64)
	log    *slog.Logger
	in     chan journey.Done
	done   chan struct{}
}

func newOutcomes(record func(context.Context, []journey.Done) error, landed func([]int64), log *slog.Logger) *outcomes {
	return &outcomes{record: record, landed: landed, log: log, in: make(chan journey.Done, mostInAir), done: make(chan struct{})}
}

// add takes an outcome; it never waits, since no more can be in the air than
// the channel holds.
func (o *outcomes) add(d journey.Done) { o.in <- d }

// close says that no more come and waits until all are written, or given up.
func (o *outcomes) close() {
	close(o.in)
	<-o.done
}

func (o *outcomes) run(ctx context.Context) {
	defer close(o.done)
	for first := range o.in {
		batch := o.gather(first)
		o.write(ctx, batch)
	}
}

// gather waits a little for more outcomes to write together.
func (o *outcomes) gather(first journey.Done) []journey.Done {
	batch := []journey.Done{first}
	timer := time.NewTimer(flushEvery)
	defer timer.Stop()
	for len(batch) < flushMost {
		select {
		case d, more := <-o.in:
			if !more {
				return batch
			}
			batch = append(batch, d)
		case <-timer.C:
			return batch
		}
	}
	return batch
}

// write tries until the outcomes are on record. Only a process that must end
// gives up; then the leases run out and the outcomes count as unknown.
func (o *outcomes) write(ctx context.Context, batch []journey.Done) {
	ids := make([]int64, len(batch))
	for i, d := range batch {
		ids[i] = d.DeliveryID
	}
	defer o.landed(ids)
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := o.record(ctx, batch)
		if err == nil {
			return
		}
		o.log.ErrorContext(ctx, "outcomes not on record yet", slog.Int("outcomes", len(batch)), slog.Any("error", err))
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}
