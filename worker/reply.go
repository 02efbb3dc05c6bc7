package worker

import (
	"context"
	"errors"

	"github.com/hibiken/asynq"

	"longroad/internal/journey"
)

// Text gives the plain text of a mail as this worker sends it.
func (w *Worker) Text(job journey.Job) (string, error) { return w.Composer.Text(w.letter(job)) }

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
