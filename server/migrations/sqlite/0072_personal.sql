-- What only one user sees of their own: what they have not sent yet, and what rings for them.

-- A room's composer; thread_id is 0, and makes room in the key for the composers of threads. What is
-- empty stays, so that every device learns it.
CREATE TABLE drafts (
    user_id    INTEGER NOT NULL REFERENCES users (id),
    room_id    INTEGER NOT NULL REFERENCES rooms (id),
    thread_id  INTEGER NOT NULL DEFAULT 0,
    content    TEXT    NOT NULL,
    reply_to   INTEGER,
    version    BLOB     NOT NULL,
    -- The newest names that it had, so that what is said again changes nothing.
    versions   TEXT    NOT NULL,
    -- Texts put aside, as JSON; empty if there are none.
    aside      TEXT    NOT NULL DEFAULT '',
    updated_at INTEGER NOT NULL,
    user_rev   INTEGER NOT NULL,
    PRIMARY KEY (user_id, room_id, thread_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX drafts_by_user ON drafts (user_id, user_rev);

-- Which messages of a room ring for a member; until when none does.
ALTER TABLE members ADD COLUMN level        TEXT NOT NULL DEFAULT 'usual';
ALTER TABLE members ADD COLUMN hushed_until INTEGER;

-- What holds in all rooms, as JSON.
CREATE TABLE attention (
    user_id  INTEGER PRIMARY KEY REFERENCES users (id),
    settings TEXT    NOT NULL,
    user_rev INTEGER NOT NULL
) STRICT;
