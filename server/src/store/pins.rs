//! Which messages are pinned.

use erc_protocol::{MessageId, Rev, RoomId, Seq, Timestamp, UserId};

use super::{MessageRow, Result, Tx, messages::messages, tx::on};

/// The sign keeps SQLite from walking the room by its places instead of the few that are pinned.
pub(super) const PINNED: &str = messages!(
    "WHERE m.room_id = $1 AND m.pinned_at IS NOT NULL AND +m.seq >= $2 \
     ORDER BY m.pinned_at DESC, m.seq DESC"
);

impl Tx {
    /// Pinned messages from a place on, the latest pinned first.
    pub async fn pinned(&mut self, room: RoomId, first_visible: Seq) -> Result<Vec<MessageRow>> {
        Ok(on!(self, |conn| sqlx::query_as(PINNED)
            .bind(room.0)
            .bind(first_visible.0)
            .fetch_all(conn)
            .await)?)
    }

    /// How many are pinned in a room.
    pub async fn count_pinned(&mut self, room: RoomId) -> Result<i64> {
        const SQL: &str = "SELECT CAST(count(*) AS BIGINT) FROM messages WHERE room_id = $1 \
                           AND pinned_at IS NOT NULL";
        Ok(on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(room.0)
            .fetch_one(conn)
            .await)?)
    }

    /// Pins a message (by whom and when) or unpins it.
    pub async fn write_pin(
        &mut self,
        message: MessageId,
        pin: Option<(UserId, Timestamp)>,
        rev: Rev,
    ) -> Result<()> {
        const SQL: &str =
            "UPDATE messages SET pinned_by = $2, pinned_at = $3, rev = $4 WHERE id = $1";
        on!(self, |conn| sqlx::query(SQL)
            .bind(message.0)
            .bind(pin.map(|(by, _)| by.0))
            .bind(pin.map(|(_, at)| at.0))
            .bind(rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}
