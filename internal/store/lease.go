package store

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// Lease is how long a worker may hold a delivery without renewing, in real
// time. This file alone reads the server's clock, so that workers need not agree
// on the time.
const Lease = 15 * time.Second

// Handover is the last part of a lease. The sweep takes deliveries over in it, so
// that what a dead worker held is with another one within a Lease of its last sign
// of life; a living one begins nothing in it, and has renewed long before.
const Handover = 3 * time.Second

// skew is how far the clocks of two workers may lie apart: who is nudged by a
// worker whose clock is ahead must not find that it is too early. What may not go
// before a moment is for the look before sending to say.
const skew = 5 * time.Second

// LockSendable gives those of the deliveries that may be attempted now and locks
// their rows. The caller has locked their subscriptions.
func (t *Tx) LockSendable(ctx context.Context, ids []int64) ([]Delivery, error) {
	var rows []deliveryRow
	err := t.tx.SelectContext(ctx, &rows, `
		SELECT `+deliveryColumns+` FROM deliveries d
		WHERE d.id = ANY($1) AND d.state IN ('owed', 'retry', 'unknown') AND d.next_attempt_at <= $2
		ORDER BY d.id FOR UPDATE`, pq.Array(ids), t.Now.Add(skew))
	return deliveriesOf(rows), wrap("lock deliveries", err)
}

// SubscriptionsOfDeliveries lists whose deliveries these are.
func (r Reader) SubscriptionsOfDeliveries(ctx context.Context, ids []int64) ([]int64, error) {
	var subs []int64
	err := r.q.SelectContext(ctx, &subs, `
		SELECT DISTINCT subscription_id FROM deliveries WHERE id = ANY($1) ORDER BY subscription_id`, pq.Array(ids))
	return subs, wrap("subscriptions of deliveries", err)
}

// Take leases deliveries to a worker: each gets its next attempt number and the
// version that its subscription is pinned to now, and the attempt is on record
// before the mail is handed over. It fills in Attempt.
func (t *Tx) Take(ctx context.Context, worker string, all []Delivery) error {
	if len(all) == 0 {
		return nil
	}
	ids := make([]int64, len(all))
	for i := range all {
		all[i].Attempt++
		all[i].State = Attempting
		ids[i] = all[i].ID
	}
	_, err := t.tx.ExecContext(ctx, `
		WITH taken AS (
			UPDATE deliveries d SET state = 'attempting', attempt = attempt + 1, worker = $2, version = s.version,
				next_attempt_at = NULL, lease_until = clock_timestamp() + $3 * interval '1 millisecond'
			FROM subscriptions s WHERE d.id = ANY($1) AND s.id = d.subscription_id RETURNING d.id, d.attempt)
		INSERT INTO attempts (delivery_id, n, worker, started_at) SELECT id, attempt, $2, $4 FROM taken`,
		pq.Array(ids), worker, Lease.Milliseconds(), t.Now)
	return wrap("take deliveries", err)
}

// Lent is one attempt that a worker holds.
type Lent struct {
	DeliveryID int64 `db:"id"`
	Attempt    int   `db:"attempt"`
}

// Renew prolongs a worker's leases and says which of them it still holds. A row
// that somebody has locked is left for the next time: waiting for it would cost
// all the others.
func (t *Tx) Renew(ctx context.Context, worker string, lent []Lent) ([]Lent, error) {
	ids, attempts := make([]int64, len(lent)), make([]int64, len(lent))
	for i, l := range lent {
		ids[i], attempts[i] = l.DeliveryID, int64(l.Attempt)
	}
	var held []Lent
	err := t.tx.SelectContext(ctx, &held, `
		WITH mine AS (
			SELECT d.id FROM deliveries d JOIN UNNEST($1::bigint[], $2::int[]) AS u (id, attempt) USING (id, attempt)
			WHERE d.worker = $3 AND d.state = 'attempting' ORDER BY d.id FOR NO KEY UPDATE OF d SKIP LOCKED)
		UPDATE deliveries d SET lease_until = clock_timestamp() + $4 * interval '1 millisecond'
		FROM mine WHERE d.id = mine.id RETURNING d.id, d.attempt`,
		pq.Array(ids), pq.Array(attempts), worker, Lease.Milliseconds())
	return held, wrap("renew leases", err)
}

