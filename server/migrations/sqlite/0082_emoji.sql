-- A community's own emoji. One that was taken away stays as a row that says so: clients that were
-- away learn of it. Its name may be taken again, with another id.
CREATE TABLE custom_emoji (
    id             BLOB PRIMARY KEY,
    name           TEXT NOT NULL UNIQUE,
    content_type   TEXT NOT NULL,
    size           INTEGER NOT NULL,
    width          INTEGER NOT NULL,
    height         INTEGER NOT NULL,
    is_animated    INTEGER NOT NULL,
    -- The SHA-256 of the picture; empty once it is gone.
    blob           TEXT NOT NULL,
    -- Absent if it was added in the shell.
    created_by     INTEGER REFERENCES users (id),
    created_at     INTEGER NOT NULL,
    removed_at     INTEGER,
    -- Until when a node is deleting the picture, and nobody else may use it.
    clearing_until INTEGER,
    -- Of the counter "emoji".
    rev            INTEGER NOT NULL UNIQUE
) STRICT;
INSERT INTO counters (name, value) VALUES ('emoji', 0);
