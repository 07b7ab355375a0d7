//! Everything of one database into an empty other one, and then row by row whether it arrived.
//!
//! The source is read in one moment and can't be written meanwhile (for a backup it can); the target is written in one
//! transaction, which is committed only after every column of every row was compared. So the target
//! is either a true copy or as empty as before. Which tables and columns there are is asked of the
//! databases themselves, so that a migration can't forget this.

mod schema;
mod value;
mod verify;

use futures_util::TryStreamExt as _;
use sqlx::AssertSqlSafe;

use super::{Db, Error, Result, Tx, tx::on};
use schema::Table;
use value::Value;

/// Rows in one statement: far below the number of values that either database takes.
const BATCH: usize = 500;
/// Tables that a fresh database has rows in.
const FURNISHED: [&str; 2] = ["server", "counters"];

/// Why a copy was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// The target has rows.
    #[error("the target is not empty: it has rows in {0}; name an empty database")]
    NotEmpty(String),
    /// The two are of different versions, or of a kind that this can't copy.
    #[error("{0}")]
    Schema(String),
    /// What arrived is not what was sent. The target is empty again.
    #[error("the copy is not true, so it was not kept: {0}")]
    Differs(String),
    /// A database failed. The target is empty again.
    #[error("{table}: {source}")]
    Table {
        /// Where.
        table: String,
        /// Why.
        source: Error,
    },
    /// A database failed. The target is as it was.
    #[error(transparent)]
    Store(#[from] Error),
}

impl From<sqlx::Error> for CopyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A table that is there now, as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Its name.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// SHA-256 of all its values in the order of its key, the same on both sides.
    pub digest: String,
}

/// What is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Rows are written.
    Copying,
    /// Rows are compared.
    Comparing,
}

/// Copies; `progress` hears of every batch: the table, what is done, and how many rows so far.
pub async fn copy(
    from: &Db,
    to: &Db,
    progress: impl FnMut(&str, Step, u64),
) -> std::result::Result<Vec<Copied>, CopyError> {
    let tables = schema::tables(from, to).await?;
    let source = still(from, &tables).await?;
    all(source, to, &tables, progress).await
}

/// As [`copy`], of one moment of a source that others go on writing: for a copy that is kept beside
/// it, not one that takes its place.
pub(super) async fn copy_beside(from: &Db, to: &Db) -> std::result::Result<Vec<Copied>, CopyError> {
    let tables = schema::tables(from, to).await?;
    all(from.snapshot().await?, to, &tables, |_, _, _| {}).await
}

async fn all(
    mut source: Tx,
    to: &Db,
    tables: &[Table],
    mut progress: impl FnMut(&str, Step, u64),
) -> std::result::Result<Vec<Copied>, CopyError> {
    let mut target = to.begin().await?;
    empty(&mut target, tables).await?;
    for table in tables {
        transfer(&mut source, &mut target, table, &mut progress)
            .await
            .map_err(|source| CopyError::Table {
                table: table.name.clone(),
                source,
            })?;
    }
    let mut copied = Vec::new();
    for table in tables {
        copied.push(verify::compare(&mut source, &mut target, table, &mut progress).await?);
    }
    target.commit().await?;
    Ok(copied)
}

/// One moment of the source, in which nobody else writes it.
async fn still(from: &Db, tables: &[Table]) -> Result<Tx> {
    Ok(match from {
        Db::Sqlite { .. } => from.begin().await?,
        Db::Postgres(pool) => {
            let mut tx = pool
                .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ")
                .await?;
            let names: Vec<_> = tables.iter().map(|table| table.name.as_str()).collect();
            let lock = format!("LOCK TABLE {} IN SHARE MODE", names.join(", "));
            sqlx::query(AssertSqlSafe(lock)).execute(&mut *tx).await?;
            Tx::Postgres(tx)
        }
    })
}

/// Makes sure that nobody has used the target, and takes out what every fresh one has.
async fn empty(target: &mut Tx, tables: &[Table]) -> std::result::Result<(), CopyError> {
    for table in tables {
        if FURNISHED.contains(&table.name.as_str()) {
            continue;
        }
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM {} LIMIT 1) t",
            table.name
        );
        let rows: i64 = on!(target, |conn| sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(conn)
            .await)?;
        if rows > 0 {
            return Err(CopyError::NotEmpty(table.name.clone()));
        }
    }
    for table in FURNISHED {
        let sql = format!("DELETE FROM {table}");
        on!(target, |conn| sqlx::query(AssertSqlSafe(sql))
            .execute(conn)
            .await
            .map(|_| ()))?;
    }
    Ok(())
}

async fn transfer(
    source: &mut Tx,
    target: &mut Tx,
    table: &Table,
    progress: &mut impl FnMut(&str, Step, u64),
) -> Result<()> {
    let mut done = 0;
    let mut batch = Vec::with_capacity(BATCH);
    let mut rows = value::rows(source, table);
    loop {
        let row = rows.try_next().await?;
        let is_last = row.is_none();
        batch.extend(row);
        if batch.len() == BATCH || (is_last && !batch.is_empty()) {
            done += batch.len() as u64;
            insert(target, table, std::mem::take(&mut batch)).await?;
            progress(&table.name, Step::Copying, done);
        }
        if is_last {
            return Ok(());
        }
    }
}

async fn insert(target: &mut Tx, table: &Table, rows: Vec<Vec<Value>>) -> Result<()> {
    let head = format!("INSERT INTO {} ({}) ", table.name, table.column_list());
    on!(target, |conn| {
        let mut query = sqlx::QueryBuilder::new(head);
        query.push_values(rows, |mut places, row| {
            for value in row {
                match value {
                    Value::Int(value) => places.push_bind(value),
                    Value::Bool(value) => places.push_bind(value),
                    Value::Text(value) => places.push_bind(value),
                    Value::Bytes(value) => places.push_bind(value),
                    Value::Uuid(value) => places.push_bind(value),
                };
            }
        });
        query.build().execute(conn).await.map(|_| ())
    })?;
    Ok(())
}
