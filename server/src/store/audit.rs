//! `audit_log`: who did what to whom. Rows are only added.

use erc_protocol::{AuditId, RoomId, Timestamp, UserId, api::audit::AuditEntry};
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

/// A line with the names of those in it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AuditRow {
    #[sqlx(try_from = "Uuid")]
    pub id: AuditId,
    #[sqlx(try_from = "i64")]
    pub at: Timestamp,
    pub actor_id: Option<i64>,
    pub actor_name: Option<String>,
    pub action: String,
    pub room_id: Option<i64>,
    pub room_name: Option<String>,
    pub user_id: Option<i64>,
    pub user_name: Option<String>,
    /// JSON.
    pub details: String,
}

impl From<AuditRow> for AuditEntry {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id,
            at: row.at,
            actor_id: row.actor_id.map(UserId),
            actor_name: row.actor_name,
            action: row.action,
            room_id: row.room_id.map(RoomId),
            room_name: row.room_name,
            user_id: row.user_id.map(UserId),
            user_name: row.user_name,
            details: serde_json::from_str(&row.details).unwrap_or_default(),
        }
    }
}

/// Which lines are wanted; what is absent is not asked about.
#[derive(Debug, Clone, Default)]
pub struct AuditWanted {
    pub room: Option<RoomId>,
    /// Older than this line.
    pub before: Option<AuditId>,
    /// What was done, or a family of that: `member.ban`, `member`.
    pub action: Option<String>,
    pub actor: Option<UserId>,
    pub user: Option<UserId>,
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

    /// Lines that fit, the latest first.
    pub async fn audit_page(&mut self, wanted: &AuditWanted, limit: i64) -> Result<Vec<AuditRow>> {
        const SQL: &str = "SELECT l.id, l.at, l.actor_id, a.display_name AS actor_name, l.action, \
                           l.room_id, r.name AS room_name, l.user_id, u.display_name AS user_name, \
                           l.details FROM audit_log l LEFT JOIN users a ON a.id = l.actor_id \
                           LEFT JOIN rooms r ON r.id = l.room_id \
                           LEFT JOIN users u ON u.id = l.user_id WHERE l.at >= 0";
        Ok(on!(self, |conn| {
            let mut query = sqlx::QueryBuilder::new(SQL);
            if let Some(room) = wanted.room {
                query.push(" AND l.room_id = ").push_bind(room.0);
            }
            if let Some(before) = wanted.before {
                query.push(" AND l.id < ").push_bind(before.0);
            }
            if let Some(actor) = wanted.actor {
                query.push(" AND l.actor_id = ").push_bind(actor.0);
            }
            if let Some(user) = wanted.user {
                query.push(" AND l.user_id = ").push_bind(user.0);
            }
            if let Some(action) = &wanted.action {
                query.push(" AND (l.action = ").push_bind(action.clone());
                query
                    .push(" OR l.action LIKE ")
                    .push_bind(format!("{action}.%"));
                query.push(")");
            }
            query.push(" ORDER BY l.id DESC LIMIT ").push_bind(limit);
            query.push(" + 0");
            query.build_query_as().fetch_all(conn).await
        })?)
    }
}
