-- Whether a direct room is a stranger's request to this user ('received', or 'declined'), theirs to
-- somebody ('sent'), or neither.
ALTER TABLE rooms ADD COLUMN request TEXT NOT NULL DEFAULT 'none';
