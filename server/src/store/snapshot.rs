//! A database written into a file while it is used, and what a backup says of it.

use std::collections::BTreeMap;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use erc_protocol::{InstanceId, Timestamp};
use sqlx::AssertSqlSafe;

use super::copy::{self, CopyError};
use super::{Db, Result, Tx, tx::on};

/// Tables without the index of messages and the figures, which are made again from the messages.
pub(super) const SQLITE_TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' \
    AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name <> '_sqlx_migrations' \
    AND name NOT LIKE 'search!_%' ESCAPE '!' AND name NOT LIKE 'analytics!_%' ESCAPE '!'";

/// Ids that a new life leaves out, more than anybody gave out since a backup was made. Messages
/// come by far the fastest.
const SKIPPED: [(&str, i64); 3] = [("user", 1 << 20), ("room", 1 << 20), ("message", 1 << 28)];

impl Db {
    /// Writes everything, as it is at one moment, into a new SQLite file that only its owner may
    /// read. Writers go on meanwhile and wait for nothing; on SQLite the write-ahead log grows until
    /// it is done.
    pub async fn save_to(&self, path: &Path) -> std::result::Result<(), CopyError> {
        std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|error| super::Error::from(sqlx::Error::Io(error)))?;
        match self {
            Self::Sqlite { read, .. } => {
                // Into a file that is there already it goes only if that is empty.
                sqlx::query("VACUUM INTO $1")
                    .bind(path.to_string_lossy().into_owned())
                    .execute(read)
                    .await?;
            }
            Self::Postgres(_) => {
                let target = Self::open(&format!("sqlite:{}", path.display())).await?;
                let copied = copy::copy_beside(self, &target).await;
                target.close().await;
                copied?;
            }
        }
        Ok(())
    }

    /// Begins a new life of a restored database. Its instance is another, so that clients drop what
    /// they hold and no node of the old life is understood; and no id that was given to something
    /// after the backup was made is given to something else, because a client may still hold words
    /// for that room or about that message.
    pub async fn new_life(&self, instance: InstanceId) -> Result<()> {
        let mut tx = self.begin().await?;
        on!(&mut tx, |conn| sqlx::query(
            "UPDATE server SET instance = $1"
        )
        .bind(instance.0)
        .execute(conn)
        .await
        .map(|_| ()))?;
        for (kind, ids) in SKIPPED {
            on!(&mut tx, |conn| sqlx::query(
                "UPDATE counters SET value = value + $2 WHERE name = $1"
            )
            .bind(kind)
            .bind(ids)
            .execute(conn)
            .await
            .map(|_| ()))?;
        }
        tx.commit().await
    }

    /// Ends every session: everybody has to sign in again.
    pub async fn end_all_sessions(&self, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        on!(&mut tx, |conn| sqlx::query(
            "UPDATE sessions SET ended_at = $1 WHERE ended_at IS NULL"
        )
        .bind(now.0)
        .execute(conn)
        .await
        .map(|_| ()))?;
        tx.commit().await
    }
}

impl Tx {
    /// Rows of each table; of an SQLite file.
    pub async fn rows(&mut self) -> Result<BTreeMap<String, i64>> {
        let Self::Sqlite(tx) = self else {
            return Ok(BTreeMap::new());
        };
        let names: Vec<String> = sqlx::query_scalar(SQLITE_TABLES)
            .fetch_all(&mut **tx)
            .await?;
        let mut rows = BTreeMap::new();
        for name in names {
            let count = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM {name}")))
                .fetch_one(&mut **tx)
                .await?;
            rows.insert(name, count);
        }
        Ok(rows)
    }

    /// The last id given to each kind of thing.
    pub async fn counters(&mut self) -> Result<BTreeMap<String, i64>> {
        let rows: Vec<(String, i64)> = on!(self, |conn| sqlx::query_as(
            "SELECT name, value FROM counters"
        )
        .fetch_all(conn)
        .await)?;
        Ok(rows.into_iter().collect())
    }
}
