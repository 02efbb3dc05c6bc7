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
	"math/rand/v2"
	"net/http"
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

// aGrace is how long a worker that ends lets its mails come to their end before it
// breaks off: an outcome after that is unknown.
const aGrace = 20 * time.Second

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
	Sign                  func(raw []byte) ([]byte, error) // signs a mail (DKIM); nil leaves it as it is
	Circuit               *mailer.Circuit                  // pauses sending while the server refuses everything; nil makes one

	// Measure is told of every attempt, its lane and, where it was sent, how late;
	// it may be nil.
	Measure func(lane store.Queue, o mailer.Outcome, late time.Duration)

	Operator Operator // how the operator is told of alerts; zero leaves that to the operator's page

	Tick  time.Duration // how often it looks for what is due; 0 means a second
	Rate  int           // mails a second that one worker is good for; 0 means 50
	Lanes int           // send tasks at a time in the lessons' lane; 0 means 8
}

// Worker is one background process.
type Worker struct {
	Options
	air       *air
	outcomes  *outcomes
	retention retention
	floor     floor
	contact   contact
	hook      *http.Client // posts to the operator

	breath, grace, settled, look time.Duration // constants but for tests
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
	if o.Sign == nil {
		o.Sign = func(raw []byte) ([]byte, error) { return raw, nil }
	}
	if o.Measure == nil {
		o.Measure = func(store.Queue, mailer.Outcome, time.Duration) {}
	}
	if o.Circuit == nil {
		o.Circuit = mailer.NewCircuit(time.Now, rand.Float64)
	}
	w := &Worker{Options: o, air: newAir(mostInAir), hook: hookClient(), breath: aBreath, grace: aGrace, settled: aSettling, look: aLook}
	w.outcomes = newOutcomes(o.Road.Record, w.air.land, o.Log)
	return w
}

// Run works until ctx ends, then finishes what is in the air, writes its
// outcomes and returns.
func (w *Worker) Run(ctx context.Context) error {
	// What is in the air is finished after ctx has ended, leases and all.
	finish, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	sending, breakOff := context.WithCancel(finish)
	defer breakOff()
	if err := w.beat(finish); err != nil {
		return fmt.Errorf("worker: %w", err)
	}
	var loops sync.WaitGroup
	loops.Go(func() { w.outcomes.run(finish) })
	loops.Go(func() { w.heartbeats(finish) })
	loops.Go(func() { w.probes(ctx, sending) })
	loops.Go(func() { w.alerts(ctx) })
	servers, err := w.startLanes(ctx, sending)
	if err == nil {
		w.Log.InfoContext(ctx, "worker started", slog.String("worker", w.ID))
		w.ticks(ctx)
		w.Log.InfoContext(ctx, "worker stops, finishing what is in the air", slog.String("worker", w.ID))
	}
	w.leaveAir(servers, breakOff)
	late := time.AfterFunc(lastFlush, stop)
	w.outcomes.close()
	late.Stop()
	stop()
	loops.Wait()
	w.signOff(context.WithoutCancel(ctx))
	return err
}

// leaveAir takes nothing more and waits until all that was begun has an outcome.
func (w *Worker) leaveAir(servers []*asynq.Server, breakOff func()) {
	for _, s := range servers {
		s.Stop()
	}
	empty := w.floor.close()
	select {
	case <-empty.Done():
	case <-time.After(w.grace):
		breakOff()
		<-empty.Done()
	}
	var lanes sync.WaitGroup
	for _, s := range servers {
		lanes.Go(s.Shutdown)
	}
	lanes.Wait()
}

func (w *Worker) signOff(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := w.Store.InTx(ctx, w.Now(), func(tx *store.Tx) error { return tx.LeaveWorkers(ctx, w.ID) })
	w.Log.InfoContext(ctx, "worker stopped", slog.String("worker", w.ID))
	if err != nil {
		w.Log.WarnContext(ctx, "could not sign off", slog.Any("error", err))
	}
}

// startLanes starts one asynq server a lane, so that no lane waits for another.
// It gives those that it has started, also with an error.
func (w *Worker) startLanes(running, sending context.Context) ([]*asynq.Server, error) {
	lanes := []struct {
		queue       store.Queue
		concurrency int
	}{{inbox, 4}, {store.QueueAccount, 4}, {store.QueueReminders, max(2, w.Lanes/2)}, {store.QueueLessons, w.Lanes}}
	var servers []*asynq.Server
	for _, lane := range lanes {
		server := asynq.NewServerFromRedisClient(w.Redis, asynq.Config{
			Concurrency:       lane.concurrency,
			Queues:            map[string]int{string(lane.queue): 1},
			BaseContext:       func() context.Context { return sending },
			TaskCheckInterval: 200 * time.Millisecond,
			ShutdownTimeout:   5 * time.Second,
			Logger:            asynqLog{w.Log},
			LogLevel:          asynq.WarnLevel,
			ErrorHandler:      asynq.ErrorHandlerFunc(w.taskFailed),
		})
		if err := server.Start(w.mux(running, sending)); err != nil {
			return servers, fmt.Errorf("start the %s lane: %w", lane.queue, err)
		}
		servers = append(servers, server)
	}
	return servers, nil
}

func (w *Worker) mux(running, sending context.Context) *asynq.ServeMux {
	mux := asynq.NewServeMux()
	mux.HandleFunc(taskSend, func(_ context.Context, t *asynq.Task) error { return w.send(running, sending, t) })
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
