package worker

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"longroad/internal/journey"
	"longroad/internal/mailer"
	"longroad/internal/store"
	"longroad/internal/token"
)

// send takes the deliveries that a nudge names, as far as they may go now, and
// sends them.
func (w *Worker) send(ctx context.Context, t *asynq.Task) error {
	ids, err := idsOf(t)
	if err != nil {
		return err
	}
	if err := w.air.enter(ctx, len(ids)); err != nil {
		return err
	}
	asked := time.Now()
	jobs, err := w.Road.Take(ctx, w.ID, ids)
	w.air.give(len(ids) - len(jobs))
	if err != nil {
		return err
	}
	for _, job := range jobs {
		w.air.hold(job.Delivery.ID, asked)
	}
	var sends sync.WaitGroup
	for _, job := range jobs {
		sends.Go(func() { w.outcomes.add(w.attempt(ctx, job)) })
	}
	sends.Wait()
	return nil
}

// attempt hands one mail over.
func (w *Worker) attempt(ctx context.Context, job journey.Job) journey.Done {
	d := job.Delivery
	done := journey.Done{DeliveryID: d.ID, SubscriptionID: d.SubscriptionID, Attempt: d.Attempt, Worker: w.ID}
	letter := w.letter(job)
	raw, err := w.Composer.Compose(letter)
	if err != nil {
		w.Log.ErrorContext(ctx, "cannot compose", slog.String("delivery", d.Ref.String()), slog.String("step", d.Step))
		done.Outcome = mailer.Outcome{Result: mailer.ResultRefused, Detail: fmt.Sprintf("not composed: %v", err)}
		done.At = w.Now()
		return done
	}
	sender := w.Sender
	if d.Queue == store.QueueAccount {
		sender = w.AccountSender
	}
	done.Outcome = sender.Send(ctx, mailer.Envelope{
		From: letter.EnvelopeFrom, To: letter.To, MessageID: d.MessageID, Raw: raw,
		Before: func() error { return w.air.check(d.ID) },
	})
	done.At = w.Now()
	w.Log.InfoContext(ctx, "attempt", slog.String("delivery", d.Ref.String()), slog.String("step", d.Step),
		slog.Int("attempt", d.Attempt), slog.String("result", string(done.Outcome.Result)), slog.Int("code", done.Outcome.Code))
	return done
}

// letter gathers what the mail is made of.
func (w *Worker) letter(job journey.Job) mailer.Letter {
	d, s := job.Delivery, job.Subscription
	kind := string(d.Mail.Kind)
	if d.Step == store.ConfirmStep {
		kind = mailer.KindConfirm
	}
	return mailer.Letter{
		Kind: kind, Course: job.Course, Track: s.Track, Lesson: d.Mail.Lesson,
		Language: s.Language, Country: s.Country, Name: s.Name, To: s.Email,
		Date: w.Now(), MessageID: d.MessageID, Thread: d.Thread,
		ReplyTo:      journey.ReplyPrefix + w.Tokens.Sign(token.Reply, d.Ref) + "@" + w.Addresses.ReplyDomain,
		EnvelopeFrom: bouncePrefix + w.Tokens.Sign(token.Bounce, d.Ref) + "@" + w.Addresses.BounceDomain,
		Links: mailer.Links{
			Confirm:     w.Addresses.BaseURL + "/confirm/" + w.Tokens.Sign(token.Confirm, s.Ref),
			CheckIn:     w.Addresses.BaseURL + "/checkin/" + w.Tokens.Sign(token.CheckIn, d.Ref),
			Unsubscribe: w.Addresses.BaseURL + "/u/" + w.Tokens.Sign(token.Unsubscribe, s.Ref),
		},
	}
}

// bouncePrefix begins the local part of every bounce address, so that a mail
// server can route them.
const bouncePrefix = "b-"
