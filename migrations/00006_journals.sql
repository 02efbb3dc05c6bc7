-- +goose Up

-- What a reader writes is kept only for who asked for it, sealed with a key of
-- their own. The private half is locked behind the reader's passphrase: nobody
-- else can read an entry, and where the lock is gone nobody can.
CREATE TABLE journals (
    subscription_id bigint PRIMARY KEY REFERENCES subscriptions,
    public          text NOT NULL,
    locked          bytea NOT NULL,
    began_at        timestamptz NOT NULL,
    resting         boolean NOT NULL DEFAULT false, -- nothing more is added
    forget_at       timestamptz                     -- asked for without the passphrase: when it is destroyed
);
CREATE INDEX journals_forget ON journals (forget_at) WHERE forget_at IS NOT NULL;
CREATE TABLE journal_entries (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription_id bigint NOT NULL REFERENCES journals ON DELETE CASCADE,
    delivery_id     bigint REFERENCES deliveries, -- the letter that it answers
    at              timestamptz NOT NULL,
    sealed          bytea NOT NULL
);
CREATE INDEX journal_entries_journal ON journal_entries (subscription_id, id);
CREATE INDEX journal_entries_delivery ON journal_entries (delivery_id) WHERE delivery_id IS NOT NULL;

-- +goose Down
-- Forward only.
SELECT 1;
