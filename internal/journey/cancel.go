package journey

import (
	"context"
	"time"

	"longroad/internal/pacing"
	"longroad/internal/store"
)

// cancelWhatMayNotGo cancels claimed mail that the new state no longer allows,
// unless it is in the air already, and lets pacing plan it anew.
func (r *Road) cancelWhatMayNotGo(ctx context.Context, tx *store.Tx, sub *store.Subscription, b *batch) error {
	open, err := tx.LockOpen(ctx, sub.ID)
	if err != nil {
		return err
	}
	c, err := r.courseOf(ctx, tx.Reader, sub)
	if err != nil && len(open) > 0 && !sub.State.Status.Ended() && sub.State.Status != pacing.Halted {
		return err
	}
	var gone []store.Delivery
	for _, d := range open {
		if d.Account() {
			v := accountVerdict(sub.State.Status, d)
			if v.Decision == pacing.Go {
				continue
			}
			b.events = append(b.events, accountCancelled(sub, d, v.Why))
		} else if pacing.Look(c, sub.State, d.Mail, tx.Now).Decision != pacing.Cancel {
			continue
		} else if _, err := r.step(ctx, tx, tx.Now, sub, cancelledEvent(d), b); err != nil {
			return err
		}
		d.State, d.NextAttemptAt, d.EndedAt = store.Cancelled, time.Time{}, tx.Now
		gone = append(gone, d)
	}
	return tx.SaveDeliveries(ctx, gone)
}

// accountVerdict says whether a mail about the subscription itself may go: one
// that asks to confirm while nobody has, one that asks which letters shall come
// while some do.
func accountVerdict(s pacing.Status, d store.Delivery) pacing.Verdict {
	switch {
	case d.Step == store.ConfirmStep && s != pacing.Pending:
		return pacing.Verdict{Decision: pacing.Cancel, Why: "it no longer waits for a confirmation"}
	case d.Step == store.ChoiceStep && !mayChoose(s):
		return pacing.Verdict{Decision: pacing.Cancel, Why: "there is nothing to choose any more"}
	case d.Kind() == store.ReceiptStep && s.Ended() && s != pacing.Completed:
		return pacing.Verdict{Decision: pacing.Cancel, Why: "the way has ended, silently"}
	case d.Kind() == store.ResourcesStep && s == pacing.Suppressed: // help lines go in any other status
		return pacing.Verdict{Decision: pacing.Cancel, Why: "the address is suppressed"}
	}
	return pacing.Verdict{Decision: pacing.Go}
}

// accountCancelled is the story of a question that needs no answer any more.
func accountCancelled(sub *store.Subscription, d store.Delivery, why string) store.Event {
	return store.Event{SubscriptionID: sub.ID, DeliveryID: &d.ID, Actor: string(ByWorker), Kind: string(pacing.Cancelled),
		Effect: string(pacing.Applied), From: string(sub.State.Status), To: string(sub.State.Status),
		Why: why}
}

func cancelledEvent(d store.Delivery) Event {
	return Event{Event: pacing.Event{Kind: pacing.Cancelled, Mail: d.Mail}, By: ByWorker, Delivery: d.ID,
		Why: "the reader's way turned before it was sent"}
}
