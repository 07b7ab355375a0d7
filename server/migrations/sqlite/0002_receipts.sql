-- What reached a device of a member, and when their marks last rose. Read implies delivered.
ALTER TABLE members ADD COLUMN delivered_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN delivered_at  INTEGER;
ALTER TABLE members ADD COLUMN read_at       INTEGER;
-- The user wants to come back to the room: part of what only they see (user_rev).
ALTER TABLE members ADD COLUMN marked_unread INTEGER NOT NULL DEFAULT 0;
UPDATE members SET delivered_seq = read_seq;

-- Each advance of a mark with its time, in small rooms and for the newest places: who read a
-- message, and when, is the first advance at or past it.
CREATE TABLE receipts (
    room_id INTEGER NOT NULL REFERENCES rooms (id),
    user_id INTEGER NOT NULL REFERENCES users (id),
    kind    TEXT    NOT NULL,
    seq     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id, kind, seq)
) STRICT, WITHOUT ROWID;

-- Ids of the members whom a message named, separated by spaces; gone with the content.
ALTER TABLE messages ADD COLUMN mentions TEXT NOT NULL DEFAULT '';
-- The same by user, so that counting them is an index range.
CREATE TABLE mentions (
    user_id INTEGER NOT NULL REFERENCES users (id),
    room_id INTEGER NOT NULL REFERENCES rooms (id),
    seq     INTEGER NOT NULL,
    PRIMARY KEY (user_id, room_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_by_message ON mentions (room_id, seq);
