package worker

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"runtime/debug"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/store"
	"longroad/internal/token"
)

// aBreath is how old the last look at a subscription may be when its mail is
// handed over. Who had to wait longer for a connection looks again.
const aBreath = time.Second

// takeFor is how long taking may last: what comes later finds its lease half gone.
const takeFor = store.Lease / 2

// send sends the deliveries that a nudge names.
func (w *Worker) send(running, sending context.Context, t *asynq.Task) error {
	ids, err := idsOf(t)
	if err != nil || !w.hold(running) {
		return err
	}
	return w.deliver(running, sending, ids)
}

// deliver takes deliveries, as far as they may go now, and sends them. It begins
// nothing once running has ended or while the server refuses everything; what is
// begun goes on until sending ends, whatever becomes of the task.
func (w *Worker) deliver(running, sending context.Context, ids []int64) error {
	if !w.floor.enter() {
		return nil // the sweep of another worker nudges again
	}
	defer w.floor.leave()
	if err := w.air.enter(running, len(ids)); err != nil {
		return err
	}
	defer func() { w.air.give(len(ids)) }() // of those that were not begun
	for len(ids) > 0 && running.Err() == nil {
		n, pass := len(ids), w.Circuit.Ask()
		switch pass {
		case mailer.PassNone:
			return nil
		case mailer.PassProbe:
			n = 1
		}
		some := ids[:n]
		ids = ids[n:]
		if err := w.deliverSome(sending, some, pass); err != nil {
			return err
		}
	}
	return nil
}

// deliverSome does it with leave of the circuit. The deliveries have their places
// in the air.
func (w *Worker) deliverSome(sending context.Context, ids []int64, pass mailer.Pass) error {
	asked := time.Now()
	taking, cancel := context.WithTimeout(sending, takeFor)
	jobs, err := w.Road.Take(taking, w.ID, ids)
	cancel()
	w.air.give(len(ids) - len(jobs))
	if len(jobs) == 0 {
		w.tell(sending, pass, mailer.Outcome{})
	}
	if err != nil {
		return err
	}
	for _, job := range jobs {
		w.air.hold(lentOf(job), asked)
	}
	var sends sync.WaitGroup
	for _, job := range jobs {
		sends.Go(func() { w.outcomes.add(w.attempt(sending, job, asked, pass)) })
	}
	sends.Wait()
	return nil
}

func lentOf(job journey.Job) store.Lent {
	return store.Lent{DeliveryID: job.Delivery.ID, Attempt: job.Delivery.Attempt}
}

// attempt hands one mail over. A slip in composing or sending is this mail's
// fault alone: it becomes an outcome and does not end the process.
func (w *Worker) attempt(ctx context.Context, job journey.Job, asked time.Time, pass mailer.Pass) (done journey.Done) {
	d := job.Delivery
	log := w.Log.With(slog.String("delivery", d.Ref.String()), slog.String("step", d.Step), slog.Int("attempt", d.Attempt))
	done = journey.Done{DeliveryID: d.ID, SubscriptionID: d.SubscriptionID, Attempt: d.Attempt, Worker: w.ID, Fault: true}
	defer func() {
		if slip := recover(); slip != nil {
			log.ErrorContext(ctx, "slip while sending", slog.String("stack", string(debug.Stack())))
			done.Outcome = mailer.Outcome{Result: mailer.ResultRetry, Detail: fmt.Sprintf("not composed: %v", slip)}
			if !done.Fault {
				done.Outcome = mailer.Outcome{Result: mailer.ResultUnknown, Detail: fmt.Sprintf("broken off: %v", slip)}
			}
		}
		done.Outage = w.tell(ctx, pass, done.Outcome)
		done.At = w.Now()
		w.Measure(d.Queue, done.Outcome, done.At.Sub(d.DueAt))
	}()
	letter := w.letter(job)
	raw, err := w.Composer.Compose(letter)
	if err == nil {
		raw, err = w.Sign(raw)
	}
	if err != nil {
		log.ErrorContext(ctx, "cannot compose")
		done.Outcome = mailer.Outcome{Result: mailer.ResultRetry, Detail: fmt.Sprintf("not composed: %v", err)}
		return done
	}
	done.Fault = false
	sender := w.Sender
	if d.Queue == store.QueueAccount {
		sender = w.AccountSender
	}
	o := sender.Send(ctx, mailer.Envelope{
		From: letter.EnvelopeFrom, To: letter.To, MessageID: d.MessageID, Raw: raw,
		Before: func() error { return w.mayGo(ctx, job, asked) },
	})
	if o.Result == mailer.ResultRetry && o.Code == 0 && ctx.Err() != nil {
		o.Result = mailer.ResultAbandoned // we ended; the server has done nothing wrong
	}
	done.Outcome = o
	log.InfoContext(ctx, "attempt", slog.String("result", string(o.Result)), slog.Int("code", o.Code))
	return done
}

// mayGo is the last question before a mail is handed over.
func (w *Worker) mayGo(ctx context.Context, job journey.Job, asked time.Time) error {
	if time.Since(asked) > w.breath {
		ctx, cancel := context.WithTimeout(ctx, leaseMargin)
		defer cancel()
		if err := w.Road.MayGo(ctx, job); err != nil {
			return err
		}
	}
	return w.air.check(lentOf(job))
}

// letter gathers what the mail is made of.
func (w *Worker) letter(job journey.Job) mailer.Letter {
	d, s := job.Delivery, job.Subscription
	letter := mailer.Letter{
		Kind: d.Kind(), Receipt: job.Receipt, Course: job.Course, Track: s.Track, Lesson: d.Mail.Lesson,
		Language: s.Language, Country: s.Country, Solo: s.Solo(), Name: s.Name, To: s.Email,
		Date: w.Now(), MessageID: d.MessageID, Thread: d.Thread,
		ReplyTo:      journey.ReplyPrefix + w.Tokens.Sign(token.Reply, d.Ref) + "@" + w.Addresses.ReplyDomain,
		EnvelopeFrom: bouncePrefix + w.Tokens.Sign(token.Bounce, d.Ref) + "@" + w.Addresses.BounceDomain,
		Links: mailer.Links{
			Confirm:     w.Addresses.BaseURL + "/confirm/" + w.Tokens.Sign(token.Confirm, s.Ref),
			Choose:      w.Addresses.BaseURL + "/choose/" + w.Tokens.Sign(token.Choose, d.Ref),
			CheckIn:     w.Addresses.BaseURL + "/checkin/" + w.Tokens.Sign(token.CheckIn, d.Ref),
			Preferences: w.Addresses.BaseURL + "/me/" + w.Tokens.Sign(token.Preferences, s.Ref),
			Unsubscribe: w.Addresses.BaseURL + "/u/" + w.Tokens.Sign(token.Unsubscribe, s.Ref),
			Lines:       w.Addresses.BaseURL + "/courses/" + s.Course + "/lines?country=" + url.QueryEscape(s.Country),
		},
	}
	if d.Kind() == store.ResourcesStep { // to who sees its headers a receipt like any other
		letter.Kind = mailer.KindReceipt
	}
	if job.Undo {
		letter.Links.Undo = w.Addresses.BaseURL + "/undo/" + w.Tokens.Sign(token.Undo, d.Ref)
	}
	return letter
}

// bouncePrefix begins the local part of every bounce address, so that a mail
// server can route them.
const bouncePrefix = "b-"
