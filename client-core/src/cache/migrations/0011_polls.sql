-- JSON, or nothing.
ALTER TABLE messages ADD COLUMN poll TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox   ADD COLUMN poll TEXT NOT NULL DEFAULT '';

-- What this user chose: numbers of options, spaced; none once it was taken back.
CREATE TABLE votes (
    message_id INTEGER PRIMARY KEY,
    options    TEXT    NOT NULL,
    user_rev   INTEGER NOT NULL
) STRICT;

-- What an older build passed over is told again: this user's votes; and everything, if it holds a
-- poll of which it kept the text alone.
DELETE FROM meta WHERE key = 'user_rev';
DELETE FROM meta WHERE key = 'instance'
    AND EXISTS (SELECT 1 FROM messages WHERE message_type = 'poll');
