-- +goose Up

-- Every time is UTC and given by the program: no column defaults to the
-- server's clock. Only leases (deliveries.lease_until, workers.seen_at) run on
-- that clock, on purpose.

CREATE TABLE versions (
    hash         text PRIMARY KEY,
    course       text NOT NULL,
    title        text NOT NULL,
    files        jsonb NOT NULL, -- path -> base64, everything that a reader can receive
    published_at timestamptz NOT NULL
);

-- The log of what was current when; the newest row of a course counts.
CREATE TABLE publications (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    course text NOT NULL,
    hash   text NOT NULL REFERENCES versions,
    at     timestamptz NOT NULL,
    by     text NOT NULL
);
CREATE INDEX publications_course ON publications (course, id DESC);

-- Help lines are no part of a version: the newest always count.
CREATE TABLE helplines (
    course text PRIMARY KEY,
    file   bytea NOT NULL,
    at     timestamptz NOT NULL
);

CREATE TABLE subscribers (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref        bytea NOT NULL CONSTRAINT subscribers_ref UNIQUE CHECK (length(ref) = 10),
    email      text NOT NULL,
    email_key  text NOT NULL CONSTRAINT subscribers_email UNIQUE, -- normalised
    created_at timestamptz NOT NULL
);

CREATE TABLE subscriptions (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref           bytea NOT NULL CONSTRAINT subscriptions_ref UNIQUE CHECK (length(ref) = 10),
    subscriber_id bigint NOT NULL REFERENCES subscribers,
    course        text NOT NULL,
    track         text NOT NULL,
    version       text NOT NULL REFERENCES versions,

    name      text NOT NULL DEFAULT '',
    language  text NOT NULL DEFAULT '',
    time_zone text NOT NULL, -- IANA name
    send_hour smallint CHECK (send_hour BETWEEN 0 AND 1439), -- minutes after midnight; NULL keeps the course's
    country   text NOT NULL DEFAULT '',
    safe      text NOT NULL DEFAULT '', -- yes, no, unsure: never shown to anyone else
    mailbox   text NOT NULL DEFAULT '', -- private, shared, work

    status      text NOT NULL,
    pacing      jsonb NOT NULL,
    next_due_at timestamptz,

    created_at   timestamptz NOT NULL,
    confirmed_at timestamptz,
    ended_at     timestamptz
);
-- One way at a time for a person in a course.
CREATE UNIQUE INDEX subscriptions_one ON subscriptions (subscriber_id, course)
    WHERE status NOT IN ('completed', 'stopped', 'suppressed');
CREATE INDEX subscriptions_due ON subscriptions (next_due_at) WHERE next_due_at IS NOT NULL;

CREATE TABLE consents (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription_id bigint NOT NULL REFERENCES subscriptions,
    kind            text NOT NULL, -- consent, adult, confirmed
    text_version    text NOT NULL,
    how             text NOT NULL, -- form, api, link
    at              timestamptz NOT NULL
);
CREATE INDEX consents_subscription ON consents (subscription_id);

CREATE TABLE intakes (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fields       jsonb, -- NULL once decided
    how          text NOT NULL,
    received_at  timestamptz NOT NULL,
    nudged_at    timestamptz,
    nudges       int NOT NULL DEFAULT 0,
    processed_at timestamptz,
    outcome      text NOT NULL DEFAULT ''
);
CREATE INDEX intakes_open ON intakes (received_at) WHERE processed_at IS NULL;

CREATE TABLE deliveries (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref             bytea NOT NULL CONSTRAINT deliveries_ref UNIQUE CHECK (length(ref) = 10),
    subscription_id bigint NOT NULL REFERENCES subscriptions,
    step            text NOT NULL,
    occasion        int NOT NULL,
    kind            text NOT NULL,
    lesson          text NOT NULL DEFAULT '',
    n               int NOT NULL DEFAULT 0,
    version         text NOT NULL REFERENCES versions,
    queue           text NOT NULL, -- account, reminders, lessons
    message_id      text NOT NULL,
    thread          text NOT NULL DEFAULT '',

    state           text NOT NULL, -- owed, attempting, sent, retry, unknown, cancelled, given-up
    owed_at         timestamptz NOT NULL,
    due_at          timestamptz NOT NULL, -- when it should have gone
    next_attempt_at timestamptz,          -- set while owed, retry or unknown
    attempt         int NOT NULL DEFAULT 0,
    failures        int NOT NULL DEFAULT 0, -- attempts since owed that counted against it
    worker          text NOT NULL DEFAULT '',
    lease_until     timestamptz, -- on the server's clock
    nudged_at       timestamptz,
    nudges          int NOT NULL DEFAULT 0,
    sent_at         timestamptz,
    ended_at        timestamptz,

    CONSTRAINT deliveries_once UNIQUE (subscription_id, step, occasion)
);
CREATE INDEX deliveries_open ON deliveries (next_attempt_at, id) WHERE state IN ('owed', 'retry', 'unknown');
CREATE INDEX deliveries_attempting ON deliveries (lease_until) WHERE state = 'attempting';
CREATE INDEX deliveries_given_up ON deliveries (ended_at) WHERE state = 'given-up';

CREATE TABLE attempts (
    delivery_id bigint NOT NULL REFERENCES deliveries,
    n           int NOT NULL,
    worker      text NOT NULL,
    started_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    outcome     text NOT NULL DEFAULT '', -- '' while in the air
    code        int NOT NULL DEFAULT 0,
    enhanced    text NOT NULL DEFAULT '',
    detail      text NOT NULL DEFAULT '',
    PRIMARY KEY (delivery_id, n)
);

CREATE TABLE events (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription_id bigint NOT NULL REFERENCES subscriptions,
    delivery_id     bigint REFERENCES deliveries,
    at              timestamptz NOT NULL,
    actor           text NOT NULL, -- reader:page, reader:mail, reader:unsubscribe, worker, operator
    kind            text NOT NULL,
    effect          text NOT NULL DEFAULT '',
    from_status     text NOT NULL DEFAULT '',
    to_status       text NOT NULL DEFAULT '',
    due_at          timestamptz,
    why             text NOT NULL DEFAULT ''
);
CREATE INDEX events_subscription ON events (subscription_id, id);

CREATE TABLE replies (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref          bytea NOT NULL CONSTRAINT replies_ref UNIQUE CHECK (length(ref) = 10),
    digest       bytea NOT NULL CONSTRAINT replies_digest UNIQUE, -- of the raw mail: a second copy changes nothing
    delivery_id  bigint REFERENCES deliveries, -- NULL: it could not be matched
    received_at  timestamptz NOT NULL,
    sealed       bytea, -- the raw mail, encrypted; NULL once let go
    nudged_at    timestamptz,
    nudges       int NOT NULL DEFAULT 0,
    processed_at timestamptz,
    intent       text NOT NULL DEFAULT '', -- '' unread by us: a person has to
    effect       text NOT NULL DEFAULT ''
);
CREATE INDEX replies_open ON replies (received_at) WHERE processed_at IS NULL;
CREATE INDEX replies_unread ON replies (received_at) WHERE processed_at IS NOT NULL AND intent = '';

CREATE TABLE suppressions (
    address_hash bytea PRIMARY KEY, -- HMAC of the normalised address
    reason       text NOT NULL,     -- operator, hard-bounce, complaint
    at           timestamptz NOT NULL
);

CREATE TABLE workers (
    id         text PRIMARY KEY,
    started_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL -- on the server's clock
);

-- +goose Down
-- Forward only.
SELECT 1;
