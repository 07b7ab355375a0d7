-- When a message goes by itself, and how long after somebody else has read it, until somebody has.
ALTER TABLE messages ADD COLUMN expires_at          INTEGER;
ALTER TABLE messages ADD COLUMN expire_after_read_s INTEGER;
-- Of those that are still whole.
CREATE INDEX messages_expiring ON messages (expires_at)
    WHERE expires_at IS NOT NULL AND content <> '';

-- What timelines show, and of it only what has gone by this machine's clock alone.
CREATE INDEX messages_shown ON messages (room_id, seq)
    WHERE NOT (expires_at IS NOT NULL AND deleted_at IS NOT NULL);

-- How long it is to stay, as JSON; nothing if for ever.
ALTER TABLE outbox ADD COLUMN lifetime TEXT NOT NULL DEFAULT '';
