package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/lib/pq"

	"longroad/internal/pacing"
	"longroad/internal/token"
)

// Many people at once: each of these costs one statement for a whole batch.

// Met is a subscription by which an address is known in a course already.
type Met struct {
	AddressKey string
	Status     pacing.Status
	CreatedAt  time.Time
	EndedAt    time.Time // zero before
}

// MetInCourse lists the last subscriptions to a course of those addresses, given
// as AddressKey makes them.
func (r Reader) MetInCourse(ctx context.Context, course string, keys []string) ([]Met, error) {
	var rows []struct {
		Key       string     `db:"email_key"`
		Status    string     `db:"status"`
		CreatedAt time.Time  `db:"created_at"`
		EndedAt   *time.Time `db:"ended_at"`
	}
	// The limit makes it look up each address by itself. While tables grow faster
	// than their statistics, a plain join would read all of them for every batch.
	err := r.q.SelectContext(ctx, &rows, `
		SELECT k.key AS email_key, m.status, m.created_at, m.ended_at
		FROM UNNEST($1::text[]) AS k (key)
		CROSS JOIN LATERAL (SELECT s.id, s.status, s.created_at, s.ended_at
			FROM subscribers b JOIN subscriptions s ON s.subscriber_id = b.id
			WHERE b.email_key = k.key AND s.course = $2 ORDER BY s.id DESC LIMIT 20) m
		ORDER BY m.id`, pq.Array(keys), course)
	all := make([]Met, len(rows))
	for i, r := range rows {
		all[i] = Met{AddressKey: r.Key, Status: pacing.Status(r.Status), CreatedAt: r.CreatedAt.UTC(), EndedAt: utc(r.EndedAt)}
	}
	return all, wrap("known addresses", err)
}

// FindOrAddSubscribers gives the ids of the people with those addresses, in
// their order, and locks the rows. No address may come twice; two transactions
// that bring the same ones need the same order, by AddressKey.
func (t *Tx) FindOrAddSubscribers(ctx context.Context, emails []string) ([]int64, error) {
	refs, keys := make([][]byte, len(emails)), make([]string, len(emails))
	for i, email := range emails {
		ref := token.NewRef()
		refs[i], keys[i] = ref[:], AddressKey(email)
	}
	var rows []struct {
		ID  int64  `db:"id"`
		Key string `db:"email_key"`
	}
	// The update changes nothing: it locks the row of somebody who is known.
	err := t.tx.SelectContext(ctx, &rows, `
		INSERT INTO subscribers (ref, email, email_key, created_at)
		SELECT u.ref, u.email, u.key, $1 FROM UNNEST($2::bytea[], $3::text[], $4::text[]) AS u (ref, email, key)
		ON CONFLICT ON CONSTRAINT subscribers_email DO UPDATE SET email_key = excluded.email_key
		RETURNING id, email_key`, t.Now, byteas(refs), pq.Array(emails), pq.Array(keys))
	if err != nil {
		return nil, wrap("add subscribers", err)
	}
	byKey := make(map[string]int64, len(rows))
	for _, r := range rows {
		byKey[r.Key] = r.ID
	}
	ids := make([]int64, len(keys))
	for i, key := range keys {
		ids[i] = byKey[key]
	}
	return ids, nil
}

// AddSubscriptions stores new subscriptions, confirmed ones too, and fills in
// their ID and Ref. One whose person is on the way through that course already
// is not stored and keeps ID 0.
func (t *Tx) AddSubscriptions(ctx context.Context, subs []Subscription) error {
	n := len(subs)
	refs, people, hours := make([][]byte, n), make([]int64, n), make([]*int64, n)
	texts := make([][]string, 12) // a column each
	for c := range texts {
		texts[c] = make([]string, n)
	}
	due, confirmed := make([]*time.Time, n), make([]*time.Time, n)
	at := make(map[int64]int, n)
	for i := range subs {
		s := &subs[i]
		state, err := json.Marshal(s.State)
		if err != nil {
			return wrap("add subscriptions", err)
		}
		ref := token.NewRef()
		s.Ref, s.CreatedAt, at[s.SubscriberID] = ref, t.Now, i
		refs[i], people[i] = ref[:], s.SubscriberID
		for c, text := range []string{s.Course, s.Track, s.Version, s.Name, s.Language, s.TimeZone, s.Country, s.Safe, s.Mailbox,
			s.crisisMail(), string(s.State.Status), string(state)} {
			texts[c][i] = text
		}
		if s.SendHour != nil {
			minutes := int64(*s.SendHour)
			hours[i] = &minutes
		}
		due[i], confirmed[i] = nullTime(s.State.DueAt), nullTime(s.ConfirmedAt)
	}
	args := []any{t.Now, byteas(refs), pq.Array(people), pq.Array(hours), times(due), times(confirmed)}
	for _, column := range texts {
		args = append(args, pq.Array(column))
	}
	var rows []struct {
		ID     int64 `db:"id"`
		Person int64 `db:"subscriber_id"`
	}
	err := t.tx.SelectContext(ctx, &rows, `
		INSERT INTO subscriptions (ref, subscriber_id, send_hour, next_due_at, confirmed_at, course, track, version, name, language,
			time_zone, country, safe, mailbox, crisis_mail, status, pacing, created_at)
		SELECT u.ref, u.person, u.hour, u.due, u.confirmed, u.course, u.track, u.version, u.name, u.language,
			u.zone, u.country, u.safe, u.mailbox, u.crisis, u.status, u.pacing::jsonb, $1
		FROM UNNEST($2::bytea[], $3::bigint[], $4::smallint[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[], $9::text[],
			$10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[])
			AS u (ref, person, hour, due, confirmed, course, track, version, name, language, zone, country, safe, mailbox, crisis, status, pacing)
		ON CONFLICT (subscriber_id, course) WHERE status NOT IN ('completed', 'stopped', 'suppressed') DO NOTHING
		RETURNING id, subscriber_id`, args...)
	for _, r := range rows {
		subs[at[r.Person]].ID = r.ID
	}
	return wrap("add subscriptions", err)
}

// AddConsents keeps a proof of consent for each of the subscriptions, in the
// same order, with the moment at which it was given.
func (t *Tx) AddConsents(ctx context.Context, subscriptionIDs []int64, all []Consent) error {
	n := len(all)
	kinds, texts, hows, at := make([]string, n), make([]string, n), make([]string, n), make([]*time.Time, n)
	for i, c := range all {
		kinds[i], texts[i], hows[i], at[i] = c.Kind, plain(c.TextVersion), c.How, nullTime(c.At)
	}
	_, err := t.tx.ExecContext(ctx, `
		INSERT INTO consents (subscription_id, kind, text_version, how, at)
		SELECT u.sub, u.kind, u.text, u.how, u.at
		FROM UNNEST($1::bigint[], $2::text[], $3::text[], $4::text[], $5::timestamptz[]) AS u (sub, kind, text, how, at)`,
		pq.Array(subscriptionIDs), pq.Array(kinds), pq.Array(texts), pq.Array(hows), times(at))
	return wrap("add consents", err)
}
