package store

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lib/pq"

	"longroad/internal/pacing"
	"longroad/internal/token"
)

// DeliveryState is where a delivery stands in the ledger:
//
//	owed -> attempting -> sent
//	            |-> retry ----> attempting
//	            |-> unknown --> attempting (once more, with the same Message-ID)
//	            |-> given-up
//	owed, retry, unknown -> cancelled -> owed (claimed anew)
type DeliveryState string

// The states.
const (
	Owed       DeliveryState = "owed"
	Attempting DeliveryState = "attempting"
	Sent       DeliveryState = "sent"
	Retry      DeliveryState = "retry"
	Unknown    DeliveryState = "unknown"
	Cancelled  DeliveryState = "cancelled"
	GivenUp    DeliveryState = "given-up"
)

// Queue is the lane that a delivery goes in.
type Queue string

// The lanes: a confirmation never waits behind lessons.
const (
	QueueAccount   Queue = "account"
	QueueReminders Queue = "reminders"
	QueueLessons   Queue = "lessons"
)

// The kinds of the mails that are about a subscription itself, and none of those
// on its way. Their steps are named by the kind alone, or begin with it and a
// slash where there can be several: receipt/<ref of the arrival>.
const (
	ConfirmStep = "confirm" // asks to confirm
	ChoiceStep  = "choice"  // asks which letters shall come
	ReceiptStep = "receipt" // answers a reply
	// ResourcesStep shows help lines after a reply that tells of danger; the ref is
	// that of the alert.
	ResourcesStep = "resources"
)

var accountKinds = []string{ConfirmStep, ChoiceStep, ReceiptStep, ResourcesStep}

// Delivery is one mail that we owe or have sent.
type Delivery struct {
	ID             int64
	Ref            token.Ref
	SubscriptionID int64
	Step           string
	Occasion       int
	Mail           pacing.Mail // zero where Account is true; of a receipt and of help lines, the letter that it is about
	Version        string
	Queue          Queue
	MessageID      string
	Thread         string // Message-ID of the lesson that it belongs under, or ""

	State         DeliveryState
	OwedAt        time.Time
	DueAt         time.Time
	NextAttemptAt time.Time
	Attempt       int // number of the last attempt, from 1
	Failures      int // attempts in a row that the server refused for now
	SentAt        time.Time
	EndedAt       time.Time
}

// Kind is what the mail is: a pacing.Kind, or where Account is true one of the
// kinds above.
func (d Delivery) Kind() string {
	kind, _, _ := strings.Cut(d.Step, "/")
	return kind
}

// Account reports whether the mail is about the subscription itself: pacing knows
// nothing of it.
func (d Delivery) Account() bool { return slices.Contains(accountKinds, d.Kind()) }

const deliveryColumns = `
	d.id, d.ref, d.subscription_id, d.step, d.occasion, d.kind, d.lesson, d.n, d.version, d.queue,
	d.message_id, d.thread, d.state, d.owed_at, d.due_at, d.next_attempt_at, d.attempt, d.failures,
	d.sent_at, d.ended_at`

// Owe writes deliveries into the ledger and returns the ids of those that are
// owed by it now. A step is owed once an occasion, whoever asks: one that is
// there already stays as it is, unless it had been cancelled, which makes it owed
// again under its own Message-ID. Domain is the right side of Message-IDs.
func (t *Tx) Owe(ctx context.Context, domain string, all []Delivery) ([]int64, error) {
	if len(all) == 0 {
		return nil, nil
	}
	n := len(all)
	refs, subs, occasions, ns := make([][]byte, n), make([]int64, n), make([]int64, n), make([]int64, n)
	steps, kinds, lessons := make([]string, n), make([]string, n), make([]string, n)
	versions, queues, messages, due := make([]string, n), make([]string, n), make([]string, n), make([]*time.Time, n)
	for i, d := range all {
		ref := token.NewRef()
		refs[i], messages[i] = ref[:], messageID(ref, domain)
		subs[i], steps[i], occasions[i] = d.SubscriptionID, d.Step, int64(d.Occasion)
		kinds[i], lessons[i], ns[i] = string(d.Mail.Kind), d.Mail.Lesson, int64(d.Mail.N)
		if d.Mail.Kind == "" {
			kinds[i] = d.Kind()
		}
		versions[i], queues[i], due[i] = d.Version, string(d.Queue), nullTime(d.DueAt)
	}
	var ids []int64
	err := t.tx.SelectContext(ctx, &ids, `
		INSERT INTO deliveries (ref, subscription_id, step, occasion, kind, lesson, n, version, queue,
			message_id, thread, state, owed_at, due_at, next_attempt_at)
		SELECT u.ref, u.sub, u.step, u.occasion, u.kind, u.lesson, u.n, u.version, u.queue, u.message,
			coalesce((SELECT l.message_id FROM deliveries l
				WHERE u.kind <> 'lesson' AND l.subscription_id = u.sub AND l.step = 'lesson/' || u.lesson
				AND l.occasion = u.occasion), ''),
			'owed', $1, u.due, $1
		FROM UNNEST($2::bytea[], $3::bigint[], $4::text[], $5::int[], $6::text[], $7::text[], $8::int[], $9::text[],
			$10::text[], $11::text[], $12::timestamptz[])
			AS u (ref, sub, step, occasion, kind, lesson, n, version, queue, message, due)
		ON CONFLICT ON CONSTRAINT deliveries_once DO UPDATE
		SET state = 'owed', owed_at = excluded.owed_at, due_at = excluded.due_at, version = excluded.version,
			next_attempt_at = excluded.next_attempt_at, failures = 0, nudged_at = NULL, nudges = 0, ended_at = NULL
		WHERE deliveries.state = 'cancelled'
		RETURNING id`,
		t.Now, byteas(refs), pq.Array(subs), pq.Array(steps), pq.Array(occasions), pq.Array(kinds), pq.Array(lessons),
		pq.Array(ns), pq.Array(versions), pq.Array(queues), pq.Array(messages), times(due))
	return ids, wrap("owe deliveries", err)
}

