-- How a room is kept, as the server's JSON; empty if all is as usual.
ALTER TABLE rooms ADD COLUMN settings TEXT NOT NULL DEFAULT '';
-- Until when this user, or a member, only reads.
ALTER TABLE rooms   ADD COLUMN muted_until INTEGER;
ALTER TABLE members ADD COLUMN muted_until INTEGER;
