//! What an operator sees: all rooms, all accounts, all invites.

use erc_protocol::{Timestamp, UserId};

use super::{Result, RoomRow, Tx, UserRow, tx::on};

/// An account.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AccountRow {
    #[sqlx(flatten)]
    pub user: UserRow,
    /// Sessions that have not ended.
    pub sessions: i64,
}

/// An invite to sign up.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct InviteRow {
    /// SHA-256 of its code.
    pub code_hash: Vec<u8>,
    pub created_by: Option<i64>,
    pub created_by_name: Option<String>,
    pub uses_left: i64,
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
    #[sqlx(try_from = "i64")]
    pub expires_at: Timestamp,
}

impl Tx {
    /// Rooms that are not deleted, by id.
    pub async fn all_rooms(&mut self) -> Result<Vec<RoomRow>> {
        const SQL: &str = "SELECT * FROM rooms WHERE deleted_at IS NULL ORDER BY id";
        Ok(on!(self, |conn| sqlx::query_as(SQL).fetch_all(conn).await)?)
    }

    /// Everybody, by name.
    pub async fn all_accounts(&mut self) -> Result<Vec<AccountRow>> {
        const SQL: &str = "SELECT u.*, (SELECT count(*) FROM sessions s WHERE s.user_id = u.id \
                           AND s.ended_at IS NULL) AS sessions FROM users u ORDER BY u.username";
        Ok(on!(self, |conn| sqlx::query_as(SQL).fetch_all(conn).await)?)
    }

    /// Since when nobody can sign in to an account; absent if one can.
    pub async fn set_disabled(&mut self, user: UserId, at: Option<Timestamp>) -> Result<()> {
        const SQL: &str = "UPDATE users SET disabled_at = $2 WHERE id = $1";
        on!(self, |conn| sqlx::query(SQL)
            .bind(user.0)
            .bind(at.map(|at| at.0))
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Invites that still let somebody in, newest first.
    pub async fn invites(&mut self, now: Timestamp) -> Result<Vec<InviteRow>> {
        const SQL: &str = "SELECT i.code_hash, i.created_by, u.username AS created_by_name, \
                           i.uses_left, i.created_at, i.expires_at FROM invites i \
                           LEFT JOIN users u ON u.id = i.created_by \
                           WHERE i.uses_left > 0 AND i.expires_at > $1 \
                           ORDER BY i.created_at DESC, i.code_hash";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(now.0)
            .fetch_all(conn)
            .await)?)
    }

    /// Makes an invite void.
    pub async fn delete_invite(&mut self, code_hash: &[u8]) -> Result<()> {
        const SQL: &str = "DELETE FROM invites WHERE code_hash = $1";
        on!(self, |conn| sqlx::query(SQL)
            .bind(code_hash)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}
