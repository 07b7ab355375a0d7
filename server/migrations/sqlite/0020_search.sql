-- The index of messages: made from them in the background, and to be made again at any time. Tables
-- called search… are therefore neither copied nor compared when a database is moved.

-- How far each room is in it: every change up to this one.
CREATE TABLE search_rooms (
    room_id     INTEGER PRIMARY KEY REFERENCES rooms (id),
    indexed_rev INTEGER NOT NULL
) STRICT;

-- rowid is the message's id. Which pieces: erc-protocol's search::grams; besides, =r5 for room 5.
CREATE VIRTUAL TABLE search_grams USING fts5 (
    grams,
    content = '',
    contentless_delete = 1,
    detail = none,
    tokenize = "ascii tokenchars '_='"
);
