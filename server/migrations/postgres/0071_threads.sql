-- A reply carries the id of its thread's root. What all see of a thread stands in the root's row
-- (derived from the replies that are not deleted); deleted_rev is kept once a tombstone's row changes
-- after it was deleted, because its thread goes on.
ALTER TABLE messages ADD COLUMN thread_id       BIGINT;
ALTER TABLE messages ADD COLUMN also_in_room    BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE messages ADD COLUMN thread_replies  BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN thread_last_seq BIGINT;
ALTER TABLE messages ADD COLUMN thread_last_at  BIGINT;
ALTER TABLE messages ADD COLUMN deleted_rev     BIGINT;
CREATE INDEX messages_in_thread ON messages (thread_id, seq) WHERE thread_id IS NOT NULL;
CREATE INDEX messages_of_thread ON messages (thread_id, seq)
    WHERE thread_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX messages_with_thread ON messages (room_id, thread_last_seq) WHERE thread_replies > 0;

-- Threads as their users see them, by the id of the root; part of what only they see (user_rev).
CREATE TABLE user_threads (
    user_id   BIGINT NOT NULL REFERENCES users (id),
    thread_id BIGINT NOT NULL REFERENCES messages (id),
    room_id   BIGINT NOT NULL REFERENCES rooms (id),
    following BOOLEAN NOT NULL,
    read_seq  BIGINT NOT NULL,
    user_rev  BIGINT NOT NULL,
    PRIMARY KEY (user_id, thread_id)
);
CREATE INDEX user_threads_by_rev ON user_threads (user_id, user_rev);
CREATE INDEX user_threads_by_room ON user_threads (room_id, user_id);
CREATE INDEX user_threads_by_thread ON user_threads (thread_id);
