//! The database looked at from outside: its schema, its health, its figures. For operators.

use erc_protocol::Timestamp;
use serde::Serialize;

use super::dialect::Sql;
use super::{Db, POSTGRES, Result, SQLITE, Tx, tx::on};

/// How the schema stands against what this program knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schema {
    /// The database is empty.
    None,
    /// As this program wants it.
    Current(i64),
    /// Older: so many migrations will run at the next start.
    Behind(usize),
    /// A newer program was here, or a migration failed half way.
    Unknown(String),
}

impl std::fmt::Display for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => f.write_str("it is empty"),
            Self::Current(version) => write!(f, "it is current, at {version}"),
            Self::Behind(missing) => {
                write!(
                    f,
                    "{missing} migrations are missing, which `serve` runs when it starts"
                )
            }
            Self::Unknown(why) => f.write_str(why),
        }
    }
}

/// Figures of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Stats {
    pub users: i64,
    /// Rooms that are not deleted.
    pub rooms: i64,
    pub direct_rooms: i64,
    pub deleted_rooms: i64,
    /// Places in rooms that somebody is in now.
    pub memberships: i64,
    /// Messages that are not deleted.
    pub messages: i64,
    pub deleted_messages: i64,
    pub edits: i64,
    /// Sessions that have not ended.
    pub sessions: i64,
    /// When the oldest message was sent; milliseconds, as all times.
    pub oldest_message_at: Option<i64>,
    pub newest_message_at: Option<i64>,
    /// When any session was last used.
    pub last_used_at: Option<i64>,
    /// When the database was made.
    pub created_at: Option<i64>,
}

const STATS: &str = "SELECT \
    (SELECT count(*) FROM users) AS users, \
    (SELECT count(*) FROM rooms WHERE deleted_at IS NULL) AS rooms, \
    (SELECT count(*) FROM rooms WHERE deleted_at IS NULL AND kind = 'direct') AS direct_rooms, \
    (SELECT count(*) FROM rooms WHERE deleted_at IS NOT NULL) AS deleted_rooms, \
    (SELECT count(*) FROM members WHERE state = 'joined') AS memberships, \
    (SELECT count(*) FROM messages WHERE deleted_at IS NULL) AS messages, \
    (SELECT count(*) FROM messages WHERE deleted_at IS NOT NULL) AS deleted_messages, \
    (SELECT count(*) FROM message_edits WHERE rev > 0) AS edits, \
    (SELECT count(*) FROM sessions WHERE ended_at IS NULL) AS sessions, \
    (SELECT min(created_at) FROM messages) AS oldest_message_at, \
    (SELECT max(last_message_at) FROM rooms WHERE last_seq > 0) AS newest_message_at, \
    (SELECT max(last_used_at) FROM sessions) AS last_used_at, \
    (SELECT created_at FROM server WHERE id = 1) AS created_at";

/// SQLite counts its pages; PostgreSQL asks its files.
const SIZE: Sql = Sql::pair(
    "SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)",
    "SELECT pg_database_size(current_database())",
);

/// Each database's own way to look at itself; a line for each fault.
const BROKEN: Sql = Sql::pair(
    "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok' LIMIT 20",
    "SELECT 'index ' || c.relname || ' is not valid; rebuild it with REINDEX' FROM pg_index i \
     JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid OR NOT i.indisready LIMIT 20",
);

/// SQLite enforces references only where it is told to, PostgreSQL always unless a constraint was
/// never validated.
const DANGLING: Sql = Sql::pair(
    "SELECT 'a row of ' || \"table\" || ' refers to a row of ' || parent || ' that is not there' \
     FROM pragma_foreign_key_check LIMIT 20",
    "SELECT 'constraint ' || conname || ' was never checked' FROM pg_constraint \
     WHERE NOT convalidated LIMIT 20",
);

