-- +goose Up

-- What readers choose about when letters come.
ALTER TABLE subscriptions
    ADD COLUMN days smallint NOT NULL DEFAULT 0 CHECK (days BETWEEN 0 AND 127), -- bit 0 is Sunday; 0 means all of the course's
    ADD COLUMN dark date[] NOT NULL DEFAULT '{}'; -- dates of the reader's own calendar on which nothing comes

-- +goose Down
-- Forward only.
SELECT 1;
