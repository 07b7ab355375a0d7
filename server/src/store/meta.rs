//! The database about itself: its instance, its id counters.

use erc_protocol::{InstanceId, Timestamp};
use uuid::Uuid;

use super::{Result, Tx, tx::on};

/// What ids are counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Users.
    User,
    /// Rooms.
    Room,
    /// Messages.
    Message,
    /// Changes of custom emoji.
    Emoji,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Room => "room",
            Self::Message => "message",
            Self::Emoji => "emoji",
        }
    }
}

impl Tx {
    /// The life of this database; `fresh` becomes it if there is none yet.
    pub async fn instance(&mut self, fresh: InstanceId, now: Timestamp) -> Result<InstanceId> {
        const INSERT: &str = "INSERT INTO server (id, instance, created_at) VALUES (1, $1, $2) \
                              ON CONFLICT (id) DO NOTHING";
        const SELECT: &str = "SELECT instance FROM server WHERE id = 1";
        on!(self, |conn| sqlx::query(INSERT)
            .bind(fresh.0)
            .bind(now.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        let instance: Uuid = on!(self, |conn| sqlx::query_scalar(SELECT)
            .fetch_one(conn)
            .await)?;
        Ok(InstanceId(instance))
    }

    /// The life of this database, if it has begun.
    pub async fn current_instance(&mut self) -> Result<Option<InstanceId>> {
        const SELECT: &str = "SELECT instance FROM server WHERE id = 1";
        let instance: Option<Uuid> = on!(self, |conn| sqlx::query_scalar(SELECT)
            .fetch_optional(conn)
            .await)?;
        Ok(instance.map(InstanceId))
    }

    /// Takes `count` ids of a kind: the answer and the `count - 1` after it.
    pub async fn take_ids(&mut self, kind: Kind, count: i64) -> Result<i64> {
        const SQL: &str = "UPDATE counters SET value = value + $2 WHERE name = $1 RETURNING value";
        let last: i64 = on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(kind.name())
            .bind(count)
            .fetch_one(conn)
            .await)?;
        Ok(last - count + 1)
    }
}
