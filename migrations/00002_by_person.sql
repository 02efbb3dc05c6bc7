-- +goose Up

-- From a person to everything that is kept of them: to look up, to import beside
-- many others, to export and to erase. The last two also serve the look for rows
-- that still point to a delivery that goes.
CREATE INDEX subscriptions_subscriber ON subscriptions (subscriber_id);
CREATE INDEX events_delivery ON events (delivery_id) WHERE delivery_id IS NOT NULL;
CREATE INDEX replies_delivery ON replies (delivery_id) WHERE delivery_id IS NOT NULL;

-- +goose Down
-- Forward only.
SELECT 1;
