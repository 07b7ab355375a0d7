//! `erasures`: accounts of which nothing is to be left, and the statements that take it away.

use erc_protocol::{ClientId, MessageId, RoomId, Timestamp, UserId, role::UnknownWord};
use uuid::Uuid;

use super::{Result, Tx, tx::on};

/// What is taken away, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Places in rooms, and the name that others hold.
    Rooms,
    /// Reactions and votes.
    Reactions,
    /// The name told with messages that others forwarded.
    Forwards,
    /// Messages, unless they are kept.
    Messages,
    /// What reports kept of their messages.
    Reports,
}

impl Phase {
    const fn word(self) -> &'static str {
        match self {
            Self::Rooms => "rooms",
            Self::Reactions => "reactions",
            Self::Forwards => "forwards",
            Self::Messages => "messages",
            Self::Reports => "reports",
        }
    }
}

impl TryFrom<String> for Phase {
    type Error = UnknownWord;

    fn try_from(word: String) -> std::result::Result<Self, UnknownWord> {
        const ALL: [Phase; 5] = [
            Phase::Rooms,
            Phase::Reactions,
            Phase::Forwards,
            Phase::Messages,
            Phase::Reports,
        ];
        let found = ALL.into_iter().find(|phase| phase.word() == word);
        found.ok_or(UnknownWord {
            word,
            expected: &["rooms", "reactions", "forwards", "messages", "reports"],
        })
    }
}

/// How far an erasure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct ErasureRow {
    #[sqlx(try_from = "i64")]
    pub user_id: UserId,
    pub keeps_messages: bool,
    #[sqlx(try_from = "i64")]
    pub asked_at: Timestamp,
    #[sqlx(try_from = "String")]
    pub phase: Phase,
    /// The last room, or message, that the phase is done with.
    pub after_id: i64,
    /// The name of the last message that is gone, or of the last report.
    pub after_name: Option<Uuid>,
    pub done_at: Option<i64>,
}

/// What only its owner saw, or what only they could use.
const PRIVATE: [&str; 11] = [
    "DELETE FROM sessions WHERE user_id = $1",
    "DELETE FROM scheduled WHERE user_id = $1",
    "DELETE FROM user_threads WHERE user_id = $1",
    "DELETE FROM drafts WHERE user_id = $1",
    "DELETE FROM attention WHERE user_id = $1",
    "DELETE FROM blocks WHERE user_id = $1",
    "DELETE FROM receipts WHERE user_id = $1",
    "DELETE FROM room_links WHERE created_by = $1",
    "DELETE FROM invites WHERE created_by = $1",
    "UPDATE reports SET words = '' WHERE reporter_id = $1",
    "DELETE FROM poll_ballots WHERE user_id = $1",
];

