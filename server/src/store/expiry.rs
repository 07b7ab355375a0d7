//! When messages go by themselves: what is due, and reading that others wait for (`expiry_reads`).

use erc_protocol::{Expiry, MessageId, Rev, RoomId, Seq, Timestamp, UserId};

use super::{MessageRow, Result, Tx, messages::messages, tx::on};

/// Somebody read a room above one place and up to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct ReadRow {
    #[sqlx(try_from = "i64")]
    pub room_id: RoomId,
    #[sqlx(try_from = "i64")]
    pub user_id: UserId,
    #[sqlx(try_from = "i64")]
    pub seq: Seq,
    #[sqlx(try_from = "i64")]
    pub from_seq: Seq,
    #[sqlx(try_from = "i64")]
    pub at: Timestamp,
}

impl Tx {
    /// Messages whose time has come, and their rooms: what has been due longest first.
    pub async fn expired(
        &mut self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<(RoomId, MessageId)>> {
        const SQL: &str = "SELECT room_id, id FROM messages WHERE expires_at IS NOT NULL \
                           AND deleted_at IS NULL AND expires_at <= $1 \
                           ORDER BY expires_at LIMIT $2 + 0";
        let rows: Vec<(i64, i64)> = on!(self, |conn| sqlx::query_as(SQL)
            .bind(now.0)
            .bind(limit)
            .fetch_all(conn)
            .await)?;
        let rows = rows.into_iter();
        Ok(rows
            .map(|(room, id)| (RoomId(room), MessageId(id)))
            .collect())
    }

    /// When the next message goes.
    pub async fn next_expiry(&mut self) -> Result<Option<Timestamp>> {
        const SQL: &str = "SELECT expires_at FROM messages WHERE expires_at IS NOT NULL \
                           AND deleted_at IS NULL ORDER BY expires_at LIMIT 1";
        let at: Option<i64> = on!(self, |conn| sqlx::query_scalar(SQL)
            .fetch_optional(conn)
            .await)?;
        Ok(at.map(Timestamp))
    }

    /// Messages of others above one place and up to another that wait for being read, oldest first.
    pub async fn to_be_read(&mut self, read: &ReadRow, limit: i64) -> Result<Vec<MessageRow>> {
        const SQL: &str = messages!(
            "WHERE m.room_id = $1 AND m.expire_after_read_s IS NOT NULL AND m.seq > $2 \
             AND m.seq <= $3 AND m.sender_id <> $4 ORDER BY m.seq LIMIT $5 + 0"
        );
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(read.room_id.0)
            .bind(read.from_seq.0)
            .bind(read.seq.0)
            .bind(read.user_id.0)
            .bind(limit)
            .fetch_all(conn)
            .await)?)
    }

    /// Writes when a message goes.
    pub async fn write_expiry(&mut self, id: MessageId, expiry: Expiry, rev: Rev) -> Result<()> {
        const SQL: &str = "UPDATE messages SET expires_at = $2, expire_after_read_s = $3, rev = $4 \
                           WHERE id = $1";
        on!(self, |conn| sqlx::query(SQL)
            .bind(id.0)
            .bind(expiry.at.map(|at| at.0))
            .bind(expiry.after_read_s.map(i64::from))
            .bind(rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Keeps that somebody read so far, for those messages that wait for it.
    pub async fn keep_read(&mut self, read: &ReadRow) -> Result<()> {
        const SQL: &str = "INSERT INTO expiry_reads (room_id, user_id, seq, from_seq, at) \
                           VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        on!(self, |conn| sqlx::query(SQL)
            .bind(read.room_id.0)
            .bind(read.user_id.0)
            .bind(read.seq.0)
            .bind(read.from_seq.0)
            .bind(read.at.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// What was read first and still has to be told to messages that wait for it.
    pub async fn reads_kept(&mut self, limit: i64) -> Result<Vec<ReadRow>> {
        const SQL: &str =
            "SELECT * FROM expiry_reads ORDER BY at, room_id, user_id, seq LIMIT $1 + 0";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(limit)
            .fetch_all(conn)
            .await)?)
    }

    /// No message waits for this reading any more; `false` if that was known.
    pub async fn forget_read(&mut self, read: &ReadRow) -> Result<bool> {
        const SQL: &str =
            "DELETE FROM expiry_reads WHERE room_id = $1 AND user_id = $2 AND seq = $3";
        let rows = on!(self, |conn| sqlx::query(SQL)
            .bind(read.room_id.0)
            .bind(read.user_id.0)
            .bind(read.seq.0)
            .execute(conn)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows > 0)
    }
}
