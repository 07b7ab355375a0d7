-- How a room is kept, as JSON; empty if all is as usual.
ALTER TABLE rooms ADD COLUMN settings TEXT NOT NULL DEFAULT '';

-- Until when a member only reads; when they last wrote in a room that asks them to be slow.
ALTER TABLE members ADD COLUMN muted_until  INTEGER;
ALTER TABLE members ADD COLUMN last_sent_at INTEGER;

-- Who may not come back, and until when (for ever if absent).
CREATE TABLE bans (
    room_id    INTEGER NOT NULL REFERENCES rooms (id),
    user_id    INTEGER NOT NULL REFERENCES users (id),
    banned_by  INTEGER NOT NULL REFERENCES users (id),
    reason     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;

-- Who did what to whom, kept when the room is gone. actor_id is absent for the shell.
CREATE TABLE audit_log (
    id       BLOB    PRIMARY KEY,
    at       INTEGER NOT NULL,
    actor_id INTEGER REFERENCES users (id),
    action   TEXT    NOT NULL,
    room_id  INTEGER REFERENCES rooms (id),
    user_id  INTEGER REFERENCES users (id),
    details  TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_by_room ON audit_log (room_id, at, id);
