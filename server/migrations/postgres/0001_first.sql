-- One row: which life of this database it is. A restored backup gets a new instance.
CREATE TABLE server (
    id         BIGINT  PRIMARY KEY CHECK (id = 1),
    instance   UUID    NOT NULL,
    created_at BIGINT  NOT NULL
);

-- Last id given out, by kind; taken in the transaction that uses it.
CREATE TABLE counters (
    name  TEXT    PRIMARY KEY,
    value BIGINT  NOT NULL
);
INSERT INTO counters (name, value) VALUES ('user', 0), ('room', 0), ('message', 0);

CREATE TABLE users (
    id            BIGINT  PRIMARY KEY,
    username      TEXT    NOT NULL UNIQUE,
    display_name  TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    password_hash TEXT,
    user_rev      BIGINT  NOT NULL DEFAULT 0,
    created_at    BIGINT  NOT NULL,
    last_seen_at  BIGINT
);

CREATE TABLE sessions (
    id                   UUID    PRIMARY KEY,
    user_id              BIGINT  NOT NULL REFERENCES users (id),
    device_name          TEXT    NOT NULL,
    refresh_hash         BYTEA   NOT NULL UNIQUE,
    previous_hash        BYTEA   UNIQUE,
    generation           BIGINT  NOT NULL,
    confirmed_generation BIGINT  NOT NULL,
    created_at           BIGINT  NOT NULL,
    last_used_at         BIGINT  NOT NULL,
    ended_at             BIGINT
);
CREATE INDEX sessions_by_user ON sessions (user_id, ended_at);

CREATE TABLE invites (
    code_hash  BYTEA   PRIMARY KEY,
    created_by BIGINT  REFERENCES users (id),
    uses_left  BIGINT  NOT NULL,
    created_at BIGINT  NOT NULL,
    expires_at BIGINT  NOT NULL
);

-- rev is the room's change counter (its head); state_rev stamps the room's own fields.
CREATE TABLE rooms (
    id              BIGINT  PRIMARY KEY,
    rev             BIGINT  NOT NULL,
    state_rev       BIGINT  NOT NULL,
    name            TEXT    NOT NULL,
    topic           TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    is_private      BOOLEAN NOT NULL,
    history         TEXT    NOT NULL,
    created_by      BIGINT  NOT NULL REFERENCES users (id),
    created_at      BIGINT  NOT NULL,
    client_id       UUID    NOT NULL,
    direct_key      TEXT    UNIQUE,
    last_seq        BIGINT  NOT NULL DEFAULT 0,
    last_message_at BIGINT  NOT NULL,
    member_count    BIGINT  NOT NULL DEFAULT 0,
    deleted_at      BIGINT ,
    UNIQUE (created_by, client_id)
);

-- rev: what other members see of it; user_rev: what only this user sees.
CREATE TABLE members (
    room_id           BIGINT  NOT NULL REFERENCES rooms (id),
    user_id           BIGINT  NOT NULL REFERENCES users (id),
    role              TEXT    NOT NULL,
    state             TEXT    NOT NULL,
    rev               BIGINT  NOT NULL,
    joined_at         BIGINT  NOT NULL,
    read_seq          BIGINT  NOT NULL,
    first_visible_seq BIGINT  NOT NULL,
    user_rev          BIGINT  NOT NULL,
    PRIMARY KEY (room_id, user_id)
);
CREATE INDEX members_by_user ON members (user_id, user_rev);
CREATE INDEX members_by_rev ON members (room_id, rev);

CREATE TABLE messages (
    id          BIGINT  PRIMARY KEY,
    room_id     BIGINT  NOT NULL REFERENCES rooms (id),
    seq         BIGINT  NOT NULL,
    rev         BIGINT  NOT NULL,
    sender_id   BIGINT  NOT NULL REFERENCES users (id),
    client_id   UUID    NOT NULL,
    -- Of what was first sent, to tell a repetition from a reuse; gone with the content.
    fingerprint BYTEA,
    content     TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    reply_to    BIGINT ,
    created_at  BIGINT  NOT NULL,
    edited_at   BIGINT ,
    deleted_at  BIGINT ,
    UNIQUE (room_id, seq),
    UNIQUE (sender_id, client_id)
);
CREATE INDEX messages_by_rev ON messages (room_id, rev);

-- Every edit by its client_id, so that a repeated edit changes nothing. Gone with the message.
CREATE TABLE message_edits (
    message_id BIGINT  NOT NULL REFERENCES messages (id),
    client_id  UUID    NOT NULL,
    rev        BIGINT  NOT NULL,
    content    TEXT    NOT NULL,
    edited_at  BIGINT  NOT NULL,
    PRIMARY KEY (message_id, client_id)
);
