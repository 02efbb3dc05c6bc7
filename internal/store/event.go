package store

import (
	"context"
	"time"

	"github.com/lib/pq"
)

// Event is one transition in a subscription's story: who or what, when, from,
// to, why. It holds intents, never prose.
type Event struct {
	ID             int64      `db:"id"`
	SubscriptionID int64      `db:"subscription_id"`
	DeliveryID     *int64     `db:"delivery_id"`
	At             time.Time  `db:"at"` // zero for the transaction's now, when adding
	Actor          string     `db:"actor"`
	Kind           string     `db:"kind"`
	Effect         string     `db:"effect"`
	From           string     `db:"from_status"`
	To             string     `db:"to_status"`
	DueAt          *time.Time `db:"due_at"` // what it made due, if anything
	Why            string     `db:"why"`
}

// AddEvents appends to the story; what has no At happened at Now.
func (t *Tx) AddEvents(ctx context.Context, all []Event) error {
	if len(all) == 0 {
		return nil
	}
	n := len(all)
	subs, deliveries := make([]int64, n), make([]*int64, n)
	due, at := make([]*time.Time, n), make([]*time.Time, n)
	actors, kinds, effects := make([]string, n), make([]string, n), make([]string, n)
	froms, tos, whys := make([]string, n), make([]string, n), make([]string, n)
	for i, e := range all {
		subs[i], deliveries[i], due[i], at[i] = e.SubscriptionID, e.DeliveryID, e.DueAt, nullTime(e.At)
		actors[i], kinds[i], effects[i] = e.Actor, e.Kind, e.Effect
		froms[i], tos[i], whys[i] = e.From, e.To, e.Why
	}
	_, err := t.tx.ExecContext(ctx, `
		INSERT INTO events (subscription_id, delivery_id, at, actor, kind, effect, from_status, to_status, due_at, why)
		SELECT u.sub, u.delivery, coalesce(u.at, $1), u.actor, u.kind, u.effect, u.from_status, u.to_status, u.due, u.why
		FROM UNNEST($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::text[], $11::timestamptz[])
			AS u (sub, delivery, actor, kind, effect, from_status, to_status, due, why, at)`,
		t.Now, pq.Array(subs), pq.Array(deliveries), pq.Array(actors), pq.Array(kinds), pq.Array(effects),
		pq.Array(froms), pq.Array(tos), times(due), pq.Array(whys), times(at))
	return wrap("add events", err)
}

// EventsOf tells a subscription's story in order.
func (r Reader) EventsOf(ctx context.Context, subscriptionID int64) ([]Event, error) {
	var all []Event
	err := r.q.SelectContext(ctx, &all, `
		SELECT id, subscription_id, delivery_id, at, actor, kind, effect, from_status, to_status, due_at, why
		FROM events WHERE subscription_id = $1 ORDER BY id`, subscriptionID)
	return all, wrap("events", err)
}

// Consent is what somebody agreed to: which text, when and how.
type Consent struct {
	Kind        string    `db:"kind"`
	TextVersion string    `db:"text_version"`
	How         string    `db:"how"`
	At          time.Time `db:"at"`
}

// AddConsent keeps the proof of a consent.
func (t *Tx) AddConsent(ctx context.Context, subscriptionID int64, c Consent) error {
	_, err := t.tx.ExecContext(ctx, `
		INSERT INTO consents (subscription_id, kind, text_version, how, at) VALUES ($1, $2, $3, $4, $5)`,
		subscriptionID, c.Kind, c.TextVersion, c.How, t.Now)
	return wrap("add consent", err)
}

// ConsentsOf lists the proofs of consent of a subscription.
func (r Reader) ConsentsOf(ctx context.Context, subscriptionID int64) ([]Consent, error) {
	var all []Consent
	err := r.q.SelectContext(ctx, &all, `
		SELECT kind, text_version, how, at FROM consents WHERE subscription_id = $1 ORDER BY id`, subscriptionID)
	return all, wrap("consents", err)
}
