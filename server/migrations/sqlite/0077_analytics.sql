-- Figures, counted from the messages in the background and to be counted again at any time. Tables
-- called analytics… are therefore neither copied nor compared when a database is moved.

-- How far each room is counted: its messages up to a place, their changes up to a revision.
CREATE TABLE analytics_rooms (
    room_id     INTEGER PRIMARY KEY REFERENCES rooms (id),
    counted_seq INTEGER NOT NULL,
    counted_rev INTEGER NOT NULL
) STRICT;

-- What somebody sent in a quarter of an hour (since 1970, UTC), and what became of it. No zone's
-- clock is off by less than a quarter, so the days of any zone are sums of these.
CREATE TABLE analytics_counts (
    room_id   INTEGER NOT NULL REFERENCES rooms (id),
    slot      INTEGER NOT NULL,
    user_id   INTEGER NOT NULL REFERENCES users (id),
    kind      TEXT    NOT NULL,
    messages  INTEGER NOT NULL,
    replies   INTEGER NOT NULL,
    answered  INTEGER NOT NULL,
    reactions INTEGER NOT NULL,
    edited    INTEGER NOT NULL,
    deleted   INTEGER NOT NULL,
    PRIMARY KEY (room_id, slot, user_id, kind)
) STRICT, WITHOUT ROWID;

-- How long answers took that came in a quarter of an hour: how many in each class of times.
CREATE TABLE analytics_answers (
    room_id INTEGER NOT NULL REFERENCES rooms (id),
    slot    INTEGER NOT NULL,
    way     TEXT    NOT NULL,
    class   INTEGER NOT NULL,
    answers INTEGER NOT NULL,
    PRIMARY KEY (room_id, slot, way, class)
) STRICT, WITHOUT ROWID;

-- What of a message's later life is in the counts. Most messages have no row.
CREATE TABLE analytics_marks (
    message_id INTEGER PRIMARY KEY,
    room_id    INTEGER NOT NULL REFERENCES rooms (id),
    answered   INTEGER NOT NULL,
    reactions  INTEGER NOT NULL,
    edited     INTEGER NOT NULL,
    deleted    INTEGER NOT NULL
) STRICT;
CREATE INDEX analytics_marks_by_room ON analytics_marks (room_id);

-- When each user may next have all that is held of them.
CREATE TABLE personal_exports (
    user_id INTEGER PRIMARY KEY REFERENCES users (id),
    free_at INTEGER NOT NULL
) STRICT;
