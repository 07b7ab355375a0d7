//! `rooms`: the row that holds a room's counters is the lock of the room.

use erc_protocol::{
    ClientId, History, Rev, Room, RoomId, RoomKind, RoomSettings, Seq, Timestamp, UserId,
};

use crate::rules::permission::RoomFacts;

use super::{Error, Result, Tx, batch::padded, dialect, meta::Kind, tx::on};

/// A room to be made.
#[derive(Debug, Clone)]
pub struct NewRoom {
    pub name: String,
    pub topic: String,
    pub kind: RoomKind,
    pub is_private: bool,
    pub history: History,
    pub created_by: UserId,
    pub client_id: ClientId,
    /// `lower:higher` user id of a direct room: there is one for each pair.
    pub direct_key: Option<String>,
}

/// A row of `rooms`.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RoomRow {
    #[sqlx(try_from = "i64")]
    pub id: RoomId,
    /// The room's newest change.
    #[sqlx(try_from = "i64")]
    pub rev: Rev,
    /// The newest change of the room's own fields.
    #[sqlx(try_from = "i64")]
    pub state_rev: Rev,
    pub name: String,
    pub topic: String,
    #[sqlx(try_from = "String")]
    pub kind: RoomKind,
    pub is_private: bool,
    #[sqlx(try_from = "String")]
    pub history: History,
    #[sqlx(try_from = "i64")]
    pub created_by: UserId,
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
    #[sqlx(try_from = "i64")]
    pub last_seq: Seq,
    #[sqlx(try_from = "i64")]
    pub last_message_at: Timestamp,
    pub member_count: i64,
    #[sqlx(try_from = "String")]
    pub settings: RoomSettings,
}

impl RoomRow {
    /// What decides about what may be done in it.
    #[must_use]
    pub const fn facts(&self) -> RoomFacts<'_> {
        RoomFacts {
            kind: self.kind,
            is_private: self.is_private,
            settings: &self.settings,
        }
    }

    /// As members see it.
    #[must_use]
    pub fn public(&self) -> Room {
        Room {
            id: self.id,
            rev: self.state_rev,
            name: self.name.clone(),
            topic: self.topic.clone(),
            kind: self.kind,
            is_private: self.is_private,
            history: self.history,
            created_by: self.created_by,
            created_at: self.created_at,
            member_count: self.member_count,
            last_seq: self.last_seq,
            last_message_at: self.last_message_at,
            settings: self.settings.clone(),
        }
    }
}

/// What sends move in a room, and what decides whether they may. A batch reads it of many rooms at a
/// time, so it has no more columns than that.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Counters {
    #[sqlx(try_from = "i64")]
    pub id: RoomId,
    #[sqlx(try_from = "i64")]
    pub rev: Rev,
    #[sqlx(try_from = "i64")]
    pub last_seq: Seq,
    #[sqlx(try_from = "i64")]
    pub last_message_at: Timestamp,
    pub member_count: i64,
    #[sqlx(try_from = "String")]
    pub kind: RoomKind,
    pub is_private: bool,
    #[sqlx(try_from = "String")]
    pub settings: RoomSettings,
}

impl Counters {
    /// What decides about what may be done in the room.
    #[must_use]
    pub const fn facts(&self) -> RoomFacts<'_> {
        RoomFacts {
            kind: self.kind,
            is_private: self.is_private,
            settings: &self.settings,
        }
    }
}

impl From<RoomRow> for Counters {
    fn from(row: RoomRow) -> Self {
        Self {
            id: row.id,
            rev: row.rev,
            last_seq: row.last_seq,
            last_message_at: row.last_message_at,
            member_count: row.member_count,
            kind: row.kind,
            is_private: row.is_private,
            settings: row.settings,
        }
    }
}

impl Tx {
    /// Adds a room, at revision 1; its members are added by the caller. A conflict leaves the
    /// transaction usable: what is there can be looked up in it.
    pub async fn insert_room(&mut self, room: &NewRoom, now: Timestamp) -> Result<RoomRow> {
        const SQL: &str = "INSERT INTO rooms (id, rev, state_rev, name, topic, kind, is_private, \
                           history, created_by, created_at, client_id, direct_key, \
                           last_message_at) \
                           VALUES ($1, 1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $8) \
                           ON CONFLICT DO NOTHING RETURNING *";
        let id = self.take_ids(Kind::Room, 1).await?;
        on!(self, |conn| sqlx::query_as(SQL)
            .bind(id)
            .bind(&room.name)
            .bind(&room.topic)
            .bind(room.kind.as_str())
            .bind(room.is_private)
            .bind(room.history.as_str())
            .bind(room.created_by.0)
            .bind(now.0)
            .bind(room.client_id.0)
            .bind(&room.direct_key)
            .fetch_optional(conn)
            .await)?
        .ok_or(Error::Conflict)
    }

