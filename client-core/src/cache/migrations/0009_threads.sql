-- Which thread a message stands in; of a root, what is told of its thread (the server's JSON).
ALTER TABLE messages ADD COLUMN thread_id    INTEGER;
ALTER TABLE messages ADD COLUMN also_in_room INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN thread       TEXT    NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN deleted_rev  INTEGER;
CREATE INDEX messages_in_thread ON messages (thread_id, seq) WHERE thread_id IS NOT NULL;
CREATE INDEX messages_with_thread ON messages (room_id, seq) WHERE thread <> '';
-- Rows of an older build say nothing of threads: everything is told afresh.
DELETE FROM meta WHERE key = 'instance';

-- Threads as only this user sees them, with the server's latest exact count.
CREATE TABLE threads (
    thread_id       INTEGER PRIMARY KEY,
    room_id         INTEGER NOT NULL,
    following       INTEGER NOT NULL,
    read_seq        INTEGER NOT NULL,
    user_rev        INTEGER NOT NULL,
    unread_count    INTEGER NOT NULL,
    unread_mentions INTEGER NOT NULL,
    unread_read_seq INTEGER NOT NULL,
    unread_at_seq   INTEGER NOT NULL,
    unread_at_rev   INTEGER NOT NULL
) STRICT;

-- Of a message that is to be sent into a thread, and of what is done about one.
ALTER TABLE outbox ADD COLUMN thread_id    INTEGER;
ALTER TABLE outbox ADD COLUMN also_in_room INTEGER NOT NULL DEFAULT 0;

CREATE TABLE thread_drafts (
    thread_id  INTEGER PRIMARY KEY,
    content    TEXT    NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
