-- Who reacted with what. What all see of it stands in the message's row as JSON (derived).
CREATE TABLE reactions (
    message_id INTEGER NOT NULL REFERENCES messages (id),
    emoji      TEXT    NOT NULL,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    at         INTEGER NOT NULL,
    -- the change that brought it: the order in which they came
    rev        INTEGER NOT NULL,
    PRIMARY KEY (message_id, emoji, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX reactions_by_user ON reactions (user_id);
ALTER TABLE messages ADD COLUMN reactions TEXT NOT NULL DEFAULT '';

-- Who pinned it and when, while it is pinned.
ALTER TABLE messages ADD COLUMN pinned_by INTEGER;
ALTER TABLE messages ADD COLUMN pinned_at INTEGER;
CREATE INDEX messages_pinned ON messages (room_id) WHERE pinned_at IS NOT NULL;

-- Author and time of the original, as JSON, if it was forwarded.
ALTER TABLE messages ADD COLUMN forwarded TEXT NOT NULL DEFAULT '';
