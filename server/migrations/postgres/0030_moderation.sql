-- How a room is kept, as JSON; empty if all is as usual.
ALTER TABLE rooms ADD COLUMN settings TEXT NOT NULL DEFAULT '';

-- Until when a member only reads; when they last wrote in a room that asks them to be slow.
ALTER TABLE members ADD COLUMN muted_until  BIGINT;
ALTER TABLE members ADD COLUMN last_sent_at BIGINT;

-- Who may not come back, and until when (for ever if absent).
CREATE TABLE bans (
    room_id    BIGINT  NOT NULL REFERENCES rooms (id),
    user_id    BIGINT  NOT NULL REFERENCES users (id),
    banned_by  BIGINT  NOT NULL REFERENCES users (id),
    reason     TEXT    NOT NULL,
    created_at BIGINT  NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (room_id, user_id)
);

-- Who did what to whom, kept when the room is gone. actor_id is absent for the shell.
CREATE TABLE audit_log (
    id       UUID    PRIMARY KEY,
    at       BIGINT  NOT NULL,
    actor_id BIGINT  REFERENCES users (id),
    action   TEXT    NOT NULL,
    room_id  BIGINT  REFERENCES rooms (id),
    user_id  BIGINT  REFERENCES users (id),
    details  TEXT    NOT NULL
);
CREATE INDEX audit_by_room ON audit_log (room_id, at, id);