// LockAttempted gives the deliveries and locks their rows, to write outcomes.
func (t *Tx) LockAttempted(ctx context.Context, ids []int64) ([]Delivery, error) {
	var rows []deliveryRow
	err := t.tx.SelectContext(ctx, &rows, `
		SELECT `+deliveryColumns+` FROM deliveries d WHERE d.id = ANY($1) ORDER BY d.id FOR UPDATE`, pq.Array(ids))
	return deliveriesOf(rows), wrap("lock deliveries", err)
}

// Attempt is one try to hand a mail over.
type Attempt struct {
	DeliveryID int64
	N          int
	Worker     string
	StartedAt  time.Time
	EndedAt    time.Time // zero while in the air
	Outcome    string    // "" while in the air; sent, retry, unknown, refused, abandoned
	Code       int
	Enhanced   string
	Detail     string // the server's words: for an operator, never for a log
}

// EndAttempts writes how attempts ended.
func (t *Tx) EndAttempts(ctx context.Context, all []Attempt) error {
	n := len(all)
	ids, ns, codes := make([]int64, n), make([]int64, n), make([]int64, n)
	outcomes, enhanced, details := make([]string, n), make([]string, n), make([]string, n)
	for i, a := range all {
		ids[i], ns[i], codes[i] = a.DeliveryID, int64(a.N), int64(a.Code)
		outcomes[i], enhanced[i], details[i] = a.Outcome, a.Enhanced, plain(a.Detail)
	}
	_, err := t.tx.ExecContext(ctx, `
		UPDATE attempts a SET outcome = u.outcome, code = u.code, enhanced = u.enhanced, detail = u.detail, ended_at = $1
		FROM UNNEST($2::bigint[], $3::int[], $4::text[], $5::int[], $6::text[], $7::text[])
			AS u (id, n, outcome, code, enhanced, detail)
		WHERE a.delivery_id = u.id AND a.n = u.n`,
		t.Now, pq.Array(ids), pq.Array(ns), pq.Array(outcomes), pq.Array(codes), pq.Array(enhanced), pq.Array(details))
	return wrap("end attempts", err)
}

// SaveDeliveries writes state, next attempt and failures of deliveries that the
// transaction has locked. Sent, cancelled and given up end at Now.
func (t *Tx) SaveDeliveries(ctx context.Context, all []Delivery) error {
	if len(all) == 0 {
		return nil
	}
	n := len(all)
	ids, states, failures := make([]int64, n), make([]string, n), make([]int64, n)
	next, sent, ended := make([]*time.Time, n), make([]*time.Time, n), make([]*time.Time, n)
	for i, d := range all {
		ids[i], states[i], failures[i] = d.ID, string(d.State), int64(d.Failures)
		next[i], sent[i], ended[i] = nullTime(d.NextAttemptAt), nullTime(d.SentAt), nullTime(d.EndedAt)
	}
	_, err := t.tx.ExecContext(ctx, `
		UPDATE deliveries d SET state = u.state, failures = u.failures, next_attempt_at = u.next, sent_at = u.sent,
			ended_at = u.ended, lease_until = NULL, nudged_at = NULL, nudges = 0
		FROM UNNEST($1::bigint[], $2::text[], $3::int[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[])
			AS u (id, state, failures, next, sent, ended)
		WHERE d.id = u.id`,
		pq.Array(ids), pq.Array(states), pq.Array(failures), times(next), times(sent), times(ended))
	return wrap("save deliveries", err)
}

