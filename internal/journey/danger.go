package journey

import (
	"context"
	"log/slog"
	"time"

	"longroad/internal/inbound"
	"longroad/internal/inbound/meant"
	"longroad/internal/inbound/report"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// What tells of danger is heard before anything else in a mail. An alarm halts
// the letters until an operator releases them, and pacing is deaf then: of what
// the same mail asks for only a stop still counts, and a no or an unsure to a
// safety question, which are kept. A gentle verdict (denied, quoted, long ago)
// halts nothing and the mail's own intent counts. Both leave an alert, whose
// category stands on the operator's page alone: in no log, no story, no mail and
// no webhook. Only the subscription that the mail answered is halted: a couple may
// share a mailbox, and nothing may reach the other one's letters.

// keptDanger is why an arrival is kept that tells of danger and that belongs to
// none of our mails: only a person can find out whose it is.
const keptDanger = "danger, not matched"

const (
	gentleEvery   = 7 * 24 * time.Hour // how often a person gets help lines for a gentle verdict
	mostResources = 3                  // mails with help lines that a person gets in resourcesIn, for alarms
	resourcesIn   = 24 * time.Hour
)

// heed looks for danger in what somebody wrote, or a machine in their name. A
// machine is never answered (RFC 3834, section 2): it alerts and halts alone.
func (r *Road) heed(ctx context.Context, tx *store.Tx, row store.Arrival, about *store.Delivery, e inbound.Explanation, raw []byte, done *store.Reading) error {
	if e.Reply == nil || e.Reply.Crisis == nil {
		return nil
	}
	alert := store.Alert{Ref: row.Ref, Category: e.Reply.Crisis.Category, Level: e.Reply.Crisis.Level}
	r.Log.WarnContext(ctx, "a mail tells of danger", slog.String("alert", alert.Ref.String()), slog.String("level", alert.Level))
	if about == nil {
		done.Kept = keptDanger
		return tx.AddAlert(ctx, alert)
	}
	alert.SubscriptionID = &about.SubscriptionID
	if err := tx.AddAlert(ctx, alert); err != nil {
		return err
	}
	// The person first, as everywhere: two mails at once count each other's help.
	sub, err := tx.Subscription(ctx, about.SubscriptionID)
	if err != nil {
		return err
	}
	if _, err := tx.LockSubscriber(ctx, sub.Email); err != nil {
		return err
	}
	human := e.Kind == report.Human
	// A course that cannot be read must not keep danger from being heard.
	if _, fault := r.courseOf(ctx, tx.Reader, &sub); human && fault == nil {
		if err := r.arrived(ctx, tx, *about); err != nil {
			return err
		}
	}
	if alert.Level == meant.Alarm {
		if err := r.halt(ctx, tx, *about); err != nil {
			return err
		}
	}
	if !human {
		return nil
	}
	return r.offerHelp(ctx, tx, *about, alert, inbound.Intent(e.Reply.Intent) == inbound.Stop, replyID(raw))
}

// halt lets no more letters go until an operator releases them. A way that was
// stopped before is halted should its reader take the stop back.
func (r *Road) halt(ctx context.Context, tx *store.Tx, about store.Delivery) error {
	sub, err := tx.LockSubscription(ctx, about.SubscriptionID)
	if err != nil || sub.State.Status == pacing.Halted {
		return err
	}
	if sub.State.Status == pacing.Stopped {
		sub.State.Halted = true
		return tx.SaveSubscriptions(ctx, []store.Subscription{sub})
	}
	if sub.State.Status.Ended() {
		return nil
	}
	_, err = r.Apply(ctx, tx, sub.ID, Event{Event: pacing.Event{Kind: pacing.Halt}, By: ByWorker, Delivery: about.ID})
	return err
}

// offerHelp owes the mail with help lines, where the reader wants it: a receipt
// that tells nothing else, under the mail of that Message-ID.
func (r *Road) offerHelp(ctx context.Context, tx *store.Tx, about store.Delivery, alert store.Alert, stops bool, replyID string) error {
	sub, err := tx.LockSubscription(ctx, about.SubscriptionID)
	if err != nil {
		return err
	}
	since, most := helpAllowance(sub, alert, stops, tx.Now)
	if most == 0 {
		return nil
	}
	n, err := tx.ResourcesSince(ctx, sub.SubscriberID, since)
	if err != nil || n >= most {
		return err
	}
	m := pacing.Mail{Kind: store.ResourcesStep, Lesson: about.Mail.Lesson, Occasion: about.Occasion}
	if about.Mail.Kind == pacing.KindPractice { // it goes under the lesson
		m.Lesson, m.Occasion = sub.State.Lesson, sub.State.Occasion
	}
	owed, err := tx.Owe(ctx, r.Domain, []store.Delivery{{SubscriptionID: sub.ID, Step: store.ResourcesStep + "/" + alert.Ref.String(),
		Occasion: m.Occasion, Mail: m, Version: sub.Version, Queue: store.QueueAccount, DueAt: tx.Now}})
	if err != nil || len(owed) != 1 {
		return err
	}
	return tx.AddReceipt(ctx, store.Receipt{DeliveryID: owed[0], Answer: store.ResourcesStep, ReplyID: replyID})
}

// helpTold is what the mail with help lines tells, as its reader wants it while it
// is sent.
func helpTold(crisisMail string) mailer.Told {
	if crisisMail == store.CrisisLink || crisisMail == store.CrisisNone {
		return mailer.ToldResourcesLink
	}
	return mailer.ToldResources
}

// helpAllowance says how many mails with help lines a person may have had since a
// moment to get one more; most 0 is none. For an alarm three a day, so that two
// machines that answer each other come to an end; one after a stop, and then
// silence. For a gentle verdict one in seven days, and none that follows a stop.
func helpAllowance(sub store.Subscription, alert store.Alert, stops bool, now time.Time) (since time.Time, most int) {
	status := sub.State.Status
	switch {
	case status == pacing.Suppressed, !helpByMail(sub.CrisisMail, alert.Category):
		return time.Time{}, 0
	case alert.Level != meant.Alarm:
		if stops || status == pacing.Stopped {
			return time.Time{}, 0
		}
		return now.Add(-gentleEvery), 1
	case status == pacing.Stopped:
		return sub.EndedAt, 1
	}
	return now.Add(-resourcesIn), mostResources
}

// helpByMail reports whether help for a category may come by mail at all. Who
// wants nothing about violence or fear gets nothing for all that can have to do
// with another person: only self-harm is left.
func helpByMail(crisisMail, category string) bool {
	return crisisMail != store.CrisisNone || category == meant.SelfHarm
}

// withholdHelp cancels help lines that have not gone and that the reader does not
// want by mail any more. The transaction has locked the subscription.
func (r *Road) withholdHelp(ctx context.Context, tx *store.Tx, sub *store.Subscription) error {
	open, err := tx.LockOpen(ctx, sub.ID)
	if err != nil {
		return err
	}
	var gone []store.Delivery
	var events []store.Event
	for _, d := range open {
		if d.Kind() != store.ResourcesStep {
			continue
		}
		alert, err := tx.AlertOf(ctx, d.Step)
		if err != nil {
			return err
		}
		if helpByMail(sub.CrisisMail, alert.Category) {
			continue
		}
		events = append(events, accountCancelled(sub, d, "the reader wants no such mail any more"))
		d.State, d.NextAttemptAt, d.EndedAt = store.Cancelled, time.Time{}, tx.Now
		gone = append(gone, d)
	}
	if err := tx.SaveDeliveries(ctx, gone); err != nil {
		return err
	}
	return tx.AddEvents(ctx, events)
}
