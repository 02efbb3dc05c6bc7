package journey

import (
	"context"
	"errors"

	"longroad/internal/inbound"
	"longroad/internal/inbound/report"
	"longroad/internal/store"
	"longroad/internal/token"
)

// A mail is matched with the mail of ours that it belongs to by the signed address
// that it came to, then by the Message-IDs that it says it answers, then by who
// sent it, where our own mail server vouches for that. Never by its subject. An
// address or a Message-ID of ours proves that its sender has had that mail; a
// report needs such a proof, for anybody can send one about anybody.
//
// Not every proof is worth the same. Whoever gets a forwarded letter has its
// Message-ID, whoever gets a copy of an answer has the address for answers. The
// address for reports stands in the envelope alone: only a mail server that was
// handed the mail has it, and whoever can open the mailbox.

// proof is how surely the sender of a mail has had the mail that it is about.
type proof int

const (
	unproven   proof = iota
	mentioned        // it names our mail: by its Message-ID, or by the address for answers
	returnedBy       // it knows the address for reports
)

// match is what a mail belongs to.
type match struct {
	about *store.Delivery // nil where nothing tells
	proof proof
}

// matched finds the mail of ours that a mail belongs to.
func (r *Road) matched(ctx context.Context, tx *store.Tx, row store.Arrival, to string, raw []byte) (match, error) {
	if row.DeliveryID != nil {
		d, err := tx.Delivery(ctx, *row.DeliveryID)
		if err == nil || !errors.Is(err, ErrNotFound) {
			_, purpose, _ := r.addressed(to)
			return match{&d, proofOf(purpose)}, err
		}
	}
	m, err := r.proven(ctx, tx.Reader, inbound.Recipients(raw), inbound.Answered(raw))
	if err != nil || m.about != nil {
		return m, err
	}
	if !vouched(row.Way) {
		return match{}, nil
	}
	d, err := r.sentBy(ctx, tx.Reader, inbound.Authenticated(raw, r.AuthServID, row.Way == "smtp" || row.Way == "lmtp"))
	return match{about: d}, err
}

// vouched tells the ways on which the operator's own mail server, whose
// Authentication-Results are believed, comes last. A provider that posts mails
// passes on what a stranger wrote under that server's name.
func vouched(way string) bool {
	switch way {
	case "smtp", "lmtp", "imap":
		return true
	}
	return false
}

func proofOf(purpose token.Purpose) proof {
	if purpose == token.Bounce {
		return returnedBy
	}
	return mentioned
}

// matchedReport is matched for a report, which may have a better proof inside.
func (r *Road) matchedReport(ctx context.Context, tx *store.Tx, m match, o report.Original) (match, error) {
	if m.proof == returnedBy {
		return m, nil
	}
	inside, err := r.proven(ctx, tx.Reader, o.Senders, o.MessageIDs)
	if err != nil || inside.proof > m.proof {
		return inside, err
	}
	if m.proof == unproven {
		return match{}, nil // who sent a report says nothing of whom it is about
	}
	return m, nil
}

// proven finds the first of our mails that an address or a Message-ID belongs to:
// an address for reports, then one for answers, then a Message-ID.
func (r *Road) proven(ctx context.Context, from store.Reader, addresses, ids []string) (match, error) {
	for _, wanted := range []proof{returnedBy, mentioned} {
		for _, address := range addresses {
			ref, purpose, ok := r.addressed(address)
			if !ok || proofOf(purpose) != wanted {
				continue
			}
			if d, err := found(from.DeliveryByRef(ctx, ref)); d != nil || err != nil {
				return match{d, wanted}, err
			}
		}
	}
	for i, id := range ids {
		if i == mostMessageIDs {
			break
		}
		if d, err := found(from.DeliveryByMessageID(ctx, id)); d != nil || err != nil {
			return match{d, mentioned}, err
		}
	}
	return match{}, nil
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
