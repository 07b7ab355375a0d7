-- What an account keeps on disk. `outbox` and `drafts` are the user's own words and outlive every
-- reset; all else can be had from the server again.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE rooms (
    room_id           INTEGER PRIMARY KEY,
    -- as only this user sees it (user_rev)
    state             TEXT    NOT NULL,
    role              TEXT    NOT NULL,
    read_seq          INTEGER NOT NULL,
    first_visible_seq INTEGER NOT NULL,
    user_rev          INTEGER NOT NULL,
    -- as all members see it; absent until the first batch or head
    room_rev          INTEGER,
    name              TEXT    NOT NULL DEFAULT '',
    topic             TEXT    NOT NULL DEFAULT '',
    kind              TEXT    NOT NULL DEFAULT 'group',
    is_private        INTEGER NOT NULL DEFAULT 0,
    member_count      INTEGER NOT NULL DEFAULT 0,
    last_seq          INTEGER NOT NULL DEFAULT 0,
    last_message_at   INTEGER NOT NULL DEFAULT 0,
    members_complete  INTEGER NOT NULL DEFAULT 0,
    preview           TEXT,
    -- the cursor
    rev               INTEGER NOT NULL DEFAULT 0,
    seq               INTEGER NOT NULL DEFAULT 0,
    -- the server's latest exact count
    unread_count      INTEGER NOT NULL DEFAULT 0,
    unread_read_seq   INTEGER NOT NULL DEFAULT 0,
    unread_at_seq     INTEGER NOT NULL DEFAULT 0,
    unread_at_rev     INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE members (
    room_id      INTEGER NOT NULL,
    user_id      INTEGER NOT NULL,
    username     TEXT    NOT NULL,
    display_name TEXT    NOT NULL,
    role         TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    rev          INTEGER NOT NULL,
    joined_at    INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
    id           INTEGER PRIMARY KEY,
    room_id      INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    message_id   INTEGER NOT NULL,
    sender_id    INTEGER NOT NULL,
    sender_name  TEXT    NOT NULL,
    content      TEXT    NOT NULL,
    message_type TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    rev          INTEGER NOT NULL,
    client_id    TEXT    NOT NULL,
    reply_to     INTEGER,
    edited_at    INTEGER,
    deleted_at   INTEGER,
    UNIQUE (room_id, seq)
) STRICT;
-- Not unique on purpose: what a server sends must never make a batch fail.
CREATE INDEX messages_client ON messages (sender_id, client_id);
CREATE INDEX messages_message ON messages (message_id);
CREATE INDEX messages_tombstones ON messages (room_id, rev) WHERE deleted_at IS NOT NULL;

-- Places that exist on the server and are not held: lo..=hi, disjoint.
CREATE TABLE holes (
    room_id INTEGER NOT NULL,
    lo      INTEGER NOT NULL,
    hi      INTEGER NOT NULL CHECK (hi >= lo),
    PRIMARY KEY (room_id, lo)
) STRICT, WITHOUT ROWID;

-- Rows and frames that this build can't read, for a later one that can.
CREATE TABLE raw (
    id      INTEGER PRIMARY KEY,
    room_id INTEGER,
    rev     INTEGER,
    kind    TEXT NOT NULL,
    json    TEXT NOT NULL
) STRICT;

CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id    INTEGER NOT NULL,
    kind       TEXT    NOT NULL CHECK (kind IN ('send', 'edit', 'delete', 'read')),
    op_id      TEXT    NOT NULL,
    -- the message concerned: whose and which
    sender_id  INTEGER,
    client_id  TEXT,
    message_id INTEGER,
    content    TEXT    NOT NULL DEFAULT '',
    reply_to   INTEGER,
    base_rev   INTEGER,
    seq        INTEGER,
    state      TEXT    NOT NULL CHECK (state IN ('queued', 'sending', 'parked')),
    attempts   INTEGER NOT NULL DEFAULT 0,
    reason     TEXT,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_room ON outbox (room_id, id);
CREATE INDEX outbox_target ON outbox (client_id);

CREATE TABLE drafts (
    room_id    INTEGER PRIMARY KEY,
    content    TEXT    NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE VIRTUAL TABLE messages_fts USING fts5 (
    content,
    content = 'messages',
    content_rowid = 'id',
    tokenize = 'trigram'
);
-- Tombstones have no content and so leave the index.
CREATE TRIGGER messages_indexed AFTER INSERT ON messages WHEN new.content <> '' BEGIN
    INSERT INTO messages_fts (rowid, content) VALUES (new.id, new.content);
END;
CREATE TRIGGER messages_unindexed AFTER DELETE ON messages WHEN old.content <> '' BEGIN
    INSERT INTO messages_fts (messages_fts, rowid, content) VALUES ('delete', old.id, old.content);
END;
CREATE TRIGGER messages_reindexed_old AFTER UPDATE OF content ON messages
WHEN old.content <> '' AND old.content <> new.content BEGIN
    INSERT INTO messages_fts (messages_fts, rowid, content) VALUES ('delete', old.id, old.content);
END;
CREATE TRIGGER messages_reindexed_new AFTER UPDATE OF content ON messages
WHEN new.content <> '' AND old.content <> new.content BEGIN
    INSERT INTO messages_fts (rowid, content) VALUES (new.id, new.content);
END;
