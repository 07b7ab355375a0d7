-- The index of messages: made from them in the background, and to be made again at any time. Tables
-- called search… are therefore neither copied nor compared when a database is moved.

-- How far each room is in it: every change up to this one.
CREATE TABLE search_rooms (
    room_id     BIGINT PRIMARY KEY REFERENCES rooms (id),
    indexed_rev BIGINT NOT NULL
);

-- Which pieces: erc-protocol's search::grams.
CREATE TABLE search_messages (
    message_id BIGINT PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    room_id    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    grams      TEXT[] NOT NULL
);
CREATE INDEX search_by_grams ON search_messages USING gin (grams);
CREATE INDEX search_by_time ON search_messages (created_at, message_id);
