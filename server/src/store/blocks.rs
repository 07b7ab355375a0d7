//! `blocks`: whom a user takes nothing from.

use erc_protocol::{Block, RoomId, Timestamp, UserId, UserRev};

use super::{Result, Tx, batch::padded, tx::on};

/// A block with the name of who is blocked.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct BlockRow {
    #[sqlx(try_from = "i64")]
    pub blocked_id: UserId,
    pub username: String,
    pub display_name: String,
    pub reason: String,
    /// Absent once it was taken back.
    pub blocked_at: Option<i64>,
    #[sqlx(try_from = "i64")]
    pub user_rev: UserRev,
}

impl From<BlockRow> for Block {
    fn from(row: BlockRow) -> Self {
        Self {
            user_id: row.blocked_id,
            username: row.username,
            display_name: row.display_name,
            reason: row.reason,
            blocked_at: row.blocked_at.map(Timestamp),
            user_rev: row.user_rev,
        }
    }
}

macro_rules! blocks {
    ($tail:literal) => {
        concat!(
            "SELECT b.blocked_id, u.username, u.display_name, b.reason, b.blocked_at, b.user_rev \
             FROM blocks b JOIN users u ON u.id = b.blocked_id WHERE b.user_id = $1 ",
            $tail
        )
    };
}

impl Tx {
    /// Blocks somebody, or no longer without a time.
    pub async fn put_block(
        &mut self,
        user: UserId,
        blocked: UserId,
        reason: &str,
        at: Option<Timestamp>,
        user_rev: UserRev,
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO blocks (user_id, blocked_id, reason, blocked_at, user_rev) \
                           VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id, blocked_id) \
                           DO UPDATE SET reason = excluded.reason, \
                           blocked_at = excluded.blocked_at, user_rev = excluded.user_rev";
        on!(self, |conn| sqlx::query(SQL)
            .bind(user.0)
            .bind(blocked.0)
            .bind(reason)
            .bind(at.map(|at| at.0))
            .bind(user_rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The row of a pair, whether it holds or not.
    pub async fn block(&mut self, user: UserId, blocked: UserId) -> Result<Option<BlockRow>> {
        const SQL: &str = blocks!("AND b.blocked_id = $2");
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(blocked.0)
            .fetch_optional(conn)
            .await)?)
    }

    /// Whom a user blocks, the latest first.
    pub async fn blocks(&mut self, user: UserId, limit: i64) -> Result<Vec<BlockRow>> {
        const SQL: &str = blocks!(
            "AND b.blocked_at IS NOT NULL ORDER BY b.blocked_at DESC, b.blocked_id LIMIT $2 + 0"
        );
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(limit)
            .fetch_all(conn)
            .await)?)
    }

    /// A user's rows that changed after `rev` of their own counter.
    pub async fn blocks_changed(&mut self, user: UserId, rev: UserRev) -> Result<Vec<BlockRow>> {
        const SQL: &str = blocks!("AND b.user_rev > $2 ORDER BY b.user_rev");
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(rev.0)
            .fetch_all(conn)
            .await)?)
    }

    /// Those of these pairs, of who blocks and who is blocked, that hold.
    pub async fn blocking(&mut self, pairs: &[(UserId, UserId)]) -> Result<Vec<(UserId, UserId)>> {
        const SQL: &str = "SELECT user_id, blocked_id FROM blocks WHERE blocked_at IS NOT NULL \
                           AND (user_id, blocked_id) IN (";
        if pairs.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<(i64, i64)> = on!(self, |conn| {
            let mut query = sqlx::QueryBuilder::new(SQL);
            query.push_values(padded(pairs), |mut row, (user, blocked)| {
                row.push_bind(user.0).push_bind(blocked.0);
            });
            query.push(")");
            query.build_query_as().fetch_all(conn).await
        })?;
        let pair = |(user, blocked): (i64, i64)| (UserId(user), UserId(blocked));
        Ok(rows.into_iter().map(pair).collect())
    }

    /// Those of these places, of a room and somebody in it, where another member blocks them.
    pub async fn shut_out(&mut self, places: &[(RoomId, UserId)]) -> Result<Vec<(RoomId, UserId)>> {
        const SQL: &str = "SELECT DISTINCT m.room_id, b.blocked_id FROM blocks b \
                           JOIN members m ON m.user_id = b.user_id \
                           WHERE b.blocked_at IS NOT NULL AND (m.room_id, b.blocked_id) IN (";
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<(i64, i64)> = on!(self, |conn| {
            let mut query = sqlx::QueryBuilder::new(SQL);
            query.push_values(padded(places), |mut row, (room, user)| {
                row.push_bind(room.0).push_bind(user.0);
            });
            query.push(")");
            query.build_query_as().fetch_all(conn).await
        })?;
        let place = |(room, user): (i64, i64)| (RoomId(room), UserId(user));
        Ok(rows.into_iter().map(place).collect())
    }
}
