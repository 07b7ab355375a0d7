//! The rules themselves, in the order in which they are looked at and repaired: later ones build on
//! what earlier ones put right.

use super::Rule;

/// Every revision that a row of a room carries.
macro_rules! stamps {
    () => {
        "SELECT room_id, rev, 'message ' || id AS what FROM messages \
         UNION ALL SELECT room_id, rev, 'member ' || user_id FROM members \
         UNION ALL SELECT id, state_rev, 'the room itself' FROM rooms"
    };
}

macro_rules! last_seq {
    () => {
        "coalesce((SELECT max(m.seq) FROM messages m WHERE m.room_id = rooms.id), 0)"
    };
}

macro_rules! last_time {
    () => {
        "coalesce((SELECT m.created_at FROM messages m WHERE m.room_id = rooms.id \
         AND m.seq = rooms.last_seq), rooms.created_at)"
    };
}

macro_rules! joined {
    () => {
        "(SELECT count(*) FROM members m WHERE m.room_id = rooms.id AND m.state = 'joined')"
    };
}

/// How many words stand in a message's mentions.
macro_rules! mentioned {
    () => {
        "(CASE WHEN m.mentions = '' THEN 0 ELSE \
         length(m.mentions) - length(replace(m.mentions, ' ', '')) + 1 END)"
    };
}

/// What a root's row says of its thread, and what follows from the replies.
macro_rules! replies {
    () => {
        "(SELECT count(*) FROM messages r WHERE r.thread_id = messages.id \
         AND r.deleted_at IS NULL)"
    };
}

macro_rules! last_reply {
    ($what:literal) => {
        concat!(
            "(SELECT r.",
            $what,
            " FROM messages r WHERE r.thread_id = messages.id AND r.deleted_at IS NULL \
             ORDER BY r.seq DESC LIMIT 1)"
        )
    };
}

macro_rules! thread_is_wrong {
    () => {
        concat!(
            "(thread_replies <> 0 OR id IN (SELECT a.thread_id FROM messages a)) \
             AND (thread_replies <> ",
            replies!(),
            " OR coalesce(thread_last_seq, 0) <> coalesce(",
            last_reply!("seq"),
            ", 0) OR coalesce(thread_last_at, 0) <> coalesce(",
            last_reply!("created_at"),
            ", 0))"
        )
    };
}

/// A place that is a request, and the other one's is not its other side; or somebody wrote in it whom
/// it was addressed to.
macro_rules! request_is_wrong {
    () => {
        "m.request <> 'none' AND NOT EXISTS (SELECT 1 FROM rooms r JOIN members o \
         ON o.room_id = r.id AND o.user_id <> m.user_id WHERE r.id = m.room_id AND (r.deleted_at \
         IS NOT NULL OR (r.kind = 'direct' AND (m.request = 'sent') = (m.user_id = r.created_by) \
         AND o.request <> 'none' AND (o.request = 'sent') <> (m.request = 'sent') \
         AND NOT EXISTS (SELECT 1 FROM messages g WHERE g.room_id = r.id \
         AND g.sender_id <> r.created_by))))"
    };
}

/// What only one user sees.
macro_rules! own {
    () => {
        "SELECT user_id, user_rev FROM members UNION ALL SELECT user_id, user_rev FROM user_threads \
         UNION ALL SELECT user_id, user_rev FROM scheduled \
         UNION ALL SELECT user_id, user_rev FROM blocks \
         UNION ALL SELECT user_id, user_rev FROM drafts \
         UNION ALL SELECT user_id, user_rev FROM attention \
         UNION ALL SELECT reporter_id, user_rev FROM reports \
         UNION ALL SELECT user_id, user_rev FROM poll_votes"
    };
}

