package store

import (
	"context"
	"fmt"

	"github.com/lib/pq"
)

// SavePreferences writes what a reader may change of a subscription: name,
// country, time zone, hour, days, dark dates and what may come by mail in a crisis. Days and dark dates are those of
// its State.Reader; the transaction has locked the row.
func (t *Tx) SavePreferences(ctx context.Context, s Subscription) error {
	days := 0
	for day, chosen := range s.State.Reader.Days {
		if chosen {
			days |= 1 << day
		}
	}
	dark := make([]string, len(s.State.Reader.Dark))
	for i, d := range s.State.Reader.Dark {
		dark[i] = fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
	}
	_, err := t.tx.ExecContext(ctx, `
		UPDATE subscriptions
		SET name = $2, country = $3, time_zone = $4, send_hour = $5, days = $6, dark = $7::text[]::date[], crisis_mail = $8
		WHERE id = $1`, s.ID, s.Name, s.Country, s.TimeZone, s.SendHour, days, pq.Array(dark), s.crisisMail())
	return wrap("save preferences", err)
}
