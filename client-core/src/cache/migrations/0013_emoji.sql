-- The community's own emoji: a row each, as JSON.
CREATE TABLE custom_emoji (
    name TEXT PRIMARY KEY,
    id   TEXT NOT NULL,
    row  TEXT NOT NULL
) STRICT;

-- Pictures of some of them.
CREATE TABLE emoji_pictures (
    id           TEXT    PRIMARY KEY,
    content_type TEXT    NOT NULL,
    bytes        BLOB    NOT NULL,
    -- A number that rises: the lowest has been here longest.
    place        INTEGER NOT NULL UNIQUE
) STRICT;
