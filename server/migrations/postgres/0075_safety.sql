-- Whom a user takes nothing from. blocked_at is absent once that is taken back; the row stays, so
-- that every device learns it.
CREATE TABLE blocks (
    user_id    BIGINT  NOT NULL REFERENCES users (id),
    blocked_id BIGINT  NOT NULL REFERENCES users (id),
    reason     TEXT    NOT NULL,
    blocked_at BIGINT,
    user_rev   BIGINT  NOT NULL,
    PRIMARY KEY (user_id, blocked_id)
);
CREATE INDEX blocks_by_user ON blocks (user_id, user_rev);
CREATE INDEX blocks_by_blocked ON blocks (blocked_id, user_id) WHERE blocked_at IS NOT NULL;

-- Since when an account waits to be taken up again; since when nothing is left of its person.
ALTER TABLE users ADD COLUMN deactivated_at BIGINT;
ALTER TABLE users ADD COLUMN erased_at      BIGINT;

-- Accounts whose traces are taken away, and how far that is.
CREATE TABLE erasures (
    user_id        BIGINT  PRIMARY KEY REFERENCES users (id),
    keeps_messages BOOLEAN NOT NULL,
    asked_at       BIGINT  NOT NULL,
    phase          TEXT    NOT NULL,
    -- The last room, or message, that the phase is done with.
    after_id       BIGINT  NOT NULL DEFAULT 0,
    after_name     UUID,
    done_at        BIGINT
);
CREATE INDEX erasures_open ON erasures (asked_at) WHERE done_at IS NULL;
-- So that names told with forwarded messages are found.
CREATE INDEX messages_forwarded ON messages (id) WHERE forwarded <> '';
