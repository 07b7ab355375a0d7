//! `audit_log`: who did what to whom. Rows are only added.

use erc_protocol::{RoomId, Timestamp, UserId};
use uuid::Uuid;

use super::{Result, Tx, tx::on};

/// A line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// Of rising ids, so that lines of one moment stay in order; taken from no counter, which all
    /// writers would wait for.
    pub id: Uuid,
    /// Absent for what was done in the shell.
    pub actor: Option<UserId>,
    /// A word for programs: `member.ban`.
    pub action: &'static str,
    pub room: Option<RoomId>,
    /// Whom it was done to.
    pub user: Option<UserId>,
    /// JSON.
    pub details: String,
}

impl Tx {
    /// Adds a line.
    pub async fn add_audit(&mut self, line: &AuditLine, now: Timestamp) -> Result<()> {
        const SQL: &str = "INSERT INTO audit_log (id, at, actor_id, action, room_id, user_id, \
                           details) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        on!(self, |conn| sqlx::query(SQL)
            .bind(line.id)
            .bind(now.0)
            .bind(line.actor.map(|id| id.0))
            .bind(line.action)
            .bind(line.room.map(|id| id.0))
            .bind(line.user.map(|id| id.0))
            .bind(&line.details)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// What was done in a room, oldest first: action, actor, whom to, details.
    pub async fn audit_of_room(
        &mut self,
        room: RoomId,
        limit: i64,
    ) -> Result<Vec<(String, Option<UserId>, Option<UserId>, String)>> {
        const SQL: &str = "SELECT action, actor_id, user_id, details FROM audit_log \
                           WHERE room_id = $1 ORDER BY at, id LIMIT $2 + 0";
        let rows: Vec<(String, Option<i64>, Option<i64>, String)> =
            on!(self, |conn| sqlx::query_as(SQL)
                .bind(room.0)
                .bind(limit)
                .fetch_all(conn)
                .await)?;
        let rows = rows.into_iter().map(|(action, actor, user, details)| {
            (action, actor.map(UserId), user.map(UserId), details)
        });
        Ok(rows.collect())
    }
}
