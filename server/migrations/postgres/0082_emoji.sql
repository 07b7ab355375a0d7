-- A community's own emoji. One that was taken away stays as a row that says so: clients that were
-- away learn of it. Its name may be taken again, with another id.
CREATE TABLE custom_emoji (
    id             UUID PRIMARY KEY,
    name           TEXT NOT NULL UNIQUE,
    content_type   TEXT NOT NULL,
    size           BIGINT NOT NULL,
    width          BIGINT NOT NULL,
    height         BIGINT NOT NULL,
    is_animated    BOOLEAN NOT NULL,
    -- The SHA-256 of the picture; empty once it is gone.
    blob           TEXT NOT NULL,
    -- Absent if it was added in the shell.
    created_by     BIGINT REFERENCES users (id),
    created_at     BIGINT NOT NULL,
    removed_at     BIGINT,
    -- Until when a node is deleting the picture, and nobody else may use it.
    clearing_until BIGINT,
    -- Of the counter "emoji".
    rev            BIGINT NOT NULL UNIQUE
);
INSERT INTO counters (name, value) VALUES ('emoji', 0);
