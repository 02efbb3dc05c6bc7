package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"longroad/internal/token"
)

// Subscriber is a person, by address.
type Subscriber struct {
	ID        int64
	Ref       token.Ref
	Email     string
	CreatedAt time.Time
}

// AddressKey normalises an address for comparing: white space off, lower case.
// Nothing else is folded, since dots and plus signs mean different mailboxes
// at most providers.
func AddressKey(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// FindOrAddSubscriber gives the person with that address and locks the row, so
// that two sign-ups of one address come one after the other.
func (t *Tx) FindOrAddSubscriber(ctx context.Context, email string) (Subscriber, error) {
	ref := token.NewRef()
	_, err := t.tx.ExecContext(ctx, `
		INSERT INTO subscribers (ref, email, email_key, created_at)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT ON CONSTRAINT subscribers_email DO NOTHING`,
		ref[:], strings.TrimSpace(email), AddressKey(email), t.Now)
	if err != nil {
		return Subscriber{}, wrap("add subscriber", err)
	}
	return t.LockSubscriber(ctx, email)
}

// LockSubscriber gives the person with that address and locks the row.
func (t *Tx) LockSubscriber(ctx context.Context, email string) (Subscriber, error) {
	row := subscriberRow{}
	err := t.tx.GetContext(ctx, &row, `
		SELECT id, ref, email, created_at FROM subscribers WHERE email_key = $1 FOR UPDATE`, AddressKey(email))
	return row.subscriber(), one("subscriber", err)
}

// SubscriberByAddress finds a person by address.
func (r Reader) SubscriberByAddress(ctx context.Context, email string) (Subscriber, error) {
	if !isText(email) { // a stranger may have written it
		return Subscriber{}, fmt.Errorf("subscriber: %w", ErrNotFound)
	}
	row := subscriberRow{}
	err := r.q.GetContext(ctx, &row, `
		SELECT id, ref, email, created_at FROM subscribers WHERE email_key = $1`, AddressKey(email))
	return row.subscriber(), one("subscriber", err)
}

// SubscriberByRef finds a person by the id that commands and logs show.
func (r Reader) SubscriberByRef(ctx context.Context, ref token.Ref) (Subscriber, error) {
	row := subscriberRow{}
	err := r.q.GetContext(ctx, &row, `
		SELECT id, ref, email, created_at FROM subscribers WHERE ref = $1`, ref[:])
	return row.subscriber(), one("subscriber", err)
}

type subscriberRow struct {
	ID        int64     `db:"id"`
	Ref       []byte    `db:"ref"`
	Email     string    `db:"email"`
	CreatedAt time.Time `db:"created_at"`
}

func (r subscriberRow) subscriber() Subscriber {
	return Subscriber{ID: r.ID, Ref: refOf(r.Ref), Email: r.Email, CreatedAt: r.CreatedAt.UTC()}
}

func refOf(b []byte) token.Ref {
	var ref token.Ref
	copy(ref[:], b)
	return ref
}
