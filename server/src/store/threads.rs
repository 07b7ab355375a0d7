//! Threads: which replies there are, what a root's row tells of them, and `user_threads`.

use erc_protocol::{MessageId, Rev, RoomId, Seq, ThreadSummary, UserId, UserRev};

use super::batch::padded;
use super::{MessageRow, Result, Tx, messages::messages, tx::on};

/// A thread as one user sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct UserThreadRow {
    #[sqlx(try_from = "i64")]
    pub user_id: UserId,
    #[sqlx(try_from = "i64")]
    pub thread_id: MessageId,
    #[sqlx(try_from = "i64")]
    pub room_id: RoomId,
    pub following: bool,
    #[sqlx(try_from = "i64")]
    pub read_seq: Seq,
    #[sqlx(try_from = "i64")]
    pub user_rev: UserRev,
}

/// What deciding about a reply needs to know of its root.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub(crate) struct RootRow {
    #[sqlx(try_from = "i64")]
    pub(crate) id: MessageId,
    #[sqlx(try_from = "i64")]
    pub(crate) room_id: RoomId,
    #[sqlx(try_from = "i64")]
    pub(crate) seq: Seq,
    #[sqlx(try_from = "i64")]
    pub(crate) sender_id: UserId,
    /// Set if it is no root but a reply itself.
    pub(crate) thread_id: Option<i64>,
    pub(crate) thread_replies: i64,
    pub(crate) thread_last_seq: Option<i64>,
    pub(crate) deleted_at: Option<i64>,
}

impl Tx {
    /// Roots of replies that are to be sent; their rooms are locked already.
    pub(crate) async fn roots(&mut self, ids: &[MessageId]) -> Result<Vec<RootRow>> {
        Ok(on!(self, |conn| {
            let mut query = sqlx::QueryBuilder::new(
                "SELECT id, room_id, seq, sender_id, thread_id, thread_replies, thread_last_seq, \
                 deleted_at FROM messages WHERE id IN (",
            );
            let mut list = query.separated(", ");
            for id in padded(ids) {
                list.push_bind(id.0);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await
        })?)
    }

    /// Counts a root's replies again and tells of them in its row, under a new revision.
    pub async fn write_thread(&mut self, top: MessageId, rev: Rev) -> Result<()> {
        const SQL: &str = "UPDATE messages SET rev = $2, deleted_rev = CASE \
             WHEN deleted_at IS NULL THEN NULL ELSE coalesce(deleted_rev, rev) END, \
             thread_replies = (SELECT count(*) FROM messages r \
                 WHERE r.thread_id = $1 AND r.deleted_at IS NULL), \
             thread_last_seq = (SELECT max(r.seq) FROM messages r \
                 WHERE r.thread_id = $1 AND r.deleted_at IS NULL), \
             thread_last_at = (SELECT r.created_at FROM messages r \
                 WHERE r.thread_id = $1 AND r.deleted_at IS NULL ORDER BY r.seq DESC LIMIT 1) \
             WHERE id = $1";
        on!(self, |conn| sqlx::query(SQL)
            .bind(top.0)
            .bind(rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The newest replies of a thread below a place, oldest first.
    pub async fn replies_before(
        &mut self,
        top: MessageId,
        first_visible: Seq,
        before: Seq,
        limit: i64,
    ) -> Result<Vec<MessageRow>> {
        const SQL: &str = messages!(
            "WHERE m.thread_id = $1 AND m.seq < $2 AND m.seq >= $3 ORDER BY m.seq DESC LIMIT $4 + 0"
        );
        let mut rows: Vec<MessageRow> = on!(self, |conn| sqlx::query_as(SQL)
            .bind(top.0)
            .bind(before.0)
            .bind(first_visible.0)
            .bind(limit)
            .fetch_all(conn)
            .await)?;
        rows.reverse();
        Ok(rows)
    }

    /// Roots of a room from a place on whose newest reply is below another, the last answered first.
    pub async fn threads_before(
        &mut self,
        room: RoomId,
        first_visible: Seq,
        before: Seq,
        limit: i64,
    ) -> Result<Vec<MessageRow>> {
        const SQL: &str = messages!(
            "WHERE m.room_id = $1 AND m.thread_replies > 0 AND m.thread_last_seq < $2 \
             AND m.seq >= $3 ORDER BY m.thread_last_seq DESC LIMIT $4 + 0"
        );
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(room.0)
            .bind(before.0)
            .bind(first_visible.0)
            .bind(limit)
            .fetch_all(conn)
            .await)?)
    }

    /// Replies above `after` that count as unread for `user`, as [`Self::count_unread`] does of a
    /// room.
    pub async fn count_unread_replies(
        &mut self,
        top: MessageId,
        user: UserId,
        after: Seq,
        at: (Seq, Rev),
    ) -> Result<i64> {
        const SQL: &str = "SELECT CAST(count(*) AS BIGINT) FROM messages WHERE thread_id = $1 \
                           AND seq > $2 AND seq <= $3 AND sender_id <> $4 \
                           AND (deleted_at IS NULL OR rev > $5)";
        Ok(on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(top.0)
            .bind(after.0)
            .bind(at.0.0)
            .bind(user.0)
            .bind(at.1.0)
            .fetch_one(conn)
            .await)?)
    }

    /// Replies above `after`, up to `last`, that mention a user.
    pub async fn count_mentions_in_thread(
        &mut self,
        (room, top): (RoomId, MessageId),
        user: UserId,
        after: Seq,
        last: Seq,
    ) -> Result<i64> {
        const SQL: &str = "SELECT CAST(count(*) AS BIGINT) FROM mentions c \
                           JOIN messages m ON m.room_id = c.room_id AND m.seq = c.seq \
                           WHERE c.user_id = $1 AND c.room_id = $2 AND c.seq > $3 AND c.seq <= $4 \
                           AND m.thread_id = $5";
        Ok(on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(user.0)
            .bind(room.0)
            .bind(after.0)
            .bind(last.0)
            .bind(top.0)
            .fetch_one(conn)
            .await)?)
    }

