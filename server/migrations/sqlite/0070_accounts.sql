-- Since when nobody can sign in to an account; absent if one can.
ALTER TABLE users ADD COLUMN disabled_at INTEGER;