impl Tx {
    /// Takes a person's name and password from an account, and all that was theirs alone. Nobody
    /// can sign in to it any more, nor is anybody else called so.
    pub async fn blank_user(&mut self, user: UserId, now: Timestamp) -> Result<()> {
        const USER: &str = "UPDATE users SET username = 'deleted~' || CAST(id AS TEXT), \
                            display_name = 'deleted user', password_hash = NULL, role = 'guest', \
                            last_seen_at = NULL, deactivated_at = NULL, presence = '', \
                            presence_due = NULL, \
                            disabled_at = coalesce(disabled_at, $2), erased_at = $2 WHERE id = $1";
        on!(self, |conn| sqlx::query(USER)
            .bind(user.0)
            .bind(now.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        for sql in PRIVATE {
            on!(self, |conn| sqlx::query(sql)
                .bind(user.0)
                .execute(conn)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }

    /// Since when an account waits to be taken up again; absent if it is used.
    pub async fn set_deactivated(&mut self, user: UserId, at: Option<Timestamp>) -> Result<()> {
        const SQL: &str = "UPDATE users SET deactivated_at = $2 WHERE id = $1";
        on!(self, |conn| sqlx::query(SQL)
            .bind(user.0)
            .bind(at.map(|at| at.0))
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Owners of the server besides this user, who can sign in.
    pub async fn count_other_owners(&mut self, user: UserId) -> Result<i64> {
        const SQL: &str = "SELECT CAST(count(*) AS BIGINT) FROM users WHERE role = 'owner' \
                           AND id <> $1 AND disabled_at IS NULL AND deactivated_at IS NULL";
        Ok(on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(user.0)
            .fetch_one(conn)
            .await)?)
    }

    /// Writes how far an erasure is, new or not.
    pub async fn put_erasure(&mut self, row: &ErasureRow) -> Result<()> {
        const SQL: &str = "INSERT INTO erasures (user_id, keeps_messages, asked_at, phase, \
                           after_id, after_name, done_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
                           ON CONFLICT (user_id) DO UPDATE SET phase = excluded.phase, \
                           after_id = excluded.after_id, after_name = excluded.after_name, \
                           done_at = excluded.done_at";
        on!(self, |conn| sqlx::query(SQL)
            .bind(row.user_id.0)
            .bind(row.keeps_messages)
            .bind(row.asked_at.0)
            .bind(row.phase.word())
            .bind(row.after_id)
            .bind(row.after_name)
            .bind(row.done_at)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// How far the erasure of an account is, if it was asked for.
    pub async fn erasure(&mut self, user: UserId) -> Result<Option<ErasureRow>> {
        const SQL: &str = "SELECT * FROM erasures WHERE user_id = $1";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .fetch_optional(conn)
            .await)?)
    }

    /// The erasure that was asked for first and isn't done.
    pub async fn open_erasure(&mut self) -> Result<Option<ErasureRow>> {
        const SQL: &str =
            "SELECT * FROM erasures WHERE done_at IS NULL ORDER BY asked_at, user_id LIMIT 1";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .fetch_optional(conn)
            .await)?)
    }

    /// Rooms that are not deleted where a user is or was, by id, after one of them.
    pub async fn rooms_ever(
        &mut self,
        user: UserId,
        after: i64,
        limit: i64,
    ) -> Result<Vec<RoomId>> {
        const SQL: &str = "SELECT m.room_id FROM members m JOIN rooms r ON r.id = m.room_id \
                           WHERE m.user_id = $1 AND m.room_id > $2 AND r.deleted_at IS NULL \
                           ORDER BY m.room_id LIMIT $3 + 0";
        let ids: Vec<i64> = on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(user.0)
            .bind(after)
            .bind(limit)
            .fetch_all(conn)
            .await)?;
        Ok(ids.into_iter().map(RoomId).collect())
    }

    /// Forgets when somebody read and got what is in a room.
    pub async fn forget_marks(&mut self, room: RoomId, user: UserId) -> Result<()> {
        const SQL: &str = "UPDATE members SET read_at = NULL, delivered_at = NULL, \
                           marked_unread = $3, muted_until = NULL, last_sent_at = NULL, \
                           level = 'usual', hushed_until = NULL \
                           WHERE room_id = $1 AND user_id = $2";
        on!(self, |conn| sqlx::query(SQL)
            .bind(room.0)
            .bind(user.0)
            .bind(false)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Messages to which a user reacted, and polls in which they voted, with their rooms.
    pub async fn reacted_by(
        &mut self,
        user: UserId,
        limit: i64,
    ) -> Result<Vec<(RoomId, MessageId)>> {
        const SQL: &str = "SELECT m.room_id, m.id FROM messages m WHERE m.id IN \
                           (SELECT message_id FROM reactions WHERE user_id = $1 \
                           UNION SELECT message_id FROM poll_votes WHERE user_id = $1) \
                           ORDER BY m.id LIMIT $2 + 0";
        let rows: Vec<(i64, i64)> = on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(limit)
            .fetch_all(conn)
            .await)?;
        let place = |(room, id): (i64, i64)| (RoomId(room), MessageId(id));
        Ok(rows.into_iter().map(place).collect())
    }

    /// Takes a user's reactions and vote from a message.
    pub async fn drop_reactions(&mut self, message: MessageId, user: UserId) -> Result<()> {
        const REACTIONS: &str = "DELETE FROM reactions WHERE message_id = $1 AND user_id = $2";
        const VOTE: &str = "DELETE FROM poll_votes WHERE message_id = $1 AND user_id = $2";
        for sql in [REACTIONS, VOTE] {
            on!(self, |conn| sqlx::query(sql)
                .bind(message.0)
                .bind(user.0)
                .execute(conn)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }

    /// Messages after one of them that were forwarded with this author's name, with their rooms.
    pub async fn forwarded_from(
        &mut self,
        author: UserId,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(RoomId, MessageId)>> {
        const SQL: &str = "SELECT room_id, id FROM messages WHERE forwarded <> '' AND id > $1 \
                           AND forwarded LIKE $2 ORDER BY id LIMIT $3 + 0";
        let rows: Vec<(i64, i64)> = on!(self, |conn| sqlx::query_as(SQL)
            .bind(after)
            .bind(format!("%\"sender_id\":{author},%"))
            .bind(limit)
            .fetch_all(conn)
            .await)?;
        let place = |(room, id): (i64, i64)| (RoomId(room), MessageId(id));
        Ok(rows.into_iter().map(place).collect())
    }

    /// Writes what is told of a forwarded message's origin.
    pub async fn write_forwarded(
        &mut self,
        message: MessageId,
        forwarded: &erc_protocol::message::Forwarded,
        rev: erc_protocol::Rev,
    ) -> Result<()> {
        const SQL: &str = "UPDATE messages SET forwarded = $2, rev = $3 WHERE id = $1";
        let json = serde_json::to_string(forwarded).unwrap_or_default();
        on!(self, |conn| sqlx::query(SQL)
            .bind(message.0)
            .bind(&json)
            .bind(rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// A sender's messages by their own names, after one of them: room, id, name.
    pub async fn sent_by(
        &mut self,
        sender: UserId,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<(RoomId, MessageId, ClientId)>> {
        const SQL: &str = "SELECT room_id, id, client_id FROM messages WHERE sender_id = $1 \
                           AND client_id > $2 ORDER BY client_id LIMIT $3 + 0";
        let rows: Vec<(i64, i64, Uuid)> = on!(self, |conn| sqlx::query_as(SQL)
            .bind(sender.0)
            .bind(after.unwrap_or(Uuid::nil()))
            .bind(limit)
            .fetch_all(conn)
            .await)?;
        let message = |(room, id, name)| (RoomId(room), MessageId(id), ClientId(name));
        Ok(rows.into_iter().map(message).collect())
    }
}