/// All of them.
pub const RULES: &[Rule] = &[
    Rule {
        name: "messages.contiguous",
        holds: "the places of a room's messages are 1, 2, 3 and so on without holes",
        find: "SELECT 'room ' || room_id || ' has ' || count(*) || ' messages at places ' \
               || min(seq) || ' to ' || max(seq) FROM messages GROUP BY room_id \
               HAVING count(*) <> max(seq) OR min(seq) <> 1",
        repair: &[],
    },
    Rule {
        name: "messages.in_time",
        holds: "time goes forward from message to message",
        find: "SELECT 'message ' || id || ' in room ' || room_id || ' is older than the one before it' \
               FROM (SELECT id, room_id, created_at, lag(created_at) OVER (PARTITION BY room_id \
               ORDER BY seq) AS earlier FROM messages) m WHERE created_at < earlier",
        repair: &[],
    },
    Rule {
        name: "messages.sent_once",
        holds: "a sender uses a client_id for one message",
        find: "SELECT 'message ' || min(id) || ' of user ' || sender_id || ' was stored ' || count(*) \
               || ' times' FROM messages GROUP BY sender_id, client_id HAVING count(*) > 1",
        repair: &[],
    },
    Rule {
        name: "messages.tombstones_empty",
        holds: "nothing of a deleted message is left",
        find: "SELECT 'message ' || m.id || ' was deleted and has content' FROM messages m \
               WHERE m.deleted_at IS NOT NULL AND (m.content <> '' OR m.fingerprint IS NOT NULL \
               OR m.mentions <> '' OR m.reactions <> '' OR m.pinned_at IS NOT NULL \
               OR m.forwarded <> '' OR m.expire_after_read_s IS NOT NULL \
               OR m.poll <> '' OR m.poll_closes_at IS NOT NULL \
               OR EXISTS (SELECT 1 FROM message_edits e WHERE e.message_id = m.id) \
               OR EXISTS (SELECT 1 FROM reactions r WHERE r.message_id = m.id) \
               OR EXISTS (SELECT 1 FROM poll_votes v WHERE v.message_id = m.id) \
               OR EXISTS (SELECT 1 FROM poll_ballots b WHERE b.message_id = m.id))",
        repair: &[
            "DELETE FROM poll_votes WHERE message_id IN \
             (SELECT id FROM messages WHERE deleted_at IS NOT NULL)",
            "DELETE FROM poll_ballots WHERE message_id IN \
             (SELECT id FROM messages WHERE deleted_at IS NOT NULL)",
            "DELETE FROM message_edits WHERE message_id IN \
             (SELECT id FROM messages WHERE deleted_at IS NOT NULL)",
            "DELETE FROM reactions WHERE message_id IN \
             (SELECT id FROM messages WHERE deleted_at IS NOT NULL)",
            "UPDATE messages SET content = '', fingerprint = NULL, mentions = '', reactions = '', \
             pinned_by = NULL, pinned_at = NULL, forwarded = '', expire_after_read_s = NULL, \
             poll = '', poll_closes_at = NULL \
             WHERE deleted_at IS NOT NULL \
             AND (content <> '' OR fingerprint IS NOT NULL OR mentions <> '' OR reactions <> '' \
             OR pinned_at IS NOT NULL OR forwarded <> '' OR expire_after_read_s IS NOT NULL \
             OR poll <> '' OR poll_closes_at IS NOT NULL)",
        ],
    },
    Rule {
        name: "reactions.as_in_messages",
        holds: "a message tells of reactions if there are some",
        find: "SELECT 'message ' || m.id || ' tells otherwise than there are reactions' \
               FROM messages m WHERE (m.reactions <> '') \
               <> EXISTS (SELECT 1 FROM reactions r WHERE r.message_id = m.id)",
        repair: &[],
    },
    Rule {
        name: "votes.in_polls",
        holds: "there are votes in polls only, and a poll that waits for its end is one",
        find: "SELECT 'message ' || m.id || ' is no poll and has votes' FROM messages m \
               WHERE m.poll = '' AND (m.poll_closes_at IS NOT NULL \
               OR EXISTS (SELECT 1 FROM poll_votes v WHERE v.message_id = m.id))",
        repair: &[],
    },
    Rule {
        name: "mentions.as_in_messages",
        holds: "those whom a message mentions are those for whom it is counted",
        find: concat!(
            "SELECT 'message ' || m.id || ' mentions ' || ",
            mentioned!(),
            " || ' users, and is counted for ' || count(c.user_id) FROM messages m \
             LEFT JOIN mentions c ON c.room_id = m.room_id AND c.seq = m.seq \
             AND (' ' || m.mentions || ' ') LIKE ('% ' || c.user_id || ' %') \
             GROUP BY m.id, m.mentions HAVING count(c.user_id) <> ",
            mentioned!(),
            " UNION ALL SELECT 'place ' || c.seq || ' of room ' || c.room_id || ' is counted for user ' \
             || c.user_id || ', and does not mention them' FROM mentions c WHERE NOT EXISTS \
             (SELECT 1 FROM messages m WHERE m.room_id = c.room_id AND m.seq = c.seq \
             AND (' ' || m.mentions || ' ') LIKE ('% ' || c.user_id || ' %'))"
        ),
        repair: &[
            "DELETE FROM mentions WHERE NOT EXISTS (SELECT 1 FROM messages m \
             WHERE m.room_id = mentions.room_id AND m.seq = mentions.seq \
             AND (' ' || m.mentions || ' ') LIKE ('% ' || mentions.user_id || ' %'))",
            "INSERT INTO mentions (user_id, room_id, seq) SELECT u.id, m.room_id, m.seq \
             FROM messages m JOIN users u ON (' ' || m.mentions || ' ') LIKE ('% ' || u.id || ' %') \
             WHERE m.mentions <> '' ON CONFLICT (user_id, room_id, seq) DO NOTHING",
        ],
    },
    Rule {
        name: "rooms.deleted_empty",
        holds: "nothing and nobody is left in a deleted room",
        find: "SELECT 'room ' || r.id || ' was deleted and is not empty' FROM rooms r \
               WHERE r.deleted_at IS NOT NULL AND (r.member_count <> 0 OR r.name <> '' \
               OR EXISTS (SELECT 1 FROM messages m WHERE m.room_id = r.id) \
               OR EXISTS (SELECT 1 FROM drafts d WHERE d.room_id = r.id) \
               OR EXISTS (SELECT 1 FROM members m WHERE m.room_id = r.id AND m.state = 'joined'))",
        repair: &[
            "DELETE FROM message_edits WHERE message_id IN (SELECT m.id FROM messages m \
             JOIN rooms r ON r.id = m.room_id WHERE r.deleted_at IS NOT NULL)",
            "DELETE FROM reactions WHERE message_id IN (SELECT m.id FROM messages m \
             JOIN rooms r ON r.id = m.room_id WHERE r.deleted_at IS NOT NULL)",
            "DELETE FROM user_threads WHERE room_id IN (SELECT id FROM rooms WHERE deleted_at IS NOT NULL)",
            "DELETE FROM poll_votes WHERE message_id IN (SELECT m.id FROM messages m \
             JOIN rooms r ON r.id = m.room_id WHERE r.deleted_at IS NOT NULL)",
            "DELETE FROM poll_ballots WHERE message_id IN (SELECT m.id FROM messages m \
             JOIN rooms r ON r.id = m.room_id WHERE r.deleted_at IS NOT NULL)",
            "DELETE FROM messages WHERE room_id IN (SELECT id FROM rooms WHERE deleted_at IS NOT NULL)",
            "DELETE FROM drafts WHERE room_id IN (SELECT id FROM rooms WHERE deleted_at IS NOT NULL)",
            "UPDATE users SET user_rev = user_rev + 1 WHERE id IN (SELECT m.user_id FROM members m \
             JOIN rooms r ON r.id = m.room_id WHERE r.deleted_at IS NOT NULL AND m.state = 'joined')",
            "UPDATE members SET state = 'removed', user_rev = (SELECT u.user_rev FROM users u \
             WHERE u.id = members.user_id) WHERE state = 'joined' AND room_id IN \
             (SELECT id FROM rooms WHERE deleted_at IS NOT NULL)",
            "UPDATE rooms SET member_count = 0, name = '', topic = '', direct_key = NULL \
             WHERE deleted_at IS NOT NULL",
        ],
    },
    Rule {
        name: "threads.roots_in_place",
        holds: "a reply stands in the thread of an earlier message of its room that stands in none",
        find: "SELECT 'message ' || m.id || ' stands in a thread of message ' || m.thread_id \
               FROM messages m LEFT JOIN messages r ON r.id = m.thread_id \
               WHERE m.thread_id IS NOT NULL AND (r.id IS NULL OR r.room_id <> m.room_id \
               OR r.seq >= m.seq OR r.thread_id IS NOT NULL)",
        repair: &[],
    },
    // Before the rules about revisions: what it puts right takes the room's next ones, and the room's
    // counter follows.
    Rule {
        name: "threads.as_their_replies",
        holds: "a message tells of its thread what follows from the replies",
        find: concat!(
            "SELECT 'message ' || id || ' tells of ' || thread_replies || ' replies, and has ' || ",
            replies!(),
            " FROM messages WHERE ",
            thread_is_wrong!()
        ),
        repair: &[
            concat!(
                "UPDATE messages SET deleted_rev = CASE WHEN deleted_at IS NULL THEN NULL \
                 ELSE coalesce(deleted_rev, messages.rev) END, rev = v.rev FROM \
                 (SELECT w.id, o.rev + row_number() OVER (PARTITION BY w.room_id ORDER BY w.id) \
                 AS rev FROM (SELECT id, room_id FROM messages WHERE ",
                thread_is_wrong!(),
                ") w JOIN rooms o ON o.id = w.room_id) v WHERE v.id = messages.id"
            ),
            concat!(
                "UPDATE messages SET thread_replies = ",
                replies!(),
                ", thread_last_seq = ",
                last_reply!("seq"),
                ", thread_last_at = ",
                last_reply!("created_at"),
                " WHERE ",
                thread_is_wrong!()
            ),
        ],
    },
    Rule {
        name: "rooms.revisions_once",
        holds: "a revision of a room stands on one row, and is above 0",
        find: concat!(
            "SELECT 'revision ' || rev || ' of room ' || room_id || ' stands on ' || count(*) \
             || ' rows, such as ' || min(what) FROM (",
            stamps!(),
            ") s GROUP BY room_id, rev HAVING count(*) > 1 OR rev < 1"
        ),
        repair: &[],
    },
    Rule {
        name: "rooms.head_is_newest",
        holds: "a room's counter is at its newest change",
        find: concat!(
            "SELECT 'room ' || r.id || ' is at ' || r.rev || ', and its newest change is ' || s.rev \
             FROM rooms r JOIN (SELECT room_id, max(rev) AS rev FROM (",
            stamps!(),
            ") t GROUP BY room_id) s ON s.room_id = r.id \
             WHERE r.rev < s.rev OR (r.rev > s.rev AND r.deleted_at IS NULL)"
        ),
        repair: &[
            concat!(
                "UPDATE rooms SET rev = (SELECT max(s.rev) FROM (",
                stamps!(),
                ") s WHERE s.room_id = rooms.id) WHERE rev < (SELECT max(s.rev) FROM (",
                stamps!(),
                ") s WHERE s.room_id = rooms.id)"
            ),
            // Clients may have heard of it: it is never taken back, but given to the room itself.
            concat!(
                "UPDATE rooms SET state_rev = rev WHERE deleted_at IS NULL \
                 AND rev > (SELECT max(s.rev) FROM (",
                stamps!(),
                ") s WHERE s.room_id = rooms.id)"
            ),
        ],
    },
    // From here on a repair takes the next revision and gives it to the room itself, so that members
    // learn of what was put right.
    Rule {
        name: "rooms.last_seq",
        holds: "a room's last place is that of its newest message",
        find: concat!(
            "SELECT 'room ' || id || ' says that its last place is ' || last_seq || ', and it is ' || ",
            last_seq!(),
            " FROM rooms WHERE deleted_at IS NULL AND last_seq <> ",
            last_seq!()
        ),
        repair: &[concat!(
            "UPDATE rooms SET rev = rev + 1, state_rev = rev + 1, last_seq = ",
            last_seq!(),
            " WHERE deleted_at IS NULL AND last_seq <> ",
            last_seq!()
        )],
    },
    Rule {
        name: "rooms.last_message_at",
        holds: "a room was last active when its newest message came",
        find: concat!(
            "SELECT 'room ' || id || ' was last active at ' || last_message_at || ', and its newest \
             message is of ' || ",
            last_time!(),
            " FROM rooms WHERE deleted_at IS NULL AND last_message_at <> ",
            last_time!()
        ),
        repair: &[concat!(
            "UPDATE rooms SET rev = rev + 1, state_rev = rev + 1, last_message_at = ",
            last_time!(),
            " WHERE deleted_at IS NULL AND last_message_at <> ",
            last_time!()
        )],
    },
    Rule {
        name: "rooms.member_count",
        holds: "a room's count of members is the number of its members",
        find: concat!(
            "SELECT 'room ' || id || ' counts ' || member_count || ' members, and has ' || ",
            joined!(),
            " FROM rooms WHERE deleted_at IS NULL AND member_count <> ",
            joined!()
        ),
        repair: &[concat!(
            "UPDATE rooms SET rev = rev + 1, state_rev = rev + 1, member_count = ",
            joined!(),
            " WHERE deleted_at IS NULL AND member_count <> ",
            joined!()
        )],
    },
    Rule {
        name: "members.marks_in_bounds",
        holds: "nobody has read, or may see from, what is not there yet",
        find: "SELECT 'user ' || m.user_id || ' in room ' || m.room_id || ' has read up to ' \
               || m.read_seq || ' and sees from ' || m.first_visible_seq || ', and the last place is ' \
               || r.last_seq FROM members m JOIN rooms r ON r.id = m.room_id \
               WHERE m.read_seq < 0 OR m.read_seq > r.last_seq \
               OR m.first_visible_seq < 1 OR m.first_visible_seq > r.last_seq + 1",
        repair: &[
            "UPDATE users SET user_rev = user_rev + 1 WHERE id IN (SELECT m.user_id FROM members m \
             JOIN rooms r ON r.id = m.room_id WHERE m.read_seq < 0 OR m.read_seq > r.last_seq \
             OR m.first_visible_seq < 1 OR m.first_visible_seq > r.last_seq + 1)",
            "UPDATE members SET read_seq = CASE WHEN read_seq < 0 THEN 0 ELSE \
             (SELECT r.last_seq FROM rooms r WHERE r.id = room_id) END, \
             user_rev = (SELECT u.user_rev FROM users u WHERE u.id = user_id) WHERE read_seq < 0 \
             OR read_seq > (SELECT r.last_seq FROM rooms r WHERE r.id = room_id)",
            "UPDATE members SET first_visible_seq = CASE WHEN first_visible_seq < 1 THEN 1 ELSE \
             (SELECT r.last_seq + 1 FROM rooms r WHERE r.id = room_id) END, \
             user_rev = (SELECT u.user_rev FROM users u WHERE u.id = user_id) \
             WHERE first_visible_seq < 1 OR first_visible_seq > \
             (SELECT r.last_seq + 1 FROM rooms r WHERE r.id = room_id)",
        ],
    },
    Rule {
        name: "requests.paired",
        holds: "a request is sent by who began the direct room, received or declined by the other, and \
                only who began it has written in it",
        find: concat!(
            "SELECT 'user ' || m.user_id || ' has a request alone in room ' || m.room_id FROM members m \
             WHERE ",
            request_is_wrong!()
        ),
        repair: &[
            concat!(
                "UPDATE users SET user_rev = user_rev + 1 WHERE id IN (SELECT m.user_id \
                 FROM members m WHERE ",
                request_is_wrong!(),
                ")"
            ),
            concat!(
                "UPDATE members SET request = 'none', user_rev = (SELECT u.user_rev FROM users u \
                 WHERE u.id = members.user_id) WHERE EXISTS (SELECT 1 FROM members m \
                 WHERE m.room_id = members.room_id AND m.user_id = members.user_id AND ",
                request_is_wrong!(),
                ")"
            ),
        ],
    },
    Rule {
        name: "members.delivered_in_bounds",
        holds: "nothing reached anybody that is not there yet",
        find: "SELECT 'user ' || m.user_id || ' in room ' || m.room_id || ' got up to ' \
               || m.delivered_seq || ', and the last place is ' || r.last_seq FROM members m \
               JOIN rooms r ON r.id = m.room_id \
               WHERE m.delivered_seq < 0 OR m.delivered_seq > r.last_seq",
        repair: &[
            "UPDATE members SET delivered_seq = read_seq WHERE delivered_seq < 0 \
             OR delivered_seq > (SELECT r.last_seq FROM rooms r WHERE r.id = room_id)",
        ],
    },
    Rule {
        name: "threads.marks_in_bounds",
        holds: "nobody has read more of a thread than there is in its room",
        find: "SELECT 'user ' || t.user_id || ' has read the thread of message ' || t.thread_id \
               || ' up to ' || t.read_seq || ', and the last place is ' || r.last_seq \
               FROM user_threads t JOIN rooms r ON r.id = t.room_id \
               WHERE t.read_seq < 0 OR t.read_seq > r.last_seq",
        repair: &[
            "UPDATE users SET user_rev = user_rev + 1 WHERE id IN (SELECT t.user_id \
             FROM user_threads t JOIN rooms r ON r.id = t.room_id \
             WHERE t.read_seq < 0 OR t.read_seq > r.last_seq)",
            "UPDATE user_threads SET read_seq = CASE WHEN read_seq < 0 THEN 0 ELSE \
             (SELECT r.last_seq FROM rooms r WHERE r.id = room_id) END, \
             user_rev = (SELECT u.user_rev FROM users u WHERE u.id = user_id) WHERE read_seq < 0 \
             OR read_seq > (SELECT r.last_seq FROM rooms r WHERE r.id = room_id)",
        ],
    },
    Rule {
        name: "users.counter_is_newest",
        holds: "a user's counter is not behind what only they see",
        find: concat!(
            "SELECT 'user ' || u.id || ' is at ' || u.user_rev || ', and their newest change is ' \
             || max(m.user_rev) FROM users u JOIN (",
            own!(),
            ") m ON m.user_id = u.id GROUP BY u.id, u.user_rev HAVING max(m.user_rev) > u.user_rev"
        ),
        repair: &[concat!(
            "UPDATE users SET user_rev = (SELECT max(m.user_rev) FROM (",
            own!(),
            ") m WHERE m.user_id = users.id) WHERE user_rev < (SELECT max(m.user_rev) FROM (",
            own!(),
            ") m WHERE m.user_id = users.id)"
        )],
    },
    Rule {
        name: "users.erased_empty",
        holds: "nothing is left of an erased user but what they said, and direct rooms of others",
        find: "SELECT 'user ' || u.id || ' was erased and is not' FROM users u \
               JOIN erasures e ON e.user_id = u.id WHERE u.password_hash IS NOT NULL \
               OR EXISTS (SELECT 1 FROM sessions s WHERE s.user_id = u.id) \
               OR EXISTS (SELECT 1 FROM scheduled s WHERE s.user_id = u.id) \
               OR EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = u.id) \
               OR EXISTS (SELECT 1 FROM drafts d WHERE d.user_id = u.id) \
               OR EXISTS (SELECT 1 FROM attention a WHERE a.user_id = u.id) \
               OR EXISTS (SELECT 1 FROM reports p WHERE p.reporter_id = u.id AND p.words <> '') \
               OR (e.done_at IS NOT NULL AND (\
               EXISTS (SELECT 1 FROM reactions r WHERE r.user_id = u.id) \
               OR EXISTS (SELECT 1 FROM members m JOIN rooms r ON r.id = m.room_id \
               WHERE m.user_id = u.id AND m.state = 'joined' AND r.kind <> 'direct')))",
        repair: &[],
    },
    Rule {
        name: "custom_emoji.pictures",
        holds: "an emoji that is there has a picture, and one without is being cleared or done with",
        find: "SELECT ':' || name || ': is there and has no picture to show' FROM custom_emoji \
               WHERE removed_at IS NULL AND (blob = '' OR clearing_until IS NOT NULL) \
               UNION ALL SELECT ':' || name || ': was taken away, and nobody deletes its picture' \
               FROM custom_emoji WHERE removed_at IS NOT NULL \
               AND (blob <> '') <> (clearing_until IS NOT NULL)",
        repair: &[],
    },
    Rule {
        name: "counters.above_ids",
        holds: "an id is never given twice",
        find: "SELECT 'the next ' || c.name || ' would get an id that is taken: the counter is at ' \
               || c.value || ', the newest has ' || t.id FROM counters c JOIN (\
               SELECT 'user' AS name, max(id) AS id FROM users \
               UNION ALL SELECT 'room', max(id) FROM rooms \
               UNION ALL SELECT 'message', max(id) FROM messages \
               UNION ALL SELECT 'emoji', max(rev) FROM custom_emoji) t ON t.name = c.name \
               WHERE t.id > c.value",
        repair: &[
            "UPDATE counters SET value = (SELECT max(id) FROM users) WHERE name = 'user' \
             AND value < (SELECT max(id) FROM users)",
            "UPDATE counters SET value = (SELECT max(id) FROM rooms) WHERE name = 'room' \
             AND value < (SELECT max(id) FROM rooms)",
            "UPDATE counters SET value = (SELECT max(id) FROM messages) WHERE name = 'message' \
             AND value < (SELECT max(id) FROM messages)",
            "UPDATE counters SET value = (SELECT max(rev) FROM custom_emoji) WHERE name = 'emoji' \
             AND value < (SELECT max(rev) FROM custom_emoji)",
        ],
    },
];
