//! What is held of one user, read as JSON whatever the table; and when they may have it next.

use erc_protocol::{Timestamp, UserId};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

use super::{Result, Tx, tx::on};

/// What a column holds, and so how it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    Number,
    Flag,
    Text,
    /// JSON, or nothing.
    Json,
    /// Milliseconds, told as RFC 3339.
    Time,
    Uuid,
}

/// A column: as SQL has it, as it is called, what it holds. Absent values are left out.
pub type Column = (&'static str, &'static str, Holds);

/// Rows of one kind.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    /// What they are called in the archive.
    pub name: &'static str,
    /// The table whose rows they are.
    pub table: &'static str,
    pub columns: &'static [Column],
    /// What follows `FROM`; `$1` is the user.
    pub from: &'static str,
}

macro_rules! told {
    ($row:expr, $columns:expr) => {{
        let mut told = Map::new();
        for (n, (_, name, holds)) in $columns.iter().enumerate() {
            let value = match holds {
                Holds::Number => $row.try_get::<Option<i64>, _>(n)?.map(Value::from),
                Holds::Flag => $row.try_get::<Option<bool>, _>(n)?.map(Value::from),
                Holds::Text => $row.try_get::<Option<String>, _>(n)?.map(Value::from),
                Holds::Json => {
                    let text = $row.try_get::<Option<String>, _>(n)?;
                    text.and_then(|text| serde_json::from_str(&text).ok())
                }
                Holds::Time => {
                    let ms = $row.try_get::<Option<i64>, _>(n)?;
                    ms.map(|ms| Value::from(Timestamp(ms).to_string()))
                }
                Holds::Uuid => {
                    let id = $row.try_get::<Option<Uuid>, _>(n)?;
                    id.map(|id| Value::from(id.to_string()))
                }
            };
            if let Some(value) = value {
                told.insert((*name).to_owned(), value);
            }
        }
        Value::from(told)
    }};
}

impl Tx {
    /// What a section holds of a user, row by row.
    pub fn personal(
        &mut self,
        section: &'static Section,
        user: UserId,
    ) -> BoxStream<'_, Result<Value>> {
        let columns: Vec<_> = section.columns.iter().map(|(sql, ..)| *sql).collect();
        let sql = format!("SELECT {} FROM {}", columns.join(", "), section.from);
        on!(self, |conn| sqlx::query(AssertSqlSafe(sql))
            .bind(user.0)
            .fetch(conn)
            .map(|row| {
                let row = row?;
                let told = || -> sqlx::Result<Value> { Ok(told!(row, section.columns)) };
                Ok(told()?)
            })
            .boxed())
    }

    /// When a user may next have all that is held of them; absent if they never had.
    pub async fn personal_export(&mut self, user: UserId) -> Result<Option<Timestamp>> {
        const SQL: &str = "SELECT free_at FROM personal_exports WHERE user_id = $1";
        let free_at: Option<i64> = on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(user.0)
            .fetch_optional(conn)
            .await)?;
        Ok(free_at.map(Timestamp))
    }

    /// Says when they may next have it.
    pub async fn set_personal_export(&mut self, user: UserId, free_at: Timestamp) -> Result<()> {
        const SQL: &str = "INSERT INTO personal_exports (user_id, free_at) VALUES ($1, $2) \
                           ON CONFLICT (user_id) DO UPDATE SET free_at = excluded.free_at";
        on!(self, |conn| sqlx::query(SQL)
            .bind(user.0)
            .bind(free_at.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}
