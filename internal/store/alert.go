package store

import (
	"context"
	"time"

	"longroad/internal/token"
)

// resourcesPrefix begins the steps of the mails with help lines.
const resourcesPrefix = ResourcesStep + "/"

// Alert is that a reply tells of danger, and never its words. Its Ref is that of
// the arrival, so that a mail that is read again raises nothing new.
type Alert struct {
	ID             int64
	Ref            token.Ref
	SubscriptionID *int64 // nil where it could not be matched
	Category       string
	Level          string
	At             time.Time
	Tries          int       // to tell the operator, since the last success
	MailedAt       time.Time // last; zero before
	PostedAt       time.Time // to the webhook; zero before
	SeenAt         time.Time // when an operator said so; zero before
}

const alertColumns = `a.id, a.ref, a.subscription_id, a.category, a.level, a.at, a.tries, a.mailed_at, a.posted_at, a.seen_at`

type alertRow struct {
	ID             int64      `db:"id"`
	Ref            []byte     `db:"ref"`
	SubscriptionID *int64     `db:"subscription_id"`
	Category       string     `db:"category"`
	Level          string     `db:"level"`
	At             time.Time  `db:"at"`
	Tries          int        `db:"tries"`
	MailedAt       *time.Time `db:"mailed_at"`
	PostedAt       *time.Time `db:"posted_at"`
	SeenAt         *time.Time `db:"seen_at"`
	Subscription   []byte     `db:"subscription"`
}

func (r alertRow) alert() Alert {
	return Alert{ID: r.ID, Ref: refOf(r.Ref), SubscriptionID: r.SubscriptionID, Category: r.Category, Level: r.Level, At: r.At.UTC(),
		Tries: r.Tries, MailedAt: utc(r.MailedAt), PostedAt: utc(r.PostedAt), SeenAt: utc(r.SeenAt)}
}

func (r alertRow) subscription() *token.Ref {
	if r.Subscription == nil {
		return nil
	}
	ref := refOf(r.Subscription)
	return &ref
}

// AddAlert keeps an alert, to be told at once. One with its Ref that is there
// already stays as it is, but for the subscription that is now known. Of those that
// belong to nobody one an hour and level is told, so that whoever writes many of
// them drowns nobody's; the others are on the operator's page.
func (t *Tx) AddAlert(ctx context.Context, a Alert) error {
	_, err := t.tx.ExecContext(ctx, `
		INSERT INTO alerts (ref, subscription_id, category, level, at, next_try_at) VALUES ($1, $2, $3, $4, $5,
			CASE WHEN $2::bigint IS NULL AND EXISTS (SELECT 1 FROM alerts o WHERE o.subscription_id IS NULL AND o.level = $4
				AND o.at > $5::timestamptz - interval '1 hour' AND (o.next_try_at IS NOT NULL OR o.mailed_at IS NOT NULL OR o.posted_at IS NOT NULL))
			THEN NULL ELSE $5::timestamptz END)
		ON CONFLICT ON CONSTRAINT alerts_ref DO UPDATE SET subscription_id = coalesce(alerts.subscription_id, excluded.subscription_id)`, a.Ref[:], a.SubscriptionID, a.Category, a.Level, t.Now)
	return wrap("add alert", err)
}

// UntoldAlert is an alert whose time to be told has come.
type UntoldAlert struct {
	Alert
	Subscription *token.Ref // nil where it could not be matched
}

// LockUntold gives up to limit alerts whose time to be told has come, those of
// readers first and alarms before the others, and locks their rows; those that somebody else holds are left.
func (t *Tx) LockUntold(ctx context.Context, limit int) ([]UntoldAlert, error) {
	var rows []alertRow
	err := t.tx.SelectContext(ctx, &rows, `
		SELECT `+alertColumns+`, s.ref AS subscription
		FROM alerts a LEFT JOIN subscriptions s ON s.id = a.subscription_id
		WHERE a.next_try_at <= $1 ORDER BY a.subscription_id IS NULL, a.level, a.id LIMIT $2 FOR UPDATE OF a SKIP LOCKED`, t.Now, limit)
	all := make([]UntoldAlert, len(rows))
	for i, r := range rows {
		all[i] = UntoldAlert{r.alert(), r.subscription()}
	}
	return all, wrap("lock alerts", err)
}

// LockAlert gives an alert and locks its row.
func (t *Tx) LockAlert(ctx context.Context, ref token.Ref) (Alert, error) {
	var row alertRow
	err := t.tx.GetContext(ctx, &row, `SELECT `+alertColumns+` FROM alerts a WHERE a.ref = $1 FOR UPDATE`, ref[:])
	return row.alert(), one("alert", err)
}

// SaveAlert writes how an alert that the transaction has locked was told, whether
// it was seen, and when to tell it next; a zero next ends that.
func (t *Tx) SaveAlert(ctx context.Context, a Alert, next time.Time) error {
	_, err := t.tx.ExecContext(ctx, `
		UPDATE alerts SET tries = $2, mailed_at = $3, posted_at = $4, seen_at = $5, next_try_at = $6 WHERE id = $1`,
		a.ID, a.Tries, nullTime(a.MailedAt), nullTime(a.PostedAt), nullTime(a.SeenAt), nullTime(next))
	return wrap("save alert", err)
}