    /// A room that has not been deleted.
    pub async fn room(&mut self, id: RoomId) -> Result<Option<RoomRow>> {
        const SQL: &str = "SELECT * FROM rooms WHERE id = $1 AND deleted_at IS NULL";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(id.0)
            .fetch_optional(conn)
            .await)?)
    }

    /// A room with its counters locked until the end of the transaction.
    pub async fn room_for_update(&mut self, id: RoomId) -> Result<Option<RoomRow>> {
        let sql = dialect::ROOM_FOR_UPDATE.text(self);
        Ok(on!(self, |conn| sqlx::query_as(sql)
            .bind(id.0)
            .fetch_optional(conn)
            .await)?)
    }

    /// These rooms as far as they exist, in order of id, with their counters locked until the end
    /// of the transaction. What is read after it is not older than them.
    pub(crate) async fn rooms_for_update(&mut self, ids: &[RoomId]) -> Result<Vec<Counters>> {
        const SQL: &str = "SELECT id, rev, last_seq, last_message_at, member_count, kind, \
                           is_private, settings FROM rooms WHERE deleted_at IS NULL AND id IN (";
        let tail = dialect::LOCK_ROOMS.text(self);
        Ok(on!(self, |conn| {
            let mut query = sqlx::QueryBuilder::new(SQL);
            let mut list = query.separated(", ");
            for id in padded(ids) {
                list.push_bind(id.0);
            }
            query.push(")").push(tail);
            query.build_query_as().fetch_all(conn).await
        })?)
    }

    /// The room that this user made under this name of theirs.
    pub async fn room_by_client_id(
        &mut self,
        creator: UserId,
        client_id: ClientId,
    ) -> Result<Option<RoomRow>> {
        const SQL: &str = "SELECT * FROM rooms WHERE created_by = $1 AND client_id = $2 \
                           AND deleted_at IS NULL";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(creator.0)
            .bind(client_id.0)
            .fetch_optional(conn)
            .await)?)
    }

    /// The direct room of a pair.
    pub async fn direct_room(&mut self, direct_key: &str) -> Result<Option<RoomRow>> {
        const SQL: &str = "SELECT * FROM rooms WHERE direct_key = $1 AND deleted_at IS NULL";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(direct_key)
            .fetch_optional(conn)
            .await)?)
    }

    /// Takes the next number of the room's counter; the row stays locked until the end.
    pub async fn next_rev(&mut self, id: RoomId) -> Result<Rev> {
        const SQL: &str = "UPDATE rooms SET rev = rev + 1 WHERE id = $1 RETURNING rev";
        let rev: i64 = on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(id.0)
            .fetch_one(conn)
            .await)?;
        Ok(Rev(rev))
    }

    /// Gives a room's own fields new values, stamped with `rev`.
    pub async fn update_room(
        &mut self,
        id: RoomId,
        rev: Rev,
        name: &str,
        topic: &str,
        is_private: bool,
        settings: &RoomSettings,
    ) -> Result<RoomRow> {
        const SQL: &str = "UPDATE rooms SET state_rev = $2, name = $3, topic = $4, \
                           is_private = $5, settings = $6 WHERE id = $1 RETURNING *";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(id.0)
            .bind(rev.0)
            .bind(name)
            .bind(topic)
            .bind(is_private)
            .bind(settings.to_text())
            .fetch_one(conn)
            .await)?)
    }

    /// Makes a room unreachable and empties it: messages, edits and names go, ids stay.
    pub async fn delete_room(&mut self, id: RoomId, now: Timestamp) -> Result<()> {
        const EDITS: &str = "DELETE FROM message_edits WHERE message_id IN \
                             (SELECT id FROM messages WHERE room_id = $1)";
        const REACTIONS: &str = "DELETE FROM reactions WHERE message_id IN \
                                 (SELECT id FROM messages WHERE room_id = $1)";
        const THREADS: &str = "DELETE FROM user_threads WHERE room_id = $1";
        const VOTES: &str = "DELETE FROM poll_votes WHERE message_id IN \
                             (SELECT id FROM messages WHERE room_id = $1)";
        const BALLOTS: &str = "DELETE FROM poll_ballots WHERE message_id IN \
                               (SELECT id FROM messages WHERE room_id = $1)";
        const MESSAGES: &str = "DELETE FROM messages WHERE room_id = $1";
        const RECEIPTS: &str = "DELETE FROM receipts WHERE room_id = $1";
        const MENTIONS: &str = "DELETE FROM mentions WHERE room_id = $1";
        const BANS: &str = "DELETE FROM bans WHERE room_id = $1";
        const READS: &str = "DELETE FROM expiry_reads WHERE room_id = $1";
        const LINKS: &str = "DELETE FROM room_links WHERE room_id = $1";
        const DRAFTS: &str = "DELETE FROM drafts WHERE room_id = $1";
        const FILTERS: &str = "DELETE FROM word_filters WHERE room_id = $1";
        // They stay, for those of the server: deleting a room hides nothing from them.
        const REPORTS: &str = "UPDATE reports SET room_id = NULL WHERE room_id = $1";
        const ROOM: &str = "UPDATE rooms SET deleted_at = $2, name = '', topic = '', \
                            settings = '', direct_key = NULL, member_count = 0 WHERE id = $1";
        for sql in [
            EDITS, REACTIONS, THREADS, VOTES, BALLOTS, MESSAGES, RECEIPTS, MENTIONS, BANS, READS,
            LINKS, DRAFTS, FILTERS, REPORTS,
        ] {
            on!(self, |conn| sqlx::query(sql)
                .bind(id.0)
                .execute(conn)
                .await
                .map(|_| ()))?;
        }
        on!(self, |conn| sqlx::query(ROOM)
            .bind(id.0)
            .bind(now.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Public rooms, largest first.
    pub async fn public_rooms(&mut self, limit: i64) -> Result<Vec<RoomRow>> {
        const SQL: &str = "SELECT * FROM rooms WHERE is_private = $1 AND deleted_at IS NULL \
                           AND kind <> 'direct' ORDER BY member_count DESC, id LIMIT $2 + 0";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(false)
            .bind(limit)
            .fetch_all(conn)
            .await)?)
    }

    /// Counts the joined members of a room into its row.
    pub async fn recount_members(&mut self, id: RoomId) -> Result<i64> {
        const SQL: &str = "UPDATE rooms SET member_count = (SELECT count(*) FROM members \
                           WHERE room_id = $1 AND state = 'joined') \
                           WHERE id = $1 RETURNING member_count";
        Ok(on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(id.0)
            .fetch_one(conn)
            .await)?)
    }
}
