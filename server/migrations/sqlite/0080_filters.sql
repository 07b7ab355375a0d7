-- What the server, or a room, doesn't take. text is unique within each.
CREATE TABLE word_filters (
    id         BLOB PRIMARY KEY,
    -- Absent if it is the whole server's.
    room_id    INTEGER REFERENCES rooms (id),
    kind       TEXT NOT NULL,
    text       TEXT NOT NULL,
    action     TEXT NOT NULL,
    created_by INTEGER NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX word_filters_by_room ON word_filters (room_id, created_at, id);