impl Tx {
    /// The database's figures.
    pub async fn stats(&mut self) -> Result<Stats> {
        Ok(on!(self, |conn| sqlx::query_as(STATS)
            .fetch_one(conn)
            .await)?)
    }

    /// Bytes of the database on disk, without what is still in its write-ahead log.
    pub async fn size(&mut self) -> Result<u64> {
        let sql = SIZE.text(self);
        let bytes: i64 = on!(self, |conn| sqlx::query_scalar(sql).fetch_one(conn).await)?;
        Ok(bytes.cast_unsigned())
    }

    /// What the database finds broken in itself, and rows that refer to nothing. Reads all of it.
    pub async fn damage(&mut self) -> Result<Vec<String>> {
        let mut damage = Vec::new();
        for sql in [BROKEN.text(self), DANGLING.text(self)] {
            let lines: Vec<String> =
                on!(self, |conn| sqlx::query_scalar(sql).fetch_all(conn).await)?;
            damage.extend(lines);
        }
        Ok(damage)
    }

    /// What the database's own machine takes for now, where it may be another machine.
    pub async fn database_time(&mut self) -> Result<Option<Timestamp>> {
        const SQL: &str = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";
        match self {
            Self::Sqlite(_) => Ok(None),
            Self::Postgres(tx) => {
                let ms: i64 = sqlx::query_scalar(SQL).fetch_one(&mut **tx).await?;
                Ok(Some(Timestamp(ms)))
            }
        }
    }
}

impl Db {
    /// How the schema stands. Changes nothing.
    pub async fn schema(&self) -> Result<Schema> {
        let (known, applied) = match self {
            Self::Sqlite { read, .. } => {
                const THERE: &str =
                    "SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'";
                let mut conn = read.acquire().await?;
                let there: i64 = sqlx::query_scalar(THERE).fetch_one(&mut *conn).await?;
                (&SQLITE, applied(&mut *conn, there > 0).await?)
            }
            Self::Postgres(pool) => {
                const THERE: &str = "SELECT to_regclass('_sqlx_migrations') IS NOT NULL";
                let mut conn = pool.acquire().await?;
                let there: bool = sqlx::query_scalar(THERE).fetch_one(&mut *conn).await?;
                (&POSTGRES, applied(&mut *conn, there).await?)
            }
        };
        let applied = match applied {
            None => return Ok(Schema::None),
            Some(Err(version)) => {
                return Ok(Schema::Unknown(format!(
                    "migration {version} failed half way"
                )));
            }
            Some(Ok(applied)) => applied,
        };
        let mut newest = 0;
        for (version, checksum) in &applied {
            newest = newest.max(*version);
            match known.iter().find(|migration| migration.version == *version) {
                None => {
                    return Ok(Schema::Unknown(format!(
                        "migration {version} is not of this program: a newer one was here"
                    )));
                }
                Some(migration) if migration.checksum[..] != checksum[..] => {
                    return Ok(Schema::Unknown(format!(
                        "migration {version} is another one than this program's"
                    )));
                }
                Some(_) => {}
            }
        }
        match known.iter().count() - applied.len() {
            0 => Ok(Schema::Current(newest)),
            missing => Ok(Schema::Behind(missing)),
        }
    }
}

/// The migrations that ran, or the one that failed.
type Applied = Option<std::result::Result<Vec<(i64, Vec<u8>)>, i64>>;

async fn applied<M: sqlx::migrate::Migrate>(conn: &mut M, there: bool) -> Result<Applied> {
    const TABLE: &str = "_sqlx_migrations";
    if !there {
        return Ok(None);
    }
    if let Some(version) = conn.dirty_version(TABLE).await? {
        return Ok(Some(Err(version)));
    }
    let applied = conn.list_applied_migrations(TABLE).await?;
    let applied = applied
        .into_iter()
        .map(|migration| (migration.version, migration.checksum.into_owned()));
    Ok(Some(Ok(applied.collect())))
}