// DropDeadLeases turns attempts whose worker has gone silent into unknown
// outcomes: the mail may have gone. They are due at once, those that have failed
// before later and later: a mail that kills its worker must not kill one after
// the other. It returns what it turned.
func (t *Tx) DropDeadLeases(ctx context.Context, limit int) ([]Delivery, error) {
	var rows []deliveryRow
	err := t.tx.SelectContext(ctx, &rows, `
		WITH dead AS (
			SELECT id FROM deliveries
			WHERE state = 'attempting' AND lease_until < clock_timestamp() + $3 * interval '1 millisecond'
			ORDER BY lease_until LIMIT $2 FOR UPDATE SKIP LOCKED),
		turned AS (
			UPDATE deliveries d SET state = 'unknown', failures = failures + 1, lease_until = NULL, nudged_at = NULL, nudges = 0,
				next_attempt_at = $1::timestamptz + CASE failures WHEN 0 THEN 0 ELSE least(power(2, least(failures, 20)), 240) END * interval '1 minute'
			FROM dead WHERE d.id = dead.id RETURNING d.*),
		noted AS (
			UPDATE attempts a SET outcome = 'unknown', ended_at = $1, detail = 'the worker went silent'
			FROM turned WHERE a.delivery_id = turned.id AND a.n = turned.attempt RETURNING 1)
		SELECT `+deliveryColumns+` FROM turned d`, t.Now, limit, Handover.Milliseconds())
	return deliveriesOf(rows), wrap("drop dead leases", err)
}

// AttemptsOf lists the attempts at a subscription's deliveries, in order.
func (r Reader) AttemptsOf(ctx context.Context, subscriptionID int64) ([]Attempt, error) {
	var rows []struct {
		DeliveryID int64      `db:"delivery_id"`
		N          int        `db:"n"`
		Worker     string     `db:"worker"`
		StartedAt  time.Time  `db:"started_at"`
		EndedAt    *time.Time `db:"ended_at"`
		Outcome    string     `db:"outcome"`
		Code       int        `db:"code"`
		Enhanced   string     `db:"enhanced"`
		Detail     string     `db:"detail"`
	}
	err := r.q.SelectContext(ctx, &rows, `
		SELECT a.delivery_id, a.n, a.worker, a.started_at, a.ended_at, a.outcome, a.code, a.enhanced, a.detail
		FROM attempts a JOIN deliveries d ON d.id = a.delivery_id
		WHERE d.subscription_id = $1 ORDER BY a.delivery_id, a.n`, subscriptionID)
	all := make([]Attempt, len(rows))
	for i, r := range rows {
		all[i] = Attempt{DeliveryID: r.DeliveryID, N: r.N, Worker: r.Worker, StartedAt: r.StartedAt.UTC(),
			EndedAt: utc(r.EndedAt), Outcome: r.Outcome, Code: r.Code, Enhanced: r.Enhanced, Detail: r.Detail}
	}
	return all, wrap("attempts", err)
}

// Heartbeat says that a worker lives.
func (t *Tx) Heartbeat(ctx context.Context, worker string) error {
	_, err := t.tx.ExecContext(ctx, `
		INSERT INTO workers (id, started_at, seen_at) VALUES ($1, $2, clock_timestamp())
		ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp()`, worker, t.Now)
	return wrap("heartbeat", err)
}

// LeaveWorkers forgets a worker that stops, and those long silent.
func (t *Tx) LeaveWorkers(ctx context.Context, worker string) error {
	_, err := t.tx.ExecContext(ctx, `
		DELETE FROM workers WHERE id = $1 OR seen_at < clock_timestamp() - interval '1 hour'`, worker)
	return wrap("forget workers", err)
}

// LiveWorkers counts the workers that gave a sign of life within a lease.
func (r Reader) LiveWorkers(ctx context.Context) (int, error) {
	var n int
	err := r.q.GetContext(ctx, &n, fmt.Sprintf(`
		SELECT count(*) FROM workers WHERE seen_at > clock_timestamp() - interval '%d seconds'`, int(Lease.Seconds())))
	return n, wrap("workers", err)
}

// WorkersAlive names the workers that gave a sign of life within a lease.
func (r Reader) WorkersAlive(ctx context.Context) ([]string, error) {
	var ids []string
	err := r.q.SelectContext(ctx, &ids, `
		SELECT id FROM workers WHERE seen_at > clock_timestamp() - $1 * interval '1 millisecond' ORDER BY id`, Lease.Milliseconds())
	return ids, wrap("workers", err)
}
