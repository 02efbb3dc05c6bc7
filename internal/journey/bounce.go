package journey

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"longroad/internal/inbound"
	"longroad/internal/inbound/report"
	"longroad/internal/mailer"
	"longroad/internal/pacing"
	"longroad/internal/store"
)

// KindBounce is the event of a mail that came back, or is late. The server's own
// words are not kept: they may hold an address.
const KindBounce = "bounce"

// Who says that a mail came back.
const (
	sourceReport   = "report"   // a mail
	sourceProvider = "provider" // a note
	sourceServer   = "server"   // the mail server itself, at the recipient's address
)

// What a report did.
const (
	effectCounted    = "counted"
	effectSuppressed = "suppressed"
	effectStopped    = "stopped"
)

// reportsComeIn is how long after a mail a report about it is believed at once: a
// server gives up after five days or so (RFC 5321, section 4.5.4.1). Whoever could
// open the mailbox long ago has its addresses for reports still.
const reportsComeIn = 14 * day

// returned is what is said of one of our mails. What is doubted suppresses nobody
// at once, for a sign-up would not bring the letters back: a hard bounce counts as
// a soft one, and a complaint only stops the letters, as the link in them does.
type returned struct {
	source    string
	complaint bool
	doubted   bool
	kind      report.Type
	reason    report.Reason
	status    string
}

// noted takes a provider's note about one of our mails. Its sender is known, so
// that its recipient's address will do where the mail is not named.
func (r *Road) noted(ctx context.Context, tx *store.Tx, n inbound.Note) (store.Reading, error) {
	done := store.Reading{Kind: string(n.Kind)}
	about, err := r.notedMail(ctx, tx.Reader, n)
	if err != nil {
		return done, err
	}
	if about == nil {
		done.Kept = keptReport
		return done, nil
	}
	done.DeliveryID = &about.ID
	said := returned{source: sourceProvider, complaint: n.Kind == report.Complaint, kind: n.Type, reason: n.Reason, status: n.Status}
	if said.complaint && !(report.Report{Kind: n.Kind, Reason: n.Reason}).Unsubscribes() {
		return done, nil
	}
	done.Effect, err = r.against(ctx, tx, *about, said)
	return done, err
}

func (r *Road) notedMail(ctx context.Context, from store.Reader, n inbound.Note) (*store.Delivery, error) {
	if id := strings.Trim(n.MessageID, "<> "); id != "" {
		if d, err := found(from.DeliveryByMessageID(ctx, id)); d != nil || err != nil {
			return d, err
		}
	}
	if n.Recipient == "" {
		return nil, nil
	}
	person, err := from.SubscriberByAddress(ctx, n.Recipient)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return found(from.LastTriedTo(ctx, person.ID))
}

// reported takes a delivery report or a complaint that came by mail. One that
// belongs to none of our mails changes nothing: nobody is suppressed on the word
// of a stranger. Whose address it is our own record says, not the report.
func (r *Road) reported(ctx context.Context, tx *store.Tx, m match, e inbound.Explanation, done store.Reading) (store.Reading, error) {
	if m.about == nil {
		done.Kept = keptReport
		return done, nil
	}
	said := returned{source: sourceReport, complaint: e.Kind == report.Complaint, kind: e.Bounce.Type, reason: e.Bounce.Reason, status: e.Bounce.Status}
	if said.complaint && !e.Opts {
		return done, nil
	}
	sent := m.about.SentAt
	said.doubted = m.proof != returnedBy || !sent.IsZero() && tx.Now.Sub(sent) > reportsComeIn
	var err error
	done.Effect, err = r.against(ctx, tx, *m.about, said)
	return done, err
}

// against keeps what is said of a mail, and suppresses its recipient where that
// is enough. It gives what came of it.
func (r *Road) against(ctx context.Context, tx *store.Tx, d store.Delivery, said returned) (string, error) {
	sub, err := tx.Subscription(ctx, d.SubscriptionID)
	if err != nil {
		return "", err
	}
	if said, err = r.believed(ctx, tx, sub, d, said); err != nil {
		return "", err
	}
	why, err := r.weigh(ctx, tx, sub, d, said)
	if err != nil || said.kind == report.None && !said.complaint {
		return "", err
	}
	if said.complaint && said.doubted {
		if _, err := tx.LockSubscriber(ctx, sub.Email); err != nil { // the person first, as everywhere
			return "", err
		}
		_, err := r.stop(ctx, tx, sub.ID, Event{Event: pacing.Event{Kind: pacing.Stop}, By: ByWorker, Why: "a complaint, without proof: a new sign-up is possible"})
		return effectStopped, err
	}
	if why == "" {
		return effectCounted, tx.AddEvents(ctx, []store.Event{bounceEvent(sub, d, said)})
	}
	if !said.complaint {
		if err := tx.AddEvents(ctx, []store.Event{bounceEvent(sub, d, said)}); err != nil {
			return "", err
		}
	}
	return effectSuppressed, r.suppress(ctx, tx, sub.Email, why, ByWorker)
}

// believed doubts that an address does not exist whose reader has been heard of
// since that mail was sent.
func (r *Road) believed(ctx context.Context, tx *store.Tx, sub store.Subscription, d store.Delivery, said returned) (returned, error) {
	if said.source != sourceReport || said.kind != report.Hard {
		return said, nil
	}
	heard, err := tx.HeardOf(ctx, sub.SubscriberID)
	if !d.SentAt.IsZero() && heard.After(d.SentAt) {
		said.doubted = true
	}
	return said, err
}

