//! Statements that the two databases say differently, as pairs, each with its reason.

use super::Tx;

/// The same statement in both dialects.
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    sqlite: &'static str,
    postgres: &'static str,
}

impl Sql {
    /// For SQLite and for PostgreSQL.
    pub(super) const fn pair(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }

    /// The text for this transaction's database.
    #[must_use]
    pub const fn text(self, tx: &Tx) -> &'static str {
        match tx {
            Tx::Sqlite(_) => self.sqlite,
            Tx::Postgres(_) => self.postgres,
        }
    }
}

/// PostgreSQL has several writers, so the row that holds a room's counters is locked before they
/// are read; SQLite has one writer and no such clause. `NO KEY`, because nobody changes an id: who
/// writes a row that refers to the room (a read mark, a receipt) neither waits nor is waited for in
/// a circle.
pub(super) const ROOM_FOR_UPDATE: Sql = Sql {
    sqlite: "SELECT * FROM rooms WHERE id = $1 AND deleted_at IS NULL",
    postgres: "SELECT * FROM rooms WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE",
};

/// The tail of a query over several rooms that will be changed: in order of id, so that two
/// transactions never wait for each other, and locked where there are several writers.
pub(super) const LOCK_ROOMS: Sql = Sql {
    sqlite: " ORDER BY id",
    postgres: " ORDER BY id FOR NO KEY UPDATE",
};

/// The same for users whose counters will move.
pub(super) const LOCK_USERS: Sql = Sql {
    sqlite: " ORDER BY id",
    postgres: " ORDER BY id FOR NO KEY UPDATE",
};

/// Two who present the same refresh token at two nodes take turns: the second finds what the first
/// has made of it.
pub(super) const SESSION_BY_REFRESH: Sql = Sql {
    sqlite: "SELECT * FROM sessions WHERE refresh_hash = $1 OR previous_hash = $1",
    postgres: "SELECT * FROM sessions WHERE refresh_hash = $1 OR previous_hash = $1 FOR UPDATE",
};

/// Who changes the custom emoji takes turns, before they look at what there is.
pub(super) const LOCK_EMOJI: Sql = Sql {
    sqlite: "SELECT value FROM counters WHERE name = 'emoji'",
    postgres: "SELECT value FROM counters WHERE name = 'emoji' FOR NO KEY UPDATE",
};

/// Two nodes don't index one room at a time: what the slower one has read would be older than what
/// the faster one has written.
pub(super) const INDEX_PLACE: Sql = Sql {
    sqlite: "SELECT indexed_rev FROM search_rooms WHERE room_id = $1",
    postgres: "SELECT indexed_rev FROM search_rooms WHERE room_id = $1 FOR UPDATE",
};

/// The same for counting: a change would be counted twice.
pub(super) const COUNT_PLACE: Sql = Sql {
    sqlite: "SELECT counted_seq, counted_rev FROM analytics_rooms WHERE room_id = $1",
    postgres: "SELECT counted_seq, counted_rev FROM analytics_rooms WHERE room_id = $1 FOR UPDATE",
};

/// Each has its own kind of index; the ids follow.
pub(super) const UNINDEX: Sql = Sql {
    sqlite: "DELETE FROM search_grams WHERE rowid IN (",
    postgres: "DELETE FROM search_messages WHERE message_id IN (",
};
