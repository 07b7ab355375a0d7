-- What a direct room is to a member: 'sent' to who began it and waits, 'received' or 'declined' to the
-- other one, 'none' once it was accepted, and everywhere else. Part of what only they see (user_rev).
ALTER TABLE members ADD COLUMN request TEXT NOT NULL DEFAULT 'none';
CREATE INDEX members_requests ON members (user_id, request) WHERE request <> 'none';