// weigh keeps what is said of a mail, and says why its recipient is to be
// suppressed, "" for not at all.
func (r *Road) weigh(ctx context.Context, tx *store.Tx, sub store.Subscription, d store.Delivery, said returned) (string, error) {
	said.reason, said.status = reasonOf(said), statusOf(said.status)
	b := store.Bounce{Hash: r.Hasher.Address(store.AddressKey(sub.Email)), DeliveryID: &d.ID, Source: said.source,
		Type: string(said.kind), Reason: string(said.reason), Status: said.status}
	if said.complaint {
		b.Type = string(report.Complaint)
		return SuppressedComplaint, tx.AddBounce(ctx, b)
	}
	if said.doubted && said.kind == report.Hard {
		b.Type = string(report.Soft)
	}
	switch said.kind {
	case report.Hard, report.Soft, report.Delayed:
	default:
		return "", nil
	}
	if err := tx.AddBounce(ctx, b); err != nil || !counts(b) {
		return "", err
	}
	all, err := tx.BouncesOf(ctx, b.Hash, tx.Now.Add(-KeepBounces))
	if err != nil {
		return "", err
	}
	heard, err := tx.HeardOf(ctx, sub.SubscriberID)
	return r.Bounces.verdict(all, heard, tx.Now), err
}

// reasonOf is a reason that is kept, counted and shown: of a complaint one of those
// that there are (RFC 5965, section 7.3), for whoever reports may write anything.
func reasonOf(said returned) report.Reason {
	if !said.complaint {
		return said.reason
	}
	switch said.reason {
	case "abuse", "fraud", "virus", "opt-out", report.Policy:
		return said.reason
	}
	return "other"
}

// statusOf is a status that is kept and shown (RFC 3463), "" for what is none.
func statusOf(status string) string {
	if len(status) > len("5.999.999") || strings.Trim(status, "0123456789.") != "" {
		return ""
	}
	return status
}

func bounceEvent(sub store.Subscription, d store.Delivery, said returned) store.Event {
	why := "it came back"
	if said.kind == report.Delayed {
		why = "it is still on its way, and late"
	}
	reason := string(said.reason)
	if reason == "" {
		reason = string(report.Undefined)
	}
	if status := statusOf(said.status); status != "" {
		reason += ", " + status
	}
	if said.doubted && said.kind == report.Hard {
		reason += "; not proved"
	}
	return store.Event{SubscriptionID: sub.ID, DeliveryID: &d.ID, Actor: string(ByWorker), Kind: KindBounce,
		From: string(sub.State.Status), To: string(sub.State.Status), Why: why + " (" + reason + ")"}
}

// badAddress counts a refusal that says that the address takes no mail. Who locks
// subscriptions may not wait for a person any more, so that the address goes onto
// the list here, and its subscriptions end after the commit (endSuppressed), or at
// the last look before their next mail.
func (r *Road) badAddress(ctx context.Context, tx *store.Tx, sub *store.Subscription, d store.Delivery, o mailer.Outcome) (why string, err error) {
	said := returned{source: sourceServer, kind: report.Soft, reason: report.ReasonOf(o.Enhanced), status: o.Enhanced}
	if said.reason.Hard() {
		said.kind = report.Hard
	}
	why, err = r.weigh(ctx, tx, *sub, d, said)
	if err != nil || why == "" {
		return "", err
	}
	return why, tx.Suppress(ctx, r.Hasher.Address(store.AddressKey(sub.Email)), why)
}

// endSuppressed ends the subscriptions of addresses that are suppressed now, by
// address and reason.
func (r *Road) endSuppressed(ctx context.Context, addresses map[string]string) {
	for email, why := range addresses {
		if err := r.Suppress(ctx, email, why, ByWorker); err != nil {
			r.Log.WarnContext(ctx, "subscriptions of a suppressed address end with their next mail", slog.Any("error", err))
		}
	}
}

// KindLift is the event of a suppression that an operator lifted.
const KindLift = "lift"

// Lift takes an address off the suppression list and forgets what was said against
// it; false when it was not on the list. Its subscriptions stay ended: the letters
// begin again by a new sign-up.
func (r *Road) Lift(ctx context.Context, email string, by Actor) (bool, error) {
	var lifted bool
	err := r.Store.InTx(ctx, r.Now(), func(tx *store.Tx) error {
		hash := r.Hasher.Address(store.AddressKey(email))
		var err error
		if lifted, err = tx.Unsuppress(ctx, hash); err != nil || !lifted {
			return err
		}
		if err := tx.ForgiveBounces(ctx, hash); err != nil {
			return err
		}
		person, err := tx.LockSubscriber(ctx, email)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		subs, err := tx.SubscriptionsOf(ctx, person.ID)
		if err != nil {
			return err
		}
		var events []store.Event
		for _, s := range subs {
			if s.State.Status == pacing.Suppressed {
				events = append(events, store.Event{SubscriptionID: s.ID, Actor: string(by), Kind: KindLift,
					From: string(s.State.Status), To: string(s.State.Status), Why: "the address may get letters again, after a new sign-up"})
			}
		}
		return tx.AddEvents(ctx, events)
	})
	return lifted, err
}
