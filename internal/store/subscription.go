package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"longroad/internal/course"
	"longroad/internal/pacing"
	"longroad/internal/token"
)

// ErrOnTheWay means that the person already has a subscription to that course
// that has not ended.
var ErrOnTheWay = errors.New("already on the way through this course")

// Subscription is a person's way through one track of one course.
type Subscription struct {
	ID           int64
	Ref          token.Ref
	SubscriberID int64
	Email        string // the subscriber's; read only
	Course       string
	Track        string
	Version      string // hash of the course version that it is pinned to

	Name     string
	Language string
	TimeZone string // IANA
	SendHour *int   // minutes after midnight
	Country  string
	Safe     string
	Mailbox  string
	// CrisisMail is what may come by mail when a reply tells of danger: CrisisFull,
	// CrisisLink or CrisisNone. "" is kept as CrisisFull.
	CrisisMail string

	State pacing.State // with Status, DueAt and Reader filled in
	// Fault says why the row cannot be followed (a zone that is not known, a state
	// that does not parse); nil otherwise. Saving it then changes only its status
	// and its times.
	Fault error

	CreatedAt   time.Time
	ConfirmedAt time.Time // zero before
	EndedAt     time.Time // zero before
}

// What may come by mail when a reply tells of danger.
const (
	CrisisFull = "full" // the help lines themselves
	CrisisLink = "link" // a link to them
	CrisisNone = "none" // nothing about violence or fear; a link otherwise
)

// crisisMail is the choice as it is kept.
func (s Subscription) crisisMail() string { return cmp.Or(s.CrisisMail, CrisisFull) }

// Solo reports whether the reader's last answer to a safety question was another
// than yes: letters then leave out what is done together with the partner.
func (s Subscription) Solo() bool {
	switch course.Answer(s.Safe) {
	case course.AnswerNo, course.AnswerUnsure, course.AnswerAlone:
		return true
	}
	return false
}

const subscriptionColumns = `
	s.id, s.ref, s.subscriber_id, b.email, s.course, s.track, s.version,
	s.name, s.language, s.time_zone, s.send_hour, s.days, s.dark::text[] AS dark, s.country, s.safe, s.mailbox, s.crisis_mail,
	s.status, s.pacing, s.next_due_at, s.created_at, s.confirmed_at, s.ended_at`

// AddSubscription stores a new subscription and fills in its ID and Ref. It
// answers ErrOnTheWay where the person has one in that course.
func (t *Tx) AddSubscription(ctx context.Context, s *Subscription) error {
	state, err := json.Marshal(s.State)
	if err != nil {
		return wrap("add subscription", err)
	}
	s.Ref, s.CreatedAt = token.NewRef(), t.Now
	err = t.tx.GetContext(ctx, &s.ID, `
		INSERT INTO subscriptions (ref, subscriber_id, course, track, version, name, language, time_zone,
			send_hour, country, safe, mailbox, crisis_mail, status, pacing, next_due_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
		ON CONFLICT (subscriber_id, course) WHERE status NOT IN ('completed', 'stopped', 'suppressed') DO NOTHING
		RETURNING id`,
		s.Ref[:], s.SubscriberID, s.Course, s.Track, s.Version, s.Name, s.Language, s.TimeZone,
		s.SendHour, s.Country, s.Safe, s.Mailbox, s.crisisMail(), s.State.Status, string(state), nullTime(s.State.DueAt), t.Now)
	if err = one("add subscription", err); errors.Is(err, ErrNotFound) {
		return ErrOnTheWay
	}
	return err
}

// LockSubscriptions gives the subscriptions and locks their rows, in the order
// of their ids, so that two transactions never wait for each other.
func (t *Tx) LockSubscriptions(ctx context.Context, ids []int64) ([]Subscription, error) {
	var rows []subscriptionRow
	err := t.tx.SelectContext(ctx, &rows, `
		SELECT `+subscriptionColumns+`
		FROM subscriptions s JOIN subscribers b ON b.id = s.subscriber_id
		WHERE s.id = ANY($1) ORDER BY s.id FOR NO KEY UPDATE OF s`, pq.Array(ids))
	if err != nil {
		return nil, wrap("lock subscriptions", err)
	}
	return subscriptionsOf(rows), nil
}