// AlertAbout is an alert with what an operator must know of its subscription.
type AlertAbout struct {
	Alert
	Subscription *token.Ref    // nil where it could not be matched
	Status       string        // of the subscription
	Resources    DeliveryState // what became of the mail with help lines; "" for none
}

// Alerts lists up to limit alerts: those that nobody has seen first, alarms before
// the others, then those seen whose subscription is still halted or that came
// after since; the newest first. Unseen ones are listed whatever their age.
func (r Reader) Alerts(ctx context.Context, since time.Time, limit int) ([]AlertAbout, error) {
	var rows []struct {
		alertRow
		Status    *string `db:"status"`
		Resources *string `db:"resources"`
	}
	err := r.q.SelectContext(ctx, &rows, `
		SELECT `+alertColumns+`, s.ref AS subscription, s.status, d.state AS resources
		FROM alerts a LEFT JOIN subscriptions s ON s.id = a.subscription_id
		LEFT JOIN deliveries d ON d.subscription_id = a.subscription_id AND d.step = '`+resourcesPrefix+`' || encode(a.ref, 'hex')
		WHERE a.seen_at IS NULL OR s.status = 'halted' OR a.at >= $1
		ORDER BY a.seen_at IS NOT NULL, CASE WHEN a.seen_at IS NULL THEN a.level END, a.id DESC LIMIT $2`, since.UTC(), limit)
	all := make([]AlertAbout, len(rows))
	for i, r := range rows {
		all[i] = AlertAbout{Alert: r.alert(), Subscription: r.subscription()}
		if r.Status != nil {
			all[i].Status = *r.Status
		}
		if r.Resources != nil {
			all[i].Resources = DeliveryState(*r.Resources)
		}
	}
	return all, wrap("alerts", err)
}

// Unseen is how many alerts of a level nobody has seen, and since when.
type Unseen struct {
	Level  string
	N      int
	Oldest time.Time
}

// UnseenAlerts counts the alerts that nobody has seen, by level; a level without
// any is not in it.
func (r Reader) UnseenAlerts(ctx context.Context) ([]Unseen, error) {
	var rows []struct {
		Level  string    `db:"level"`
		N      int       `db:"n"`
		Oldest time.Time `db:"oldest"`
	}
	err := r.q.SelectContext(ctx, &rows, `
		SELECT level, count(*) AS n, min(at) AS oldest FROM alerts WHERE seen_at IS NULL GROUP BY level ORDER BY level`)
	all := make([]Unseen, len(rows))
	for i, r := range rows {
		all[i] = Unseen{r.Level, r.N, r.Oldest.UTC()}
	}
	return all, wrap("unseen alerts", err)
}

// AlertOf finds the category of the alert that a mail with help lines goes back
// to, by the mail's step.
func (r Reader) AlertOf(ctx context.Context, step string) (Alert, error) {
	var row alertRow
	err := r.q.GetContext(ctx, &row, `
		SELECT `+alertColumns+` FROM alerts a WHERE '`+resourcesPrefix+`' || encode(a.ref, 'hex') = $1`, step)
	return row.alert(), one("alert", err)
}

// ResourcesSince counts the mails with help lines that a person was owed at since
// or later, and that were not cancelled.
func (r Reader) ResourcesSince(ctx context.Context, subscriberID int64, since time.Time) (int, error) {
	var n int
	err := r.q.GetContext(ctx, &n, `
		SELECT count(*) FROM deliveries d JOIN subscriptions s ON s.id = d.subscription_id
		WHERE s.subscriber_id = $1 AND d.step LIKE '`+resourcesPrefix+`%' AND d.owed_at >= $2 AND d.state <> 'cancelled'`,
		subscriberID, since.UTC())
	return n, wrap("mails with help lines", err)
}

// RetainedAlerts counts the alerts that an operator has seen and whose
// subscription is not halted, and those of them seen before a moment.
func (r Reader) RetainedAlerts(ctx context.Context, seen time.Time) (all, past int, err error) {
	var row struct {
		All  int `db:"n"`
		Past int `db:"past"`
	}
	err = r.q.GetContext(ctx, &row, `
		SELECT count(*) AS n, count(*) FILTER (WHERE a.seen_at < $1) AS past FROM alerts a LEFT JOIN subscriptions s ON s.id = a.subscription_id
		WHERE a.seen_at IS NOT NULL AND s.status IS DISTINCT FROM 'halted'`, seen.UTC())
	return row.All, row.Past, wrap("count alerts", err)
}

// DropAlerts removes up to limit alerts that an operator saw before a moment and
// whose subscription is not halted.
func (t *Tx) DropAlerts(ctx context.Context, seen time.Time, limit int) (int, error) {
	return t.remove(ctx, `
		DELETE FROM alerts WHERE id IN (SELECT a.id FROM alerts a LEFT JOIN subscriptions s ON s.id = a.subscription_id
			WHERE a.seen_at < $1 AND s.status IS DISTINCT FROM 'halted' ORDER BY a.id LIMIT $2)`, seen.UTC(), limit)
}
