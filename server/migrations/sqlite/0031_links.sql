-- Links by which people come into a room, by the SHA-256 of their code. uses_left is absent for one
-- without a limit. One that is taken back is deleted; one that is over goes when the next is made.
CREATE TABLE room_links (
    id         BLOB    PRIMARY KEY,
    code_hash  BLOB    NOT NULL UNIQUE,
    room_id    INTEGER NOT NULL REFERENCES rooms (id),
    created_by INTEGER NOT NULL REFERENCES users (id),
    used       INTEGER NOT NULL DEFAULT 0,
    uses_left  INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX room_links_by_room ON room_links (room_id, created_at);
