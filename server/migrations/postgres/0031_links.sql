-- Links by which people come into a room, by the SHA-256 of their code. uses_left is absent for one
-- without a limit. One that is taken back is deleted; one that is over goes when the next is made.
CREATE TABLE room_links (
    id         UUID    PRIMARY KEY,
    code_hash  BYTEA   NOT NULL UNIQUE,
    room_id    BIGINT  NOT NULL REFERENCES rooms (id),
    created_by BIGINT  NOT NULL REFERENCES users (id),
    used       BIGINT  NOT NULL DEFAULT 0,
    uses_left  BIGINT,
    created_at BIGINT  NOT NULL,
    expires_at BIGINT  NOT NULL
);
CREATE INDEX room_links_by_room ON room_links (room_id, created_at);
