-- +goose Up

-- A sign-up of somebody who is on another track of the same course already. It
-- waits here until the reader has chosen on the page that a mail led to.
CREATE TABLE choices (
    delivery_id     bigint PRIMARY KEY REFERENCES deliveries, -- the mail that asks; its subscription is the way that was on
    fields          jsonb,         -- the sign-up, without its address; NULL once its way was begun
    how             text NOT NULL, -- form, api
    created_at      timestamptz NOT NULL,
    subscription_id bigint REFERENCES subscriptions -- the way that was begun by it; NULL before
);
CREATE INDEX choices_subscription ON choices (subscription_id) WHERE subscription_id IS NOT NULL;
CREATE INDEX choices_created ON choices (created_at);

-- +goose Down
-- Forward only.
SELECT 1;
