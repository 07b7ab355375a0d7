-- What a user decided of their presence, as JSON; empty if all is as usual. When something of it is
-- over.
ALTER TABLE users ADD COLUMN presence     TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN presence_due BIGINT;
CREATE INDEX users_presence_due ON users (presence_due) WHERE presence_due IS NOT NULL;
