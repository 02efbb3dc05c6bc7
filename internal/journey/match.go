package journey

import (
	"context"
	"errors"

	"longroad/internal/inbound"
	"longroad/internal/inbound/report"
	"longroad/internal/store"
)

// A mail is matched with the mail of ours that it belongs to by the signed address
// that it came to, then by the Message-IDs that it says it answers, then by who
// sent it, where our own mail server vouches for that. Never by its subject. An
// address or a Message-ID of ours proves that its sender has had that mail; a
// report needs such a proof, for anybody can send one about anybody.

// match is what a mail belongs to.
type match struct {
	about *store.Delivery // nil where nothing tells
	proof bool            // its sender has had that mail
}

// matched finds the mail of ours that a mail belongs to.
func (r *Road) matched(ctx context.Context, tx *store.Tx, row store.Arrival, raw []byte) (match, error) {
	if row.DeliveryID != nil {
		d, err := tx.Delivery(ctx, *row.DeliveryID)
		if err == nil || !errors.Is(err, ErrNotFound) {
			return match{&d, true}, err
		}
	}
	d, err := r.proven(ctx, tx.Reader, inbound.Recipients(raw), inbound.Answered(raw))
	if err != nil || d != nil {
		return match{d, true}, err
	}
	d, err = r.sentBy(ctx, tx.Reader, inbound.Authenticated(raw, r.AuthServID, row.Way == "smtp" || row.Way == "lmtp"))
	return match{d, false}, err
}

// matchedReport is matched for a report, which may have its proof inside.
func (r *Road) matchedReport(ctx context.Context, tx *store.Tx, m match, o report.Original) (match, error) {
	if m.about != nil && m.proof {
		return m, nil
	}
	d, err := r.proven(ctx, tx.Reader, o.Senders, o.MessageIDs)
	return match{d, d != nil}, err
}

// proven finds the first of our mails that an address or a Message-ID belongs to.
func (r *Road) proven(ctx context.Context, from store.Reader, addresses, ids []string) (*store.Delivery, error) {
	for _, address := range addresses {
		if ref, _, ok := r.addressed(address); ok {
			if d, err := found(from.DeliveryByRef(ctx, ref)); d != nil || err != nil {
				return d, err
			}
		}
	}
	for i, id := range ids {
		if i == mostMessageIDs {
			break
		}
		if d, err := found(from.DeliveryByMessageID(ctx, id)); d != nil || err != nil {
			return d, err
		}
	}
	return nil, nil
}

// mostMessageIDs bounds how many Message-IDs of one mail are looked up.
const mostMessageIDs = 50

// sentBy finds the letter in hand of the person with that address, if they are on
// one way only: of two it could be either.
func (r *Road) sentBy(ctx context.Context, from store.Reader, address string) (*store.Delivery, error) {
	if address == "" {
		return nil, nil
	}
	person, err := from.SubscriberByAddress(ctx, address)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	subs, err := from.SubscriptionsOf(ctx, person.ID)
	if err != nil {
		return nil, err
	}
	var running []store.Subscription
	for _, s := range subs {
		if !s.State.Status.Ended() {
			running = append(running, s)
		}
	}
	if len(running) != 1 {
		return nil, nil
	}
	sub := running[0]
	if sub.State.Lesson != "" {
		d, err := found(from.LastOf(ctx, sub.ID, "lesson/"+sub.State.Lesson))
		if err != nil || d != nil && d.Attempt > 0 {
			return d, err
		}
	}
	return found(from.LastTried(ctx, sub.ID))
}

// found turns ErrNotFound into nil.
func found(d store.Delivery, err error) (*store.Delivery, error) {
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &d, nil
}

// addressee is the delivery that the address to was made for; nil for none.
func (r *Road) addressee(ctx context.Context, to string) (*int64, error) {
	ref, _, ok := r.addressed(to)
	if !ok {
		return nil, nil
	}
	d, err := found(r.Store.DeliveryByRef(ctx, ref))
	if d == nil {
		return nil, err
	}
	return &d.ID, nil
}
