-- What users asked to be done later: messages to send, reminders. What is done keeps its name only,
-- so that every device learns it. local_time and time_zone are the wish, if it was one of a clock.
CREATE TABLE scheduled (
    user_id    BIGINT NOT NULL REFERENCES users (id),
    client_id  UUID    NOT NULL,
    kind       TEXT    NOT NULL,
    room_id    BIGINT NOT NULL REFERENCES rooms (id),
    message_id BIGINT,
    content    TEXT    NOT NULL,
    reply_to   BIGINT,
    due_at     BIGINT NOT NULL,
    local_time TEXT    NOT NULL DEFAULT '',
    time_zone  TEXT    NOT NULL DEFAULT '',
    state      TEXT    NOT NULL,
    -- Why it was refused, as JSON.
    error      TEXT    NOT NULL DEFAULT '',
    user_rev   BIGINT NOT NULL,
    PRIMARY KEY (user_id, client_id)
);
CREATE INDEX scheduled_due ON scheduled (due_at) WHERE state = 'waiting';
CREATE INDEX scheduled_open ON scheduled (user_id, due_at) WHERE state <> 'done';
CREATE INDEX scheduled_by_user ON scheduled (user_id, user_rev);
