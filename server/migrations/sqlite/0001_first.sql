-- One row: which life of this database it is. A restored backup gets a new instance.
CREATE TABLE server (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    instance   BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Last id given out, by kind; taken in the transaction that uses it.
CREATE TABLE counters (
    name  TEXT    PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;
INSERT INTO counters (name, value) VALUES ('user', 0), ('room', 0), ('message', 0);

CREATE TABLE users (
    id            INTEGER PRIMARY KEY,
    username      TEXT    NOT NULL UNIQUE,
    display_name  TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    password_hash TEXT,
    user_rev      INTEGER NOT NULL DEFAULT 0,
    created_at    INTEGER NOT NULL,
    last_seen_at  INTEGER
) STRICT;

CREATE TABLE sessions (
    id                   BLOB    PRIMARY KEY,
    user_id              INTEGER NOT NULL REFERENCES users (id),
    device_name          TEXT    NOT NULL,
    refresh_hash         BLOB    NOT NULL UNIQUE,
    previous_hash        BLOB    UNIQUE,
    generation           INTEGER NOT NULL,
    confirmed_generation INTEGER NOT NULL,
    created_at           INTEGER NOT NULL,
    last_used_at         INTEGER NOT NULL,
    ended_at             INTEGER
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id, ended_at);

CREATE TABLE invites (
    code_hash  BLOB    PRIMARY KEY,
    created_by INTEGER REFERENCES users (id),
    uses_left  INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- rev is the room's change counter (its head); state_rev stamps the room's own fields.
CREATE TABLE rooms (
    id              INTEGER PRIMARY KEY,
    rev             INTEGER NOT NULL,
    state_rev       INTEGER NOT NULL,
    name            TEXT    NOT NULL,
    topic           TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    is_private      INTEGER NOT NULL,
    history         TEXT    NOT NULL,
    created_by      INTEGER NOT NULL REFERENCES users (id),
    created_at      INTEGER NOT NULL,
    client_id       BLOB    NOT NULL,
    direct_key      TEXT    UNIQUE,
    last_seq        INTEGER NOT NULL DEFAULT 0,
    last_message_at INTEGER NOT NULL,
    member_count    INTEGER NOT NULL DEFAULT 0,
    deleted_at      INTEGER,
    UNIQUE (created_by, client_id)
) STRICT;

-- rev: what other members see of it; user_rev: what only this user sees.
CREATE TABLE members (
    room_id           INTEGER NOT NULL REFERENCES rooms (id),
    user_id           INTEGER NOT NULL REFERENCES users (id),
    role              TEXT    NOT NULL,
    state             TEXT    NOT NULL,
    rev               INTEGER NOT NULL,
    joined_at         INTEGER NOT NULL,
    read_seq          INTEGER NOT NULL,
    first_visible_seq INTEGER NOT NULL,
    user_rev          INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_user ON members (user_id, user_rev);
CREATE INDEX members_by_rev ON members (room_id, rev);

CREATE TABLE messages (
    id          INTEGER PRIMARY KEY,
    room_id     INTEGER NOT NULL REFERENCES rooms (id),
    seq         INTEGER NOT NULL,
    rev         INTEGER NOT NULL,
    sender_id   INTEGER NOT NULL REFERENCES users (id),
    client_id   BLOB    NOT NULL,
    -- Of what was first sent, to tell a repetition from a reuse; gone with the content.
    fingerprint BLOB,
    content     TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    reply_to    INTEGER,
    created_at  INTEGER NOT NULL,
    edited_at   INTEGER,
    deleted_at  INTEGER,
    UNIQUE (room_id, seq),
    UNIQUE (sender_id, client_id)
) STRICT;
CREATE INDEX messages_by_rev ON messages (room_id, rev);

-- Every edit by its client_id, so that a repeated edit changes nothing. Gone with the message.
CREATE TABLE message_edits (
    message_id INTEGER NOT NULL REFERENCES messages (id),
    client_id  BLOB    NOT NULL,
    rev        INTEGER NOT NULL,
    content    TEXT    NOT NULL,
    edited_at  INTEGER NOT NULL,
    PRIMARY KEY (message_id, client_id)
) STRICT, WITHOUT ROWID;