// messageID is opaque on the left and the same for every attempt (RFC 5322,
// 3.6.4). It is a hash, since the ref itself stands in signed tokens.
func messageID(ref token.Ref, domain string) string {
	sum := sha256.Sum256(append([]byte("longroad message-id\x00"), ref[:]...))
	left := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:15])
	return strings.ToLower(left) + "@" + domain
}

// LockOpen gives what a subscription is owed and is not in the air, and locks
// the rows. The caller has locked the subscription.
func (t *Tx) LockOpen(ctx context.Context, subscriptionID int64) ([]Delivery, error) {
	var rows []deliveryRow
	err := t.tx.SelectContext(ctx, &rows, `
		SELECT `+deliveryColumns+` FROM deliveries d
		WHERE d.subscription_id = $1 AND d.state IN ('owed', 'retry', 'unknown') ORDER BY d.id FOR UPDATE`, subscriptionID)
	return deliveriesOf(rows), wrap("lock open deliveries", err)
}

// LastOf gives a subscription's newest mail of a step; ErrNotFound without any.
func (r Reader) LastOf(ctx context.Context, subscriptionID int64, step string) (Delivery, error) {
	var row deliveryRow
	err := r.q.GetContext(ctx, &row, `
		SELECT `+deliveryColumns+` FROM deliveries d
		WHERE d.subscription_id = $1 AND d.step = $2 ORDER BY d.occasion DESC LIMIT 1`, subscriptionID, step)
	return row.delivery(), one("delivery", err)
}

// LastTried gives the newest mail of a subscription that was tried; ErrNotFound
// without any.
func (r Reader) LastTried(ctx context.Context, subscriptionID int64) (Delivery, error) {
	return r.delivery(ctx, `d.subscription_id = $1 AND d.attempt > 0 ORDER BY d.id DESC LIMIT 1`, subscriptionID)
}

// LastTriedTo gives the newest mail to a person that was tried; ErrNotFound
// without any.
func (r Reader) LastTriedTo(ctx context.Context, subscriberID int64) (Delivery, error) {
	return r.delivery(ctx, `d.subscription_id IN (SELECT id FROM subscriptions WHERE subscriber_id = $1) AND d.attempt > 0
		ORDER BY coalesce(d.sent_at, d.owed_at) DESC, d.id DESC LIMIT 1`, subscriberID)
}

// LockStep gives the delivery of a step on an occasion and locks the row. The
// caller has locked the subscription.
func (t *Tx) LockStep(ctx context.Context, subscriptionID int64, step string, occasion int) (Delivery, error) {
	var row deliveryRow
	err := t.tx.GetContext(ctx, &row, `
		SELECT `+deliveryColumns+` FROM deliveries d
		WHERE d.subscription_id = $1 AND d.step = $2 AND d.occasion = $3 FOR UPDATE`, subscriptionID, step, occasion)
	return row.delivery(), one("delivery", err)
}

