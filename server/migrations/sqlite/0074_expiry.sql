-- When a message goes by itself, and how long after somebody else has read it, until somebody has.
-- One that is deleted and has a time has expired.
ALTER TABLE messages ADD COLUMN expires_at          INTEGER;
ALTER TABLE messages ADD COLUMN expire_after_read_s INTEGER;
CREATE INDEX messages_expiring ON messages (expires_at)
    WHERE expires_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX messages_to_be_read ON messages (room_id, seq) WHERE expire_after_read_s IS NOT NULL;

-- Who read how far and when, as long as messages there wait for it: above from_seq, up to seq.
CREATE TABLE expiry_reads (
    room_id  INTEGER NOT NULL REFERENCES rooms (id),
    user_id  INTEGER NOT NULL REFERENCES users (id),
    seq      INTEGER NOT NULL,
    from_seq INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id, seq)
) STRICT, WITHOUT ROWID;