// LockSubscription gives one subscription and locks its row.
func (t *Tx) LockSubscription(ctx context.Context, id int64) (Subscription, error) {
	subs, err := t.LockSubscriptions(ctx, []int64{id})
	if err != nil {
		return Subscription{}, err
	}
	if len(subs) == 0 {
		return Subscription{}, fmt.Errorf("subscription: %w", ErrNotFound)
	}
	return subs[0], nil
}

// LockDue gives up to limit subscriptions whose due time has come, the longest
// overdue first, and locks their rows; rows that somebody else holds are left.
func (t *Tx) LockDue(ctx context.Context, limit int) ([]Subscription, error) {
	var rows []subscriptionRow
	err := t.tx.SelectContext(ctx, &rows, `
		SELECT `+subscriptionColumns+`
		FROM subscriptions s JOIN subscribers b ON b.id = s.subscriber_id
		WHERE s.next_due_at <= $1 ORDER BY s.next_due_at LIMIT $2
		FOR NO KEY UPDATE OF s SKIP LOCKED`, t.Now, limit)
	if err != nil {
		return nil, wrap("lock due subscriptions", err)
	}
	return subscriptionsOf(rows), nil
}

// SaveSubscriptions writes state, status, due time and the moments that hang on
// them, of rows that the transaction has locked.
func (t *Tx) SaveSubscriptions(ctx context.Context, subs []Subscription) error {
	if len(subs) == 0 {
		return nil
	}
	n := len(subs)
	ids, statuses, states := make([]int64, n), make([]string, n), make([]*string, n)
	due, confirmed, ended := make([]*time.Time, n), make([]*time.Time, n), make([]*time.Time, n)
	for i, s := range subs {
		ids[i], statuses[i] = s.ID, string(s.State.Status)
		if s.Fault == nil {
			state, err := json.Marshal(s.State)
			if err != nil {
				return wrap("save subscriptions", err)
			}
			text := string(state)
			states[i] = &text
		}
		due[i], confirmed[i], ended[i] = nullTime(s.State.DueAt), nullTime(s.ConfirmedAt), nullTime(s.EndedAt)
	}
	_, err := t.tx.ExecContext(ctx, `
		UPDATE subscriptions s
		SET status = u.status, pacing = coalesce(u.pacing::jsonb, s.pacing), next_due_at = u.due,
			confirmed_at = u.confirmed, ended_at = u.ended
		FROM UNNEST($1::bigint[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[])
			AS u (id, status, pacing, due, confirmed, ended)
		WHERE s.id = u.id`,
		pq.Array(ids), pq.Array(statuses), pq.Array(states), times(due), times(confirmed), times(ended))
	if e := pq.As(err, pqerror.UniqueViolation); e != nil && e.Constraint == "subscriptions_one" {
		return ErrOnTheWay
	}
	return wrap("save subscriptions", err)
}

// DueAgain makes those of the subscriptions due now whom none of the newly owed
// deliveries belongs to: the ledger had what they were to be owed already.
func (t *Tx) DueAgain(ctx context.Context, ids, owed []int64) error {
	_, err := t.tx.ExecContext(ctx, `
		UPDATE subscriptions s SET next_due_at = $3
		WHERE s.id = ANY($1) AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.subscription_id = s.id AND d.id = ANY($2))`,
		pq.Array(ids), pq.Array(owed), t.Now)
	return wrap("due again", err)
}

// LockOpenSubscription gives a person's subscription to a course that has not
// ended and locks its row.
func (t *Tx) LockOpenSubscription(ctx context.Context, subscriberID int64, course string) (Subscription, error) {
	var id int64
	err := t.tx.GetContext(ctx, &id, `
		SELECT id FROM subscriptions
		WHERE subscriber_id = $1 AND course = $2 AND status NOT IN ('completed', 'stopped', 'suppressed')`, subscriberID, course)
	if err := one("subscription", err); err != nil {
		return Subscription{}, err
	}
	return t.LockSubscription(ctx, id)
}

