package worker

import (
	"context"

	"github.com/hibiken/asynq"
)

// read reads replies.
func (w *Worker) read(ctx context.Context, t *asynq.Task) error {
	ids, err := idsOf(t)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := w.Road.Read(ctx, id); err != nil {
			return err
		}
	}
	return nil
}
