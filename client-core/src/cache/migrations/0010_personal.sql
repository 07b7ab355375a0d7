-- What stands in composers, as this device shows it: the server's row, or what is on its way there.
CREATE TABLE drafts_next (
    room_id    INTEGER NOT NULL,
    -- 0: the room's own composer
    thread_id  INTEGER NOT NULL DEFAULT 0,
    content    TEXT    NOT NULL,
    reply_to   INTEGER,
    -- what the device that wrote it calls it
    version    TEXT    NOT NULL,
    -- texts of other devices, as the server's JSON; empty if there are none
    aside      TEXT    NOT NULL DEFAULT '',
    updated_at INTEGER NOT NULL,
    -- of the server's newest row
    user_rev   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (room_id, thread_id)
) STRICT;
-- What was kept on this device alone goes to the others. The room of a thread is where any of it is.
INSERT INTO drafts_next (room_id, thread_id, content, version, updated_at)
SELECT room_id, thread_id, content,
       substr(name, 1, 8) || '-' || substr(name, 9, 4) || '-' || substr(name, 13, 4) || '-' ||
       substr(name, 17, 4) || '-' || substr(name, 21), updated_at
FROM (SELECT room_id, 0 AS thread_id, content, updated_at, lower(hex(randomblob(16))) AS name
      FROM drafts
      UNION ALL
      SELECT coalesce(
                 (SELECT t.room_id FROM threads t WHERE t.thread_id = d.thread_id),
                 (SELECT m.room_id FROM messages m WHERE m.message_id = d.thread_id),
                 (SELECT m.room_id FROM messages m WHERE m.thread_id = d.thread_id LIMIT 1)),
             d.thread_id, d.content, d.updated_at, lower(hex(randomblob(16)))
      FROM thread_drafts d)
WHERE room_id IS NOT NULL;
DROP TABLE drafts;
DROP TABLE thread_drafts;
ALTER TABLE drafts_next RENAME TO drafts;

-- Of a send, the states of the draft that it was; of a draft, those that it goes on from. Names,
-- separated by spaces.
ALTER TABLE outbox ADD COLUMN drafts TEXT NOT NULL DEFAULT '';
-- Of a draft: texts put aside that are no longer wanted.
ALTER TABLE outbox ADD COLUMN forget TEXT NOT NULL DEFAULT '';
INSERT INTO outbox (room_id, kind, op_id, content, state, created_at, thread_id)
SELECT room_id, 'draft', version, content, 'queued', updated_at, nullif(thread_id, 0) FROM drafts;

-- Which messages ring for this user, until when none does.
ALTER TABLE rooms ADD COLUMN level        TEXT NOT NULL DEFAULT 'usual';
ALTER TABLE rooms ADD COLUMN hushed_until INTEGER;
