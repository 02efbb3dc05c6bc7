package worker

import (
	"context"
	"log/slog"
	"time"

	"longroad/internal/mailer"
)

// While the mail server refuses everything, nothing is taken, claimed or nudged:
// what is due waits in PostgreSQL as it is. Each worker finds out for itself, and
// lets one mail at a time try whether the server is back.

const (
	// holdFor is how long a task waits for the server before it is dropped: other
	// workers may fare better, and the sweep nudges again.
	holdFor = 30 * time.Second
	// aLook is how often a pause is looked at.
	aLook = 200 * time.Millisecond
	// probeAmong is how many deliveries are looked at for one that may go now.
	probeAmong = 10
)

// hold waits while sending pauses, and reports whether it goes on.
func (w *Worker) hold(running context.Context) bool {
	if !w.Circuit.Open() {
		return true
	}
	patience := time.NewTimer(holdFor)
	defer patience.Stop()
	look := time.NewTicker(w.look)
	defer look.Stop()
	for w.Circuit.Open() {
		select {
		case <-running.Done():
			return false
		case <-patience.C:
			return false
		case <-look.C:
		}
	}
	return true
}

// probes lets something that is due try, whenever the circuit wants it.
func (w *Worker) probes(running, sending context.Context) {
	look := time.NewTicker(w.look)
	defer look.Stop()
	for {
		select {
		case <-running.Done():
			return
		case <-look.C:
		}
		if !w.Circuit.ProbeDue() {
			continue
		}
		ids, err := w.Store.Sendable(running, w.Now(), probeAmong)
		if err == nil {
			err = w.deliver(running, sending, ids)
		}
		if err != nil && running.Err() == nil {
			w.Log.WarnContext(running, "cannot try the mail server, the next look tries again", slog.Any("error", err))
		}
	}
}

// tell tells the circuit how an attempt ended. It reports whether that says
// nothing of the mail, since the server refuses everything.
func (w *Worker) tell(ctx context.Context, pass mailer.Pass, o mailer.Outcome) bool {
	switch w.Circuit.Tell(pass, o) {
	case mailer.Opened:
		w.Log.WarnContext(ctx, "the mail server refuses everything, sending pauses", slog.Int("code", o.Code), slog.String("status", o.Enhanced))
	case mailer.Closed:
		w.Log.InfoContext(ctx, "the mail server takes mails again, sending goes on")
	}
	return o.Blame == mailer.BlameServer && w.Circuit.Open()
}
