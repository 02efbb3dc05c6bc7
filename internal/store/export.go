package store

import (
	"context"
	"time"

	"longroad/internal/token"
)

// Kept is a subscription as it is handed out: with the person, the proof of
// consent and how far the letters have come.
type Kept struct {
	Subscription
	Subscriber token.Ref
	Consent    Consent // the first one of that kind; zero where there is none
	Letters    int     // lessons sent
}

// Export lists up to limit subscriptions with ids above after, by id: of one
// person and of one course, or of all where those are zero. A page costs the
// same however many there are.
func (r Reader) Export(ctx context.Context, after, subscriberID int64, course string, limit int) ([]Kept, error) {
	var rows []struct {
		subscriptionRow
		Person      []byte     `db:"person"`
		TextVersion *string    `db:"text_version"`
		How         *string    `db:"how"`
		ConsentedAt *time.Time `db:"consented_at"`
		Letters     int        `db:"letters"`
	}
	err := r.q.SelectContext(ctx, &rows, `
		SELECT `+subscriptionColumns+`, b.ref AS person, c.text_version, c.how, c.at AS consented_at,
			(SELECT count(*) FROM deliveries d WHERE d.subscription_id = s.id AND d.kind = 'lesson' AND d.state = 'sent') AS letters
		FROM subscriptions s JOIN subscribers b ON b.id = s.subscriber_id
		LEFT JOIN LATERAL (SELECT text_version, how, at FROM consents
			WHERE subscription_id = s.id AND kind = 'consent' ORDER BY id LIMIT 1) c ON true
		WHERE s.id > $1 AND ($2 = 0 OR s.subscriber_id = $2) AND ($3 = '' OR s.course = $3)
		ORDER BY s.id LIMIT $4`, after, subscriberID, course, limit)
	all := make([]Kept, len(rows))
	for i, r := range rows {
		all[i] = Kept{Subscription: r.subscription(), Subscriber: refOf(r.Person), Letters: r.Letters}
		if r.ConsentedAt != nil {
			all[i].Consent = Consent{Kind: "consent", TextVersion: *r.TextVersion, How: *r.How, At: r.ConsentedAt.UTC()}
		}
	}
	return all, wrap("export", err)
}
