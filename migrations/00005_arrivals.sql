-- +goose Up

-- Replies are not all that comes in: reports of mail that did not arrive,
-- complaints and machines' answers come too, by mail and as providers' notes.
ALTER TABLE replies RENAME TO arrivals;
ALTER TABLE arrivals RENAME CONSTRAINT replies_pkey TO arrivals_pkey;
ALTER TABLE arrivals RENAME CONSTRAINT replies_ref TO arrivals_ref;
ALTER TABLE arrivals RENAME CONSTRAINT replies_digest TO arrivals_digest;
ALTER TABLE arrivals RENAME CONSTRAINT replies_delivery_id_fkey TO arrivals_delivery_id_fkey;
ALTER SEQUENCE replies_id_seq RENAME TO arrivals_id_seq;
ALTER INDEX replies_open RENAME TO arrivals_open;
ALTER INDEX replies_delivery RENAME TO arrivals_delivery;
DROP INDEX replies_unread;
ALTER TABLE arrivals
    ADD COLUMN way  text NOT NULL DEFAULT '', -- by which it came in: smtp, lmtp, imap, raw, mailbox or a provider
    ADD COLUMN kind text NOT NULL DEFAULT '', -- what it was taken for: reply, bounce, complaint, auto-reply, challenge, unknown
    ADD COLUMN kept text NOT NULL DEFAULT '', -- why it stays, sealed, for a person; '' lets it go
    ADD COLUMN copy bytea;                    -- hash of the mail without its recipient: copies by two ways have the same
UPDATE arrivals SET kept = 'not understood' WHERE processed_at IS NOT NULL AND sealed IS NOT NULL;
CREATE INDEX arrivals_kept ON arrivals (received_at) WHERE kept <> '';
CREATE INDEX arrivals_copy ON arrivals (copy) WHERE copy IS NOT NULL;
CREATE INDEX arrivals_done ON arrivals (processed_at) WHERE processed_at IS NOT NULL;

-- A reply that comes without its signed address is matched by what it answers.
CREATE INDEX deliveries_message ON deliveries (message_id);

-- What was said against an address: by reports, by providers, by the server itself.
CREATE TABLE bounces (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address_hash bytea NOT NULL, -- as in suppressions
    delivery_id  bigint REFERENCES deliveries,
    at           timestamptz NOT NULL,
    source       text NOT NULL, -- report, provider, server
    type         text NOT NULL, -- hard, soft, delayed, complaint
    reason       text NOT NULL,
    status       text NOT NULL DEFAULT ''
);
CREATE INDEX bounces_address ON bounces (address_hash, at);
CREATE INDEX bounces_at ON bounces (at);
CREATE INDEX bounces_delivery ON bounces (delivery_id) WHERE delivery_id IS NOT NULL;

-- Our short answers to replies, each a delivery of its own.
CREATE TABLE receipts (
    delivery_id bigint PRIMARY KEY REFERENCES deliveries,
    answer      text NOT NULL,            -- the intent that was understood, or none
    effect      text NOT NULL,            -- what it did
    detail      text NOT NULL DEFAULT '', -- of a pause, how long
    reply_id    text NOT NULL DEFAULT '', -- Message-ID of the mail that it answers
    event_id    bigint REFERENCES events, -- the change that its page can take back; NULL for none
    before      jsonb,                    -- where the subscription stood before that
    undone_at   timestamptz
);
CREATE INDEX receipts_event ON receipts (event_id) WHERE event_id IS NOT NULL;

-- What an operator must look at: that a reply tells of danger, and never its words.
CREATE TABLE alerts (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref             bytea NOT NULL CONSTRAINT alerts_ref UNIQUE CHECK (length(ref) = 10),
    subscription_id bigint REFERENCES subscriptions, -- NULL: it could not be matched
    category        text NOT NULL,
    level           text NOT NULL,
    at              timestamptz NOT NULL,
    next_try_at     timestamptz, -- to tell it; NULL once it is told, by mail and to the webhook
    tries           int NOT NULL DEFAULT 0,
    mailed_at       timestamptz,
    posted_at       timestamptz,
    seen_at         timestamptz  -- when an operator said so
);
CREATE INDEX alerts_subscription ON alerts (subscription_id) WHERE subscription_id IS NOT NULL;
CREATE INDEX alerts_untold ON alerts (next_try_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX alerts_unseen ON alerts (at) WHERE seen_at IS NULL;

ALTER TABLE subscriptions
    ADD COLUMN crisis_mail text NOT NULL DEFAULT 'full' CHECK (crisis_mail IN ('full', 'link', 'none')); -- what may come by mail when a reply tells of danger

-- +goose Down
-- Forward only.
SELECT 1;
