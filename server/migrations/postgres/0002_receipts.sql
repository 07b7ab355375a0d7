-- What reached a device of a member, and when their marks last rose. Read implies delivered.
ALTER TABLE members ADD COLUMN delivered_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN delivered_at  BIGINT;
ALTER TABLE members ADD COLUMN read_at       BIGINT;
-- The user wants to come back to the room: part of what only they see (user_rev).
ALTER TABLE members ADD COLUMN marked_unread BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE members SET delivered_seq = read_seq;

-- Each advance of a mark with its time, in small rooms and for the newest places: who read a
-- message, and when, is the first advance at or past it.
CREATE TABLE receipts (
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    kind    TEXT    NOT NULL,
    seq     BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (room_id, user_id, kind, seq)
);

-- Ids of the members whom a message named, separated by spaces; gone with the content.
ALTER TABLE messages ADD COLUMN mentions TEXT NOT NULL DEFAULT '';
-- The same by user, so that counting them is an index range.
CREATE TABLE mentions (
    user_id BIGINT NOT NULL REFERENCES users (id),
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    seq     BIGINT NOT NULL,
    PRIMARY KEY (user_id, room_id, seq)
);
CREATE INDEX mentions_by_message ON mentions (room_id, seq);