    /// What a user has of a thread, if anything.
    pub async fn user_thread(
        &mut self,
        user: UserId,
        top: MessageId,
    ) -> Result<Option<UserThreadRow>> {
        const SQL: &str = "SELECT * FROM user_threads WHERE user_id = $1 AND thread_id = $2";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(top.0)
            .fetch_optional(conn)
            .await)?)
    }

    /// Writes a row, new or anew. A mark that rose in the meantime stays.
    pub async fn put_user_thread(&mut self, row: &UserThreadRow) -> Result<()> {
        const SQL: &str = "INSERT INTO user_threads (user_id, thread_id, room_id, following, \
                           read_seq, user_rev) VALUES ($1, $2, $3, $4, $5, $6) \
                           ON CONFLICT (user_id, thread_id) DO UPDATE SET \
                           following = excluded.following, read_seq = CASE \
                           WHEN user_threads.read_seq > excluded.read_seq \
                           THEN user_threads.read_seq ELSE excluded.read_seq END, \
                           user_rev = excluded.user_rev";
        on!(self, |conn| sqlx::query(SQL)
            .bind(row.user_id.0)
            .bind(row.thread_id.0)
            .bind(row.room_id.0)
            .bind(row.following)
            .bind(row.read_seq.0)
            .bind(row.user_rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Who has something of these threads.
    pub(crate) async fn users_of_threads(
        &mut self,
        tops: &[MessageId],
    ) -> Result<Vec<UserThreadRow>> {
        Ok(on!(self, |conn| {
            let mut query =
                sqlx::QueryBuilder::new("SELECT * FROM user_threads WHERE thread_id IN (");
            let mut list = query.separated(", ");
            for id in padded(tops) {
                list.push_bind(id.0);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await
        })?)
    }

    /// A user's rows that changed after `rev` of their own counter, in that order.
    pub async fn user_threads_changed(
        &mut self,
        user: UserId,
        rev: UserRev,
    ) -> Result<Vec<UserThreadRow>> {
        const SQL: &str =
            "SELECT * FROM user_threads WHERE user_id = $1 AND user_rev > $2 ORDER BY user_rev";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(rev.0)
            .fetch_all(conn)
            .await)?)
    }

    /// Threads of a room that a user follows and that changed after `rev`, or have replies above the
    /// mark.
    pub async fn threads_to_tell(
        &mut self,
        user: UserId,
        room: RoomId,
        rev: Rev,
    ) -> Result<Vec<UserThreadRow>> {
        const SQL: &str = "SELECT t.* FROM user_threads t JOIN messages r ON r.id = t.thread_id \
                           WHERE t.user_id = $1 AND t.room_id = $2 AND t.following \
                           AND (r.rev > $3 OR r.thread_last_seq > t.read_seq) \
                           ORDER BY t.thread_id";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(room.0)
            .bind(rev.0)
            .fetch_all(conn)
            .await)?)
    }

    /// Threads that a user follows in rooms that they are in, the last answered first, without the
    /// first `skip`.
    pub async fn followed_threads(
        &mut self,
        user: UserId,
        skip: i64,
        limit: i64,
    ) -> Result<Vec<UserThreadRow>> {
        const SQL: &str = "SELECT t.* FROM user_threads t JOIN messages r ON r.id = t.thread_id \
                           JOIN members m ON m.room_id = t.room_id AND m.user_id = t.user_id \
                           WHERE t.user_id = $1 AND t.following AND m.state = 'joined' \
                           ORDER BY coalesce(r.thread_last_at, r.created_at) DESC, \
                           t.thread_id DESC LIMIT $2 + 0 OFFSET $3 + 0";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(limit)
            .bind(skip)
            .fetch_all(conn)
            .await)?)
    }

    /// Of all threads that a user follows the one that has been quiet longest, if there are more
    /// than so many.
    pub async fn quietest_thread(
        &mut self,
        user: UserId,
        most: i64,
    ) -> Result<Option<UserThreadRow>> {
        const SQL: &str = "SELECT t.* FROM user_threads t JOIN messages r ON r.id = t.thread_id \
                           WHERE t.user_id = $1 AND t.following \
                           ORDER BY coalesce(r.thread_last_at, r.created_at) DESC, \
                           t.thread_id DESC LIMIT 1 OFFSET $2 + 0";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(most)
            .fetch_optional(conn)
            .await)?)
    }
}

/// What a row tells of its thread.
pub(super) fn summary(row: &MessageRow) -> Option<ThreadSummary> {
    let (last_seq, last_at) = row.thread_last_seq.zip(row.thread_last_at)?;
    (row.thread_replies > 0).then_some(ThreadSummary {
        replies: row.thread_replies,
        last_seq: Seq(last_seq),
        last_at: erc_protocol::Timestamp(last_at),
    })
}
