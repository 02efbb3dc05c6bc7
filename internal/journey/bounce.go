package journey

import (
	"context"

	"longroad/internal/inbound"
	"longroad/internal/store"
)

// noted takes a provider's note about one of our mails.
func (r *Road) noted(ctx context.Context, tx *store.Tx, a inbound.Arrival) (store.Reading, error) {
	return store.Reading{Kind: string(a.Note.Kind), Kept: keptReport}, nil
}

// reported takes a delivery report or a complaint that came by mail.
func (r *Road) reported(ctx context.Context, tx *store.Tx, about *store.Delivery, e inbound.Explanation, done store.Reading) (store.Reading, error) {
	if about == nil {
		done.Kept = keptReport
	}
	return done, nil
}
