package worker

import (
	"context"

	"github.com/hibiken/asynq"
)

// decide decides on sign-ups.
func (w *Worker) decide(ctx context.Context, t *asynq.Task) error {
	ids, err := idsOf(t)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := w.Road.Decide(ctx, id); err != nil {
			return err
		}
	}
	return nil
}
