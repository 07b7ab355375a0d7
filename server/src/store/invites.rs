//! `invites`: who holds one may sign up.

use erc_protocol::{Timestamp, UserId};

use super::{Result, Tx, tx::on};

impl Tx {
    /// Keeps an invite by the SHA-256 of its code.
    pub async fn insert_invite(
        &mut self,
        code_hash: &[u8],
        created_by: Option<UserId>,
        uses: i64,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO invites (code_hash, created_by, uses_left, created_at, \
                           expires_at) VALUES ($1, $2, $3, $4, $5)";
        on!(self, |conn| sqlx::query(SQL)
            .bind(code_hash)
            .bind(created_by.map(|id| id.0))
            .bind(uses)
            .bind(now.0)
            .bind(expires_at.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Uses an invite once; `false` if there is none, or it is used up or too old.
    pub async fn use_invite(&mut self, code_hash: &[u8], now: Timestamp) -> Result<bool> {
        const SQL: &str = "UPDATE invites SET uses_left = uses_left - 1 \
                           WHERE code_hash = $1 AND uses_left > 0 AND expires_at > $2";
        let used = on!(self, |conn| sqlx::query(SQL)
            .bind(code_hash)
            .bind(now.0)
            .execute(conn)
            .await
            .map(|r| r.rows_affected()))?;
        Ok(used == 1)
    }
}
