package journey

import (
	"context"
	"errors"

	"longroad/internal/inbound"
	"longroad/internal/store"
)

// matched finds the mail of ours that a mail belongs to: by the signed address
// that it came to, then by what it says it answers. Never by its subject. It is
// nil where nothing tells.
func (r *Road) matched(ctx context.Context, tx *store.Tx, row store.Arrival, raw []byte) (*store.Delivery, error) {
	if row.DeliveryID != nil {
		d, err := tx.Delivery(ctx, *row.DeliveryID)
		if err == nil || !errors.Is(err, ErrNotFound) {
			return &d, err
		}
	}
	for _, id := range inbound.Answered(raw) {
		d, err := tx.DeliveryByMessageID(ctx, id)
		if err == nil {
			return &d, nil
		}
		if !errors.Is(err, ErrNotFound) {
			return nil, err
		}
	}
	return nil, nil
}
