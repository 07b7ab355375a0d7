-- What users asked to be done later: messages to send, reminders. What is done keeps its name only,
-- so that every device learns it. local_time and time_zone are the wish, if it was one of a clock.
CREATE TABLE scheduled (
    user_id    INTEGER NOT NULL REFERENCES users (id),
    client_id  BLOB    NOT NULL,
    kind       TEXT    NOT NULL,
    room_id    INTEGER NOT NULL REFERENCES rooms (id),
    message_id INTEGER,
    content    TEXT    NOT NULL,
    reply_to   INTEGER,
    due_at     INTEGER NOT NULL,
    local_time TEXT    NOT NULL DEFAULT '',
    time_zone  TEXT    NOT NULL DEFAULT '',
    state      TEXT    NOT NULL,
    -- Why it was refused, as JSON.
    error      TEXT    NOT NULL DEFAULT '',
    user_rev   INTEGER NOT NULL,
    PRIMARY KEY (user_id, client_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX scheduled_due ON scheduled (due_at) WHERE state = 'waiting';
CREATE INDEX scheduled_open ON scheduled (user_id, due_at) WHERE state <> 'done';
CREATE INDEX scheduled_by_user ON scheduled (user_id, user_rev);
