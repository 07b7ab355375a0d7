-- JSON, or nothing.
ALTER TABLE messages ADD COLUMN reactions TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN pinned    TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN forwarded TEXT NOT NULL DEFAULT '';
CREATE INDEX messages_pinned ON messages (room_id) WHERE pinned <> '';

-- The kinds of operations grow: they are checked by what reads them.
CREATE TABLE outbox_next (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id    INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    op_id      TEXT    NOT NULL,
    -- the message concerned: whose and which
    sender_id  INTEGER,
    client_id  TEXT,
    message_id INTEGER,
    content    TEXT    NOT NULL DEFAULT '',
    reply_to   INTEGER,
    base_rev   INTEGER,
    seq        INTEGER,
    -- of what is switched: a reaction, a pin
    is_on      INTEGER NOT NULL DEFAULT 1,
    state      TEXT    NOT NULL CHECK (state IN ('queued', 'sending', 'parked')),
    attempts   INTEGER NOT NULL DEFAULT 0,
    reason     TEXT,
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO outbox_next (id, room_id, kind, op_id, sender_id, client_id, message_id, content,
                         reply_to, base_rev, seq, state, attempts, reason, created_at)
SELECT id, room_id, kind, op_id, sender_id, client_id, message_id, content,
       reply_to, base_rev, seq, state, attempts, reason, created_at FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_next RENAME TO outbox;
CREATE INDEX outbox_room ON outbox (room_id, id);
CREATE INDEX outbox_target ON outbox (client_id);
