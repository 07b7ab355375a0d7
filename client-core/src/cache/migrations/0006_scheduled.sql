-- What this user asked to be done later; what is done is gone. row is JSON.
CREATE TABLE scheduled (
    client_id TEXT    PRIMARY KEY,
    due_at    INTEGER NOT NULL,
    state     TEXT    NOT NULL,
    row       TEXT    NOT NULL
) STRICT;