// ToStop lists what a stop of one subscription ends, in the order of the ids:
// itself, and the person's running one in the same course, since whoever finds
// an old stop link wants no more letters.
func (r Reader) ToStop(ctx context.Context, id int64) ([]int64, error) {
	var ids []int64
	err := r.q.SelectContext(ctx, &ids, `
		SELECT o.id FROM subscriptions s JOIN subscriptions o ON o.subscriber_id = s.subscriber_id AND o.course = s.course
		WHERE s.id = $1 AND (o.id = s.id OR o.status NOT IN ('pending', 'completed', 'stopped', 'suppressed'))
		ORDER BY o.id`, id)
	return ids, wrap("subscriptions to stop", err)
}

// LastStopped gives the subscription of the same person and course that was
// stopped last; the given one when none was.
func (r Reader) LastStopped(ctx context.Context, id int64) (int64, error) {
	var last int64
	err := r.q.GetContext(ctx, &last, `
		SELECT o.id FROM subscriptions s JOIN subscriptions o ON o.subscriber_id = s.subscriber_id AND o.course = s.course
		WHERE s.id = $1 AND (o.id = s.id OR o.status = 'stopped')
		ORDER BY (o.status = 'stopped') DESC, o.ended_at DESC NULLS LAST, o.id DESC LIMIT 1`, id)
	return last, one("subscription", err)
}

// OnTheWay reports whether a person has a subscription to a course that has not
// ended.
func (r Reader) OnTheWay(ctx context.Context, subscriberID int64, course string) (bool, error) {
	var found bool
	err := r.q.GetContext(ctx, &found, `
		SELECT EXISTS (SELECT 1 FROM subscriptions
			WHERE subscriber_id = $1 AND course = $2 AND status NOT IN ('completed', 'stopped', 'suppressed'))`, subscriberID, course)
	return found, wrap("subscription", err)
}

// SetSafe keeps a reader's answer to the safety question: yes, no, unsure or alone.
func (t *Tx) SetSafe(ctx context.Context, subscriptionID int64, answer string) error {
	_, err := t.tx.ExecContext(ctx, `UPDATE subscriptions SET safe = $2 WHERE id = $1`, subscriptionID, answer)
	return wrap("set safe", err)
}

// Repin moves a subscription to another version of its course.
func (t *Tx) Repin(ctx context.Context, id int64, version string) error {
	_, err := t.tx.ExecContext(ctx, `UPDATE subscriptions SET version = $2 WHERE id = $1`, id, version)
	return wrap("repin subscription", err)
}

// Subscription finds a subscription by its id.
func (r Reader) Subscription(ctx context.Context, id int64) (Subscription, error) {
	return r.subscription(ctx, `s.id = $1`, id)
}

// SubscriptionByRef finds a subscription by its public name.
func (r Reader) SubscriptionByRef(ctx context.Context, ref token.Ref) (Subscription, error) {
	return r.subscription(ctx, `s.ref = $1`, ref[:])
}

func (r Reader) subscription(ctx context.Context, where string, arg any) (Subscription, error) {
	var row subscriptionRow
	err := r.q.GetContext(ctx, &row, `
		SELECT `+subscriptionColumns+`
		FROM subscriptions s JOIN subscribers b ON b.id = s.subscriber_id WHERE `+where, arg)
	if err := one("subscription", err); err != nil {
		return Subscription{}, err
	}
	return row.subscription(), nil
}

// SubscriptionsOf lists a person's subscriptions, the oldest first.
func (r Reader) SubscriptionsOf(ctx context.Context, subscriberID int64) ([]Subscription, error) {
	var rows []subscriptionRow
	err := r.q.SelectContext(ctx, &rows, `
		SELECT `+subscriptionColumns+`
		FROM subscriptions s JOIN subscribers b ON b.id = s.subscriber_id
		WHERE s.subscriber_id = $1 ORDER BY s.id`, subscriberID)
	if err != nil {
		return nil, wrap("subscriptions", err)
	}
	return subscriptionsOf(rows), nil
}

// SubscriptionIDsOf lists the ids of a person's subscriptions.
func (t *Tx) SubscriptionIDsOf(ctx context.Context, subscriberID int64) ([]int64, error) {
	var ids []int64
	err := t.tx.SelectContext(ctx, &ids, `SELECT id FROM subscriptions WHERE subscriber_id = $1 ORDER BY id`, subscriberID)
	return ids, wrap("subscriptions", err)
}
