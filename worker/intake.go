package worker

import (
	"context"
	"errors"

	"github.com/hibiken/asynq"
)

// decide decides on sign-ups.
func (w *Worker) decide(ctx context.Context, t *asynq.Task) error {
	ids, err := idsOf(t)
	if err != nil {
		return err
	}
	var all error
	for _, id := range ids {
		all = errors.Join(all, w.Road.Decide(ctx, id))
	}
	return all
}
