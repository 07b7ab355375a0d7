//! `sessions`: one sign-in on one device.

use erc_protocol::{SessionId, Timestamp, UserId};
use uuid::Uuid;

use super::{Result, Tx, batch::padded, tx::on};

/// A session to be begun.
#[derive(Debug, Clone)]
pub struct NewSession {
    pub id: SessionId,
    pub user_id: UserId,
    pub device_name: String,
    /// SHA-256 of the refresh token.
    pub refresh_hash: Vec<u8>,
}

/// A row of `sessions`.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SessionRow {
    #[sqlx(try_from = "Uuid")]
    pub id: SessionId,
    #[sqlx(try_from = "i64")]
    pub user_id: UserId,
    pub device_name: String,
    pub refresh_hash: Vec<u8>,
    /// Of the token before the current one.
    pub previous_hash: Option<Vec<u8>>,
    /// How often the refresh token was replaced.
    pub generation: i64,
    /// The highest generation whose access token was seen: its owner has the answer.
    pub confirmed_generation: i64,
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
    #[sqlx(try_from = "i64")]
    pub last_used_at: Timestamp,
    pub ended_at: Option<i64>,
}

impl Tx {
    pub async fn insert_session(&mut self, session: &NewSession, now: Timestamp) -> Result<()> {
        const SQL: &str = "INSERT INTO sessions (id, user_id, device_name, refresh_hash, \
                           generation, confirmed_generation, created_at, last_used_at) \
                           VALUES ($1, $2, $3, $4, 1, 0, $5, $5)";
        on!(self, |conn| sqlx::query(SQL)
            .bind(session.id.0)
            .bind(session.user_id.0)
            .bind(&session.device_name)
            .bind(&session.refresh_hash)
            .bind(now.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    pub async fn session(&mut self, id: SessionId) -> Result<Option<SessionRow>> {
        const SQL: &str = "SELECT * FROM sessions WHERE id = $1";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(id.0)
            .fetch_optional(conn)
            .await)?)
    }

    /// Those of these sessions that go on.
    pub async fn sessions_going_on(&mut self, ids: &[SessionId]) -> Result<Vec<SessionId>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let found: Vec<Uuid> = on!(self, |conn| {
            let mut query = sqlx::QueryBuilder::new(
                "SELECT id FROM sessions WHERE ended_at IS NULL AND id IN (",
            );
            let mut list = query.separated(", ");
            for id in padded(ids) {
                list.push_bind(id.0);
            }
            query.push(")");
            query.build_query_scalar().fetch_all(conn).await
        })?;
        Ok(found.into_iter().map(SessionId).collect())
    }

    /// The session whose current or previous refresh token has this hash.
    pub async fn session_by_refresh(&mut self, hash: &[u8]) -> Result<Option<SessionRow>> {
        let sql = super::dialect::SESSION_BY_REFRESH.text(self);
        Ok(on!(self, |conn| sqlx::query_as(sql)
            .bind(hash)
            .fetch_optional(conn)
            .await)?)
    }

    /// Replaces the refresh token. `used` is the hash that was presented: the only other one that
    /// is still known afterwards.
    pub async fn rotate_refresh(
        &mut self,
        id: SessionId,
        used: &[u8],
        fresh: &[u8],
        now: Timestamp,
    ) -> Result<()> {
        const SQL: &str = "UPDATE sessions SET refresh_hash = $3, previous_hash = $2, \
                           generation = generation + 1, last_used_at = $4 WHERE id = $1";
        on!(self, |conn| sqlx::query(SQL)
            .bind(id.0)
            .bind(used)
            .bind(fresh)
            .bind(now.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// An access token of this generation was seen.
    pub async fn confirm_generation(
        &mut self,
        id: SessionId,
        generation: i64,
        now: Timestamp,
    ) -> Result<()> {
        const SQL: &str = "UPDATE sessions SET confirmed_generation = $2, last_used_at = $3 \
                           WHERE id = $1 AND confirmed_generation < $2";
        on!(self, |conn| sqlx::query(SQL)
            .bind(id.0)
            .bind(generation)
            .bind(now.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Ends a session; `false` if it had ended before or isn't there.
    pub async fn end_session(&mut self, id: SessionId, now: Timestamp) -> Result<bool> {
        const SQL: &str = "UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
        let changed = on!(self, |conn| sqlx::query(SQL)
            .bind(id.0)
            .bind(now.0)
            .execute(conn)
            .await
            .map(|r| r.rows_affected()))?;
        Ok(changed == 1)
    }

    /// Sessions that have not ended, most recently used first.
    pub async fn sessions_of(&mut self, user: UserId) -> Result<Vec<SessionRow>> {
        const SQL: &str = "SELECT * FROM sessions WHERE user_id = $1 AND ended_at IS NULL \
                           ORDER BY last_used_at DESC, created_at DESC, id";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .fetch_all(conn)
            .await)?)
    }
}
