package worker

import (
	"context"
	"errors"

	"github.com/hibiken/asynq"
)

// read reads replies.
func (w *Worker) read(ctx context.Context, t *asynq.Task) error {
	ids, err := idsOf(t)
	if err != nil {
		return err
	}
	var all error
	for _, id := range ids {
		all = errors.Join(all, w.Road.Read(ctx, id))
	}
	return all
}
