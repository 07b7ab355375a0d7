//! `word_filters`: what the server, or a room, doesn't take.

use erc_protocol::{
    Filter, FilterId, RoomId, Timestamp, UserId,
    filter::{FilterAction, FilterKind},
};
use uuid::Uuid;

use super::{Result, Tx, tx::on};

/// A filter with the name of who made it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FilterRow {
    #[sqlx(try_from = "Uuid")]
    pub id: FilterId,
    pub room_id: Option<i64>,
    #[sqlx(try_from = "String")]
    pub kind: FilterKind,
    pub text: String,
    #[sqlx(try_from = "String")]
    pub action: FilterAction,
    #[sqlx(try_from = "i64")]
    pub created_by: UserId,
    pub created_by_name: String,
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
}

impl From<FilterRow> for Filter {
    fn from(row: FilterRow) -> Self {
        Self {
            id: row.id,
            room_id: row.room_id.map(RoomId),
            kind: row.kind,
            text: row.text,
            action: row.action,
            created_by_name: row.created_by_name,
            created_at: row.created_at,
        }
    }
}

macro_rules! filters {
    ($tail:literal) => {
        concat!(
            "SELECT f.*, u.display_name AS created_by_name FROM word_filters f \
             JOIN users u ON u.id = f.created_by ",
            $tail
        )
    };
}

impl Tx {
    /// Adds a filter, or changes what one does.
    pub async fn put_filter(&mut self, row: &FilterRow) -> Result<()> {
        const SQL: &str = "INSERT INTO word_filters (id, room_id, kind, text, action, created_by, \
                           created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
                           ON CONFLICT (id) DO UPDATE SET action = excluded.action, \
                           created_by = excluded.created_by";
        on!(self, |conn| sqlx::query(SQL)
            .bind(row.id.0)
            .bind(row.room_id)
            .bind(row.kind.as_str())
            .bind(&row.text)
            .bind(row.action.as_str())
            .bind(row.created_by.0)
            .bind(row.created_at.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Takes a filter away.
    pub async fn drop_filter(&mut self, id: FilterId) -> Result<()> {
        on!(self, |conn| sqlx::query(
            "DELETE FROM word_filters WHERE id = $1"
        )
        .bind(id.0)
        .execute(conn)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Those of a room, or of the server, in the order in which they were made.
    pub async fn filters(&mut self, room: Option<RoomId>) -> Result<Vec<FilterRow>> {
        const OF_ROOM: &str = filters!("WHERE f.room_id = $1 ORDER BY f.created_at, f.id");
        const OF_SERVER: &str = filters!("WHERE f.room_id IS NULL ORDER BY f.created_at, f.id");
        Ok(on!(self, |conn| match room {
            Some(room) => {
                sqlx::query_as(OF_ROOM).bind(room.0).fetch_all(conn).await
            }
            None => sqlx::query_as(OF_SERVER).fetch_all(conn).await,
        })?)
    }

    /// All of them: those of the server, and those of each room, in the order in which they were made.
    pub async fn all_filters(&mut self) -> Result<Vec<FilterRow>> {
        const SQL: &str = filters!("ORDER BY f.created_at, f.id");
        Ok(on!(self, |conn| sqlx::query_as(SQL).fetch_all(conn).await)?)
    }
}
