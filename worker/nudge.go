package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"longroad/internal/store"
)

// The tasks.
const (
	taskSend   = "delivery:send"
	taskDecide = "intake:decide"
	taskRead   = "reply:read"
)

// inbox is the lane of what comes in, sign-ups and replies: no mail server that
// hangs may hold up a stop.
const inbox store.Queue = "inbox"

// perTask is how many deliveries one nudge carries; a confirmation goes alone.
const perTask = 10

// Nudger enqueues tasks. It is what doors and the road tell workers with.
type Nudger struct{ client *asynq.Client }

// NewNudger makes a Nudger on a Redis that the caller closes.
func NewNudger(r redis.UniversalClient) *Nudger {
	return &Nudger{client: asynq.NewClientFromRedisClient(r)}
}

// NudgeIntake asks for a decision on a sign-up.
func (n *Nudger) NudgeIntake(ctx context.Context, id int64) error {
	return n.enqueue(ctx, inbox, taskDecide, []int64{id})
}

// NudgeReply asks for a reply to be read.
func (n *Nudger) NudgeReply(ctx context.Context, id int64) error {
	return n.enqueue(ctx, inbox, taskRead, []int64{id})
}

// NudgeDeliveries asks for deliveries to be sent, each in its lane.
func (n *Nudger) NudgeDeliveries(ctx context.Context, due []store.Nudge) error {
	lanes := map[store.Queue][]int64{}
	for _, d := range due {
		lanes[d.Queue] = append(lanes[d.Queue], d.ID)
	}
	for queue, ids := range lanes {
		size := perTask
		if queue == store.QueueAccount {
			size = 1
		}
		slices.Sort(ids)
		for chunk := range slices.Chunk(ids, size) {
			if err := n.enqueue(ctx, queue, taskSend, chunk); err != nil {
				return err
			}
		}
	}
	return nil
}

// enqueue never retries and gives no task an id of its own: an archived task
// would block its successor, and the sweep in PostgreSQL does better.
func (n *Nudger) enqueue(ctx context.Context, queue store.Queue, kind string, ids []int64) error {
	payload, err := json.Marshal(ids)
	if err != nil {
		return fmt.Errorf("nudge: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err = n.client.EnqueueContext(ctx, asynq.NewTask(kind, payload), asynq.Queue(string(queue)), asynq.MaxRetry(0))
	if err != nil {
		return fmt.Errorf("nudge: %w", err)
	}
	return nil
}

// idsOf reads a task's payload.
func idsOf(t *asynq.Task) ([]int64, error) {
	var ids []int64
	if err := json.Unmarshal(t.Payload(), &ids); err != nil {
		return nil, fmt.Errorf("task %s: %w", t.Type(), err)
	}
	return ids, nil
}
