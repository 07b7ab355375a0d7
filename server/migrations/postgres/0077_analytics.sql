-- Figures, counted from the messages in the background and to be counted again at any time. Tables
-- called analytics… are therefore neither copied nor compared when a database is moved.

-- How far each room is counted: its messages up to a place, their changes up to a revision.
CREATE TABLE analytics_rooms (
    room_id     BIGINT PRIMARY KEY REFERENCES rooms (id),
    counted_seq BIGINT NOT NULL,
    counted_rev BIGINT NOT NULL
);

-- What somebody sent in a quarter of an hour (since 1970, UTC), and what became of it. No zone's
-- clock is off by less than a quarter, so the days of any zone are sums of these.
CREATE TABLE analytics_counts (
    room_id   BIGINT NOT NULL REFERENCES rooms (id),
    slot      BIGINT NOT NULL,
    user_id   BIGINT NOT NULL REFERENCES users (id),
    kind      TEXT   NOT NULL,
    messages  BIGINT NOT NULL,
    replies   BIGINT NOT NULL,
    answered  BIGINT NOT NULL,
    reactions BIGINT NOT NULL,
    edited    BIGINT NOT NULL,
    deleted   BIGINT NOT NULL,
    PRIMARY KEY (room_id, slot, user_id, kind)
);

-- How long answers took that came in a quarter of an hour: how many in each class of times.
CREATE TABLE analytics_answers (
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    slot    BIGINT NOT NULL,
    way     TEXT   NOT NULL,
    class   BIGINT NOT NULL,
    answers BIGINT NOT NULL,
    PRIMARY KEY (room_id, slot, way, class)
);

-- What of a message's later life is in the counts. Most messages have no row.
CREATE TABLE analytics_marks (
    message_id BIGINT PRIMARY KEY,
    room_id    BIGINT NOT NULL REFERENCES rooms (id),
    answered   BIGINT NOT NULL,
    reactions  BIGINT NOT NULL,
    edited     BIGINT NOT NULL,
    deleted    BIGINT NOT NULL
);
CREATE INDEX analytics_marks_by_room ON analytics_marks (room_id);

-- When each user may next have all that is held of them.
CREATE TABLE personal_exports (
    user_id BIGINT PRIMARY KEY REFERENCES users (id),
    free_at BIGINT NOT NULL
);
