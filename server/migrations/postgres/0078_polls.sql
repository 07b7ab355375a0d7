-- What is asked and what was chosen, as JSON, if it is a poll: as all see it (what was chosen is
-- derived). poll_closes_at: when it closes by itself, while it is open.
ALTER TABLE messages ADD COLUMN poll TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN poll_closes_at BIGINT;
CREATE INDEX messages_poll_due ON messages (poll_closes_at) WHERE poll_closes_at IS NOT NULL;

-- What somebody chose; a bit for each option, none once it was taken back. Of an anonymous poll,
-- nothing tells it but to themselves.
CREATE TABLE poll_votes (
    message_id BIGINT NOT NULL REFERENCES messages (id),
    user_id    BIGINT NOT NULL REFERENCES users (id),
    options    BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    -- the change that brought it: the order in which they came
    rev        BIGINT NOT NULL,
    user_rev   BIGINT NOT NULL,
    PRIMARY KEY (message_id, user_id)
);
CREATE INDEX poll_votes_by_user ON poll_votes (user_id, user_rev);

-- Names of votes, so that their repetition is known.
CREATE TABLE poll_ballots (
    user_id    BIGINT NOT NULL REFERENCES users (id),
    client_id  UUID NOT NULL,
    message_id BIGINT NOT NULL REFERENCES messages (id),
    options    BIGINT NOT NULL,
    PRIMARY KEY (user_id, client_id)
);
CREATE INDEX poll_ballots_by_message ON poll_ballots (message_id, user_id);
