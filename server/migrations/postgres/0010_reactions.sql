-- Who reacted with what. What all see of it stands in the message's row as JSON (derived).
CREATE TABLE reactions (
    message_id BIGINT NOT NULL REFERENCES messages (id),
    emoji      TEXT   NOT NULL,
    user_id    BIGINT NOT NULL REFERENCES users (id),
    at         BIGINT NOT NULL,
    -- the change that brought it: the order in which they came
    rev        BIGINT NOT NULL,
    PRIMARY KEY (message_id, emoji, user_id)
);
CREATE INDEX reactions_by_user ON reactions (user_id);
ALTER TABLE messages ADD COLUMN reactions TEXT NOT NULL DEFAULT '';

-- Who pinned it and when, while it is pinned.
ALTER TABLE messages ADD COLUMN pinned_by BIGINT;
ALTER TABLE messages ADD COLUMN pinned_at BIGINT;
CREATE INDEX messages_pinned ON messages (room_id) WHERE pinned_at IS NOT NULL;

-- Author and time of the original, as JSON, if it was forwarded.
ALTER TABLE messages ADD COLUMN forwarded TEXT NOT NULL DEFAULT '';
