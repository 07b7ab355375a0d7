//! `scheduled`: what users asked to be done later.

use erc_protocol::{
    ClientId, MessageId, RoomId, Scheduled, Timestamp, UserId, UserRev,
    schedule::{ScheduledKind, ScheduledState},
};
use uuid::Uuid;

use super::{Result, Tx, tx::on};

/// A row of `scheduled`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ScheduledRow {
    #[sqlx(try_from = "i64")]
    pub user_id: UserId,
    #[sqlx(try_from = "Uuid")]
    pub client_id: ClientId,
    #[sqlx(try_from = "String")]
    pub kind: ScheduledKind,
    #[sqlx(try_from = "i64")]
    pub room_id: RoomId,
    pub message_id: Option<i64>,
    pub content: String,
    pub reply_to: Option<i64>,
    #[sqlx(try_from = "i64")]
    pub due_at: Timestamp,
    /// Empty, as the zone, if the wish was no time of day.
    pub local_time: String,
    pub time_zone: String,
    #[sqlx(try_from = "String")]
    pub state: ScheduledState,
    /// An error body as JSON; empty if none.
    pub error: String,
    #[sqlx(try_from = "i64")]
    pub user_rev: UserRev,
}

impl From<ScheduledRow> for Scheduled {
    fn from(row: ScheduledRow) -> Self {
        let said = |text: String| (!text.is_empty()).then_some(text);
        Self {
            client_id: row.client_id,
            kind: row.kind,
            room_id: row.room_id,
            message_id: row.message_id.map(MessageId),
            content: row.content,
            reply_to: row.reply_to.map(MessageId),
            due_at: row.due_at,
            local_time: said(row.local_time),
            time_zone: said(row.time_zone),
            state: row.state,
            error: serde_json::from_str(&row.error).ok(),
            user_rev: row.user_rev,
        }
    }
}

impl Tx {
    /// Writes a row, new or anew.
    pub async fn put_scheduled(&mut self, row: &ScheduledRow) -> Result<()> {
        const SQL: &str = "INSERT INTO scheduled (user_id, client_id, kind, room_id, message_id, \
                           content, reply_to, due_at, local_time, time_zone, state, error, \
                           user_rev) \
                           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
                           ON CONFLICT (user_id, client_id) DO UPDATE SET \
                           message_id = excluded.message_id, content = excluded.content, \
                           reply_to = excluded.reply_to, due_at = excluded.due_at, \
                           local_time = excluded.local_time, time_zone = excluded.time_zone, \
                           state = excluded.state, error = excluded.error, \
                           user_rev = excluded.user_rev";
        on!(self, |conn| sqlx::query(SQL)
            .bind(row.user_id.0)
            .bind(row.client_id.0)
            .bind(row.kind.as_str())
            .bind(row.room_id.0)
            .bind(row.message_id)
            .bind(&row.content)
            .bind(row.reply_to)
            .bind(row.due_at.0)
            .bind(&row.local_time)
            .bind(&row.time_zone)
            .bind(row.state.as_str())
            .bind(&row.error)
            .bind(row.user_rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// One row, done or not.
    pub async fn scheduled(
        &mut self,
        user: UserId,
        client_id: ClientId,
    ) -> Result<Option<ScheduledRow>> {
        const SQL: &str = "SELECT * FROM scheduled WHERE user_id = $1 AND client_id = $2";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(client_id.0)
            .fetch_optional(conn)
            .await)?)
    }

    /// What a user still waits for or has to decide on, the next first.
    pub async fn scheduled_open(&mut self, user: UserId, limit: i64) -> Result<Vec<ScheduledRow>> {
        const SQL: &str = "SELECT * FROM scheduled WHERE user_id = $1 AND state <> 'done' \
                           ORDER BY due_at, client_id LIMIT $2 + 0";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(limit)
            .fetch_all(conn)
            .await)?)
    }

    /// A user's rows that changed after `rev` of their own counter.
    pub async fn scheduled_changed(
        &mut self,
        user: UserId,
        rev: UserRev,
    ) -> Result<Vec<ScheduledRow>> {
        const SQL: &str =
            "SELECT * FROM scheduled WHERE user_id = $1 AND user_rev > $2 ORDER BY user_rev";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(rev.0)
            .fetch_all(conn)
            .await)?)
    }

    /// What is to be done by now, the oldest first.
    pub async fn scheduled_due(&mut self, now: Timestamp, limit: i64) -> Result<Vec<ScheduledRow>> {
        const SQL: &str = "SELECT * FROM scheduled WHERE state = 'waiting' AND due_at <= $1 \
                           ORDER BY due_at LIMIT $2 + 0";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(now.0)
            .bind(limit)
            .fetch_all(conn)
            .await)?)
    }

    /// When something is to be done next.
    pub async fn next_scheduled(&mut self) -> Result<Option<Timestamp>> {
        const SQL: &str =
            "SELECT due_at FROM scheduled WHERE state = 'waiting' ORDER BY due_at LIMIT 1";
        let due: Option<i64> = on!(self, |conn| sqlx::query_scalar(SQL)
            .fetch_optional(conn)
            .await)?;
        Ok(due.map(Timestamp))
    }
}
