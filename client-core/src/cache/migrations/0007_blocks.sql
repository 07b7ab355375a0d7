-- Whom this user blocks; whom no longer is gone. row is JSON.
CREATE TABLE blocks (
    user_id INTEGER PRIMARY KEY,
    row     TEXT    NOT NULL
) STRICT;