// AskedSince reports whether a person who has stopped a subscription was asked to
// confirm another one after that, and after since.
func (r Reader) AskedSince(ctx context.Context, subscriberID int64, since time.Time) (bool, error) {
	var asked bool
	err := r.q.GetContext(ctx, &asked, `
		SELECT EXISTS (SELECT 1 FROM deliveries d JOIN subscriptions s ON s.id = d.subscription_id
			WHERE s.subscriber_id = $1 AND d.step = 'confirm' AND d.owed_at > $2
			AND d.owed_at > (SELECT min(e.ended_at) FROM subscriptions e WHERE e.subscriber_id = $1 AND e.status = 'stopped'))`,
		subscriberID, since.UTC())
	return asked, wrap("confirmations", err)
}

// Delivery finds a delivery by its id.
func (r Reader) Delivery(ctx context.Context, id int64) (Delivery, error) {
	return r.delivery(ctx, `d.id = $1`, id)
}

// DeliveryByRef finds a delivery by its public name.
func (r Reader) DeliveryByRef(ctx context.Context, ref token.Ref) (Delivery, error) {
	return r.delivery(ctx, `d.ref = $1`, ref[:])
}

// DeliveryByMessageID finds a delivery by its Message-ID, without angle brackets.
func (r Reader) DeliveryByMessageID(ctx context.Context, id string) (Delivery, error) {
	if !isText(id) { // a stranger may have written it
		return Delivery{}, fmt.Errorf("delivery: %w", ErrNotFound)
	}
	return r.delivery(ctx, `d.message_id = $1`, id)
}

func (r Reader) delivery(ctx context.Context, where string, arg any) (Delivery, error) {
	var row deliveryRow
	err := r.q.GetContext(ctx, &row, `SELECT `+deliveryColumns+` FROM deliveries d WHERE `+where, arg)
	if err := one("delivery", err); err != nil {
		return Delivery{}, err
	}
	return row.delivery(), nil
}

// DeliveriesOf lists a subscription's deliveries in the order they were owed.
func (r Reader) DeliveriesOf(ctx context.Context, subscriptionID int64) ([]Delivery, error) {
	var rows []deliveryRow
	err := r.q.SelectContext(ctx, &rows, `
		SELECT `+deliveryColumns+` FROM deliveries d WHERE d.subscription_id = $1 ORDER BY d.id`, subscriptionID)
	return deliveriesOf(rows), wrap("deliveries", err)
}

type deliveryRow struct {
	ID             int64      `db:"id"`
	Ref            []byte     `db:"ref"`
	SubscriptionID int64      `db:"subscription_id"`
	Step           string     `db:"step"`
	Occasion       int        `db:"occasion"`
	Kind           string     `db:"kind"`
	Lesson         string     `db:"lesson"`
	N              int        `db:"n"`
	Version        string     `db:"version"`
	Queue          string     `db:"queue"`
	MessageID      string     `db:"message_id"`
	Thread         string     `db:"thread"`
	State          string     `db:"state"`
	OwedAt         time.Time  `db:"owed_at"`
	DueAt          time.Time  `db:"due_at"`
	NextAttemptAt  *time.Time `db:"next_attempt_at"`
	Attempt        int        `db:"attempt"`
	Failures       int        `db:"failures"`
	SentAt         *time.Time `db:"sent_at"`
	EndedAt        *time.Time `db:"ended_at"`
}

func (r deliveryRow) delivery() Delivery {
	d := Delivery{
		ID: r.ID, Ref: refOf(r.Ref), SubscriptionID: r.SubscriptionID, Step: r.Step, Occasion: r.Occasion,
		Version: r.Version, Queue: Queue(r.Queue), MessageID: r.MessageID, Thread: r.Thread,
		State: DeliveryState(r.State), OwedAt: r.OwedAt.UTC(), DueAt: r.DueAt.UTC(),
		NextAttemptAt: utc(r.NextAttemptAt), Attempt: r.Attempt, Failures: r.Failures,
		SentAt: utc(r.SentAt), EndedAt: utc(r.EndedAt),
	}
	if !d.Account() || d.Kind() == ReceiptStep || d.Kind() == ResourcesStep {
		d.Mail = pacing.Mail{Kind: pacing.Kind(r.Kind), Lesson: r.Lesson, Occasion: r.Occasion, N: r.N}
	}
	return d
}

func deliveriesOf(rows []deliveryRow) []Delivery {
	all := make([]Delivery, len(rows))
	for i, r := range rows {
		all[i] = r.delivery()
	}
	return all
}

// String names a delivery for logs and commands.
func (d Delivery) String() string { return fmt.Sprintf("%s (%s, %d)", d.Ref, d.Step, d.Occasion) }
