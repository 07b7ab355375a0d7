-- What people tell those who moderate. context holds the messages around, as JSON, as they were
-- then. reporter_id is never shown to who is reported.
CREATE TABLE reports (
    id          UUID    PRIMARY KEY,
    reporter_id BIGINT  NOT NULL REFERENCES users (id),
    user_id     BIGINT  NOT NULL REFERENCES users (id),
    -- Absent if it is of nobody's room, or of one that is deleted.
    room_id     BIGINT  REFERENCES rooms (id),
    message_id  BIGINT,
    kind        TEXT    NOT NULL,
    words       TEXT    NOT NULL,
    context     TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    taken_by    BIGINT  REFERENCES users (id),
    outcome     TEXT,
    note        TEXT    NOT NULL DEFAULT '',
    created_at  BIGINT  NOT NULL,
    changed_at  BIGINT  NOT NULL,
    -- Of the reporter.
    user_rev    BIGINT  NOT NULL
);
CREATE INDEX reports_open ON reports (created_at, id) WHERE state <> 'closed';
CREATE INDEX reports_open_by_room ON reports (room_id) WHERE state <> 'closed';
CREATE INDEX reports_by_reporter ON reports (reporter_id, user_rev);
CREATE INDEX reports_by_time ON reports (created_at, id);
CREATE INDEX audit_by_user ON audit_log (user_id, id);

-- At most one row: until when the doors are closed, because strangers pour in.
CREATE TABLE raid (
    id         BIGINT  PRIMARY KEY CHECK (id = 1),
    until      BIGINT  NOT NULL,
    started_at BIGINT  NOT NULL,
    started_by BIGINT  REFERENCES users (id)
);
