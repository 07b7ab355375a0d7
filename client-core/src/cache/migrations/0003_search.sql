-- Searching goes by pieces of words, as on the server: case and accents don't count, and signs of
-- Chinese, Japanese and Korean are found one by one. `erc_grams` is ours (`cache/search.rs`).
DROP TRIGGER messages_indexed;
DROP TRIGGER messages_unindexed;
DROP TRIGGER messages_reindexed_old;
DROP TRIGGER messages_reindexed_new;
DROP TABLE messages_fts;

CREATE VIRTUAL TABLE search_grams USING fts5 (
    grams,
    content = '',
    contentless_delete = 1,
    detail = none,
    tokenize = "ascii tokenchars '_='"
);
INSERT INTO search_grams (rowid, grams)
    SELECT id, erc_grams(content, sender_id) FROM messages WHERE deleted_at IS NULL;

CREATE TRIGGER messages_indexed AFTER INSERT ON messages WHEN new.deleted_at IS NULL BEGIN
    INSERT INTO search_grams (rowid, grams) VALUES (new.id, erc_grams(new.content, new.sender_id));
END;
CREATE TRIGGER messages_unindexed AFTER DELETE ON messages WHEN old.deleted_at IS NULL BEGIN
    DELETE FROM search_grams WHERE rowid = old.id;
END;
CREATE TRIGGER messages_reindexed AFTER UPDATE OF content, sender_id, deleted_at ON messages
WHEN old.content <> new.content OR old.sender_id <> new.sender_id
    OR (old.deleted_at IS NULL) <> (new.deleted_at IS NULL) BEGIN
    DELETE FROM search_grams WHERE rowid = old.id;
    INSERT INTO search_grams (rowid, grams)
        SELECT new.id, erc_grams(new.content, new.sender_id) WHERE new.deleted_at IS NULL;
END;
