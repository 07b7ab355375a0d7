-- Whom a message mentions: ids, each between two spaces.
ALTER TABLE messages ADD COLUMN mentions TEXT NOT NULL DEFAULT '';
CREATE INDEX messages_mentioning ON messages (room_id, seq) WHERE mentions <> '';

ALTER TABLE rooms ADD COLUMN unread_mentions INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN marked_unread   INTEGER NOT NULL DEFAULT 0;
-- The place up to which the server knows that this account holds the room.
ALTER TABLE rooms ADD COLUMN delivered_seq   INTEGER NOT NULL DEFAULT 0;

-- How far the others have got; watermarks only rise.
CREATE TABLE receipts (
    room_id       INTEGER NOT NULL,
    user_id       INTEGER NOT NULL,
    delivered_seq INTEGER NOT NULL,
    read_seq      INTEGER NOT NULL,
    delivered_at  INTEGER,
    read_at       INTEGER,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;

-- The same row comes again after every reset; it is kept once.
CREATE INDEX raw_by_row ON raw (room_id, kind, rev);
