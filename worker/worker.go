// Package worker does the background work: it ticks, takes nudges from asynq and
// sends. Its one rule: a task is only a nudge. What is to be done stands in
// PostgreSQL, so a task that is lost, late, doubled or stale does no harm.
//
// There is one file a task; tick.go claims what is due and sweeps up what was
// left lying.
package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/store"
	"longroad/internal/token"
)

// mostInAir is how many attempts a worker may have on record without an outcome.
const mostInAir = 500

// lastFlush is how long a worker that ends tries to write its last outcomes.
const lastFlush = 20 * time.Second

// Addresses are what the mails' links and envelopes are made of.
type Addresses struct {
	BaseURL      string // without a slash at the end
	ReplyDomain  string
	BounceDomain string
}

// Options is what a Worker needs.
type Options struct {
	ID        string // unique among the running workers
	Road      *journey.Road
	Store     *store.Store
	Composer  *mailer.Composer
	Tokens    *token.Ring
	Addresses Addresses
	Redis     redis.UniversalClient
	Now       func() time.Time
	Log       *slog.Logger

	// Sender takes lessons and reminders; AccountSender takes confirmations, so
	// that they never wait for a connection that a lesson holds.
	Sender, AccountSender mailer.Sender

	Tick  time.Duration // how often it looks for what is due; 0 means a second
	Rate  int           // mails a second that one worker is good for; 0 means 50
	Lanes int           // send tasks at a time in the lessons' lane; 0 means 8
}

// Worker is one background process.
type Worker struct {
	Options
	air      *air
	outcomes *outcomes
	servers  []*asynq.Server
}

// New makes a worker that does nothing yet.
func New(o Options) *Worker {
	if o.Tick == 0 {
		o.Tick = time.Second
	}
	if o.Rate == 0 {
		o.Rate = 50
	}
	if o.Lanes == 0 {
		o.Lanes = 8
	}
	w := &Worker{Options: o, air: newAir(mostInAir)}
	w.outcomes = newOutcomes(o.Road.Record, w.air.land, o.Log)
	return w
}

// Run works until ctx ends, then finishes what is in the air, writes its
// outcomes and returns.
func (w *Worker) Run(ctx context.Context) error {
	// What is in the air is finished after ctx has ended.
	finish, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	if err := w.beat(finish); err != nil {
		return fmt.Errorf("worker: %w", err)
	}
	var loops sync.WaitGroup
	loops.Go(func() { w.outcomes.run(finish) })
	loops.Go(func() { w.heartbeats(finish) })
	if err := w.startLanes(finish); err != nil {
		w.outcomes.close()
		stop()
		loops.Wait()
		return err
	}
	w.Log.InfoContext(ctx, "worker started", slog.String("worker", w.ID))
	w.ticks(ctx)

	for _, s := range w.servers {
		s.Stop()
	}
	w.Log.InfoContext(ctx, "worker stops, finishing what is in the air", slog.String("worker", w.ID))
	for _, s := range w.servers {
		s.Shutdown()
	}
	late := time.AfterFunc(lastFlush, stop)
	w.outcomes.close()
	late.Stop()
	stop()
	loops.Wait()
	leave, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := w.Store.InTx(leave, w.Now(), func(tx *store.Tx) error { return tx.LeaveWorkers(leave, w.ID) })
	w.Log.InfoContext(leave, "worker stopped", slog.String("worker", w.ID))
	if err != nil {
		w.Log.WarnContext(leave, "could not sign off", slog.Any("error", err))
	}
	return nil
}

// startLanes starts one asynq server a lane, so that no lane waits for another.
func (w *Worker) startLanes(ctx context.Context) error {
	lanes := []struct {
		queue       store.Queue
		concurrency int
	}{{store.QueueAccount, 4}, {store.QueueReminders, max(2, w.Lanes/2)}, {store.QueueLessons, w.Lanes}}
	for _, lane := range lanes {
		server := asynq.NewServerFromRedisClient(w.Redis, asynq.Config{
			Concurrency:       lane.concurrency,
			Queues:            map[string]int{string(lane.queue): 1},
			BaseContext:       func() context.Context { return ctx },
			TaskCheckInterval: 200 * time.Millisecond,
			ShutdownTimeout:   time.Minute,
			Logger:            asynqLog{w.Log},
			LogLevel:          asynq.WarnLevel,
			ErrorHandler:      asynq.ErrorHandlerFunc(w.taskFailed),
		})
		if err := server.Start(w.mux()); err != nil {
			return fmt.Errorf("start the %s lane: %w", lane.queue, err)
		}
		w.servers = append(w.servers, server)
	}
	return nil
}

func (w *Worker) mux() *asynq.ServeMux {
	mux := asynq.NewServeMux()
	mux.HandleFunc(taskSend, w.send)
	mux.HandleFunc(taskDecide, w.decide)
	mux.HandleFunc(taskRead, w.read)
	return mux
}

// taskFailed logs a failed task. Nothing else is needed: the sweep nudges again.
func (w *Worker) taskFailed(ctx context.Context, t *asynq.Task, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	w.Log.WarnContext(ctx, "task failed, the sweep will nudge again", slog.String("task", t.Type()), slog.Any("error", err))
}

// asynqLog gives asynq's messages to slog.
type asynqLog struct{ log *slog.Logger }

func (l asynqLog) Debug(args ...any) { l.log.Debug("asynq", slog.String("text", fmt.Sprint(args...))) }
func (l asynqLog) Info(args ...any)  { l.log.Info("asynq", slog.String("text", fmt.Sprint(args...))) }
func (l asynqLog) Warn(args ...any)  { l.log.Warn("asynq", slog.String("text", fmt.Sprint(args...))) }
func (l asynqLog) Error(args ...any) { l.log.Error("asynq", slog.String("text", fmt.Sprint(args...))) }
func (l asynqLog) Fatal(args ...any) { l.log.Error("asynq", slog.String("text", fmt.Sprint(args...))) }
