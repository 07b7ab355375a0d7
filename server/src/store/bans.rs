//! `bans`: who may not come back into a room. One that is over stays until the next one.

use erc_protocol::{RoomId, Timestamp, UserId, api::moderation::Ban};

use super::{Result, Tx, tx::on};

/// A ban with the names of whom it is about.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct BanRow {
    #[sqlx(try_from = "i64")]
    pub user_id: UserId,
    pub username: String,
    pub display_name: String,
    #[sqlx(try_from = "i64")]
    pub banned_by: UserId,
    pub reason: String,
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
    pub expires_at: Option<i64>,
}

impl From<BanRow> for Ban {
    fn from(row: BanRow) -> Self {
        Self {
            user_id: row.user_id,
            username: row.username,
            display_name: row.display_name,
            banned_by: row.banned_by,
            reason: row.reason,
            created_at: row.created_at,
            expires_at: row.expires_at.map(Timestamp),
        }
    }
}

macro_rules! bans {
    ($tail:literal) => {
        concat!(
            "SELECT b.user_id, u.username, u.display_name, b.banned_by, b.reason, b.created_at, \
             b.expires_at FROM bans b JOIN users u ON u.id = b.user_id ",
            $tail
        )
    };
}

impl Tx {
    /// Bans somebody, or bans them anew.
    pub async fn put_ban(
        &mut self,
        room: RoomId,
        user: UserId,
        by: UserId,
        reason: &str,
        now: Timestamp,
        until: Option<Timestamp>,
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO bans (room_id, user_id, banned_by, reason, created_at, \
                           expires_at) VALUES ($1, $2, $3, $4, $5, $6) \
                           ON CONFLICT (room_id, user_id) DO UPDATE SET \
                           banned_by = excluded.banned_by, reason = excluded.reason, \
                           created_at = excluded.created_at, expires_at = excluded.expires_at";
        on!(self, |conn| sqlx::query(SQL)
            .bind(room.0)
            .bind(user.0)
            .bind(by.0)
            .bind(reason)
            .bind(now.0)
            .bind(until.map(|until| until.0))
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Lifts a ban; `false` if there is none.
    pub async fn delete_ban(&mut self, room: RoomId, user: UserId) -> Result<bool> {
        const SQL: &str = "DELETE FROM bans WHERE room_id = $1 AND user_id = $2";
        let gone = on!(self, |conn| sqlx::query(SQL)
            .bind(room.0)
            .bind(user.0)
            .execute(conn)
            .await
            .map(|r| r.rows_affected()))?;
        Ok(gone == 1)
    }

    /// The ban that holds somebody out now.
    pub async fn ban(
        &mut self,
        room: RoomId,
        user: UserId,
        now: Timestamp,
    ) -> Result<Option<BanRow>> {
        const SQL: &str = bans!(
            "WHERE b.room_id = $1 AND b.user_id = $2 \
             AND (b.expires_at IS NULL OR b.expires_at > $3)"
        );
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(room.0)
            .bind(user.0)
            .bind(now.0)
            .fetch_optional(conn)
            .await)?)
    }

    /// The bans of a room that hold now, newest first.
    pub async fn bans(&mut self, room: RoomId, now: Timestamp, limit: i64) -> Result<Vec<BanRow>> {
        const SQL: &str = bans!(
            "WHERE b.room_id = $1 AND (b.expires_at IS NULL OR b.expires_at > $2) \
             ORDER BY b.created_at DESC, b.user_id LIMIT $3 + 0"
        );
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(room.0)
            .bind(now.0)
            .bind(limit)
            .fetch_all(conn)
            .await)?)
    }
}
