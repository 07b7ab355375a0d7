//! The one door to SQL.
//!
//! [`Db`] is one of two databases; [`Tx`] is one transaction on either. Statements are shared text
//! in the common subset of SQLite and PostgreSQL (`$1`, `ON CONFLICT`, `RETURNING`, row values,
//! `UPDATE … FROM`); the few that differ stand as pairs in [`dialect`]. Methods are `impl Tx`
//! blocks, one file a table family. Nobody else sees a pool.

mod alone;
mod analytics;
mod attention;
mod audit;
mod bans;
mod batch;
mod blocks;
mod copy;
pub mod dialect;
mod drafts;
mod emoji;
mod erasures;
pub mod error;
mod expiry;
mod filters;
mod heads;
mod inspect;
mod invariants;
mod invites;
mod links;
mod members;
mod messages;
mod meta;
mod operator;
mod own;
pub mod personal;
mod pins;
pub mod polls;
mod raid;
pub mod reactions;
mod receipts;
mod reports;
mod requests;
mod rooms;
mod scheduled;
mod search;
mod sessions;
mod snapshot;
mod standing;
mod threads;
mod tx;
mod users;

use std::future::ready;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};

pub use alone::{Alone, NotAlone};
pub use analytics::{AnswerKey, CountKey, CountMark, Counted, CountedPlace, Counts};
pub use audit::{AuditLine, AuditRow, AuditWanted};
pub use bans::BanRow;
pub use blocks::BlockRow;
pub use copy::{Copied, CopyError, Step, copy};
pub use drafts::{DraftKey, DraftRow, Texts};
pub use emoji::EmojiRow;
pub use erasures::{ErasureRow, Phase};
pub use error::{Error, Result};
pub use expiry::ReadRow;
pub use filters::FilterRow;
pub use inspect::{Schema, Stats};
pub use invariants::{RULES, Rule};
pub use links::{LinkRow, NewLink};
pub use members::{MemberRow, Place, UserRoomRow};
pub use messages::{MessageRow, NewMessage, SentRow};
pub use meta::Kind;
pub use operator::{AccountRow, InviteRow};
pub use own::OwnChanges;
pub use receipts::{Mark, Sent};
pub use reports::ReportRow;
pub use rooms::{Counters, NewRoom, RoomRow};
pub use scheduled::ScheduledRow;
pub use search::{HitPlace, Sought};
pub use sessions::{NewSession, SessionRow};
pub use standing::{Beside, StandingRow};
pub(crate) use threads::RootRow;
pub use threads::UserThreadRow;
pub use tx::Tx;
pub use users::{NewUser, UserRow};

static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");

const SQLITE_READERS: u32 = 4;
/// What SQLite keeps of the file for the writer. Negative: KiB.
const WRITER_CACHE: &str = "-32768";
/// The same for each reader: a few pages of history, and the paths to them. More of it is memory that
/// ten thousand connections seem to take, and no page of history costs less.
const READER_CACHE: &str = "-512";
const POSTGRES_CONNECTIONS: u32 = 16;
/// What our connections are called at PostgreSQL, with something of their own for each [`Db`], so
/// that it can say who uses a database.
const APPLICATION: &str = "erc-server";

/// Whether the driver thinks that no transaction is open. When a commit finds no room on the disk,
/// SQLite undoes the transaction by itself, the driver's own attempt to do so fails, and it counts
/// one open for ever: such a connection is closed, and another takes its place.
fn is_free(conn: &SqliteConnection) -> bool {
    !conn.is_in_transaction()
}

/// A database, open and migrated.
#[derive(Debug, Clone)]
pub enum Db {
    /// One file: a single writer, several readers that never wait for it (WAL).
    Sqlite {
        /// One connection: SQLite has one writer, so a second would only meet `SQLITE_BUSY`.
        write: SqlitePool,
        /// Read-only connections.
        read: SqlitePool,
    },
    /// A server.
    Postgres(PgPool),
}

/// Connections to a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    pub open: usize,
    pub in_use: usize,
}

impl Db {
    /// Opens (and makes, if need be) the database at `url`: `sqlite:PATH` or `postgres://…`.
    /// Migrates it to the newest schema.
    pub async fn open(url: &str) -> Result<Self> {
        Self::connect(url, true).await
    }

    /// Opens a database that is there, whatever its schema, and makes and migrates nothing.
    pub async fn open_as_it_is(url: &str) -> Result<Self> {
        Self::connect(url, false).await
    }

    async fn connect(url: &str, migrate: bool) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            Self::open_sqlite(Path::new(path), migrate).await
        } else {
            let name = format!(
                "{APPLICATION} {}",
                crate::clock::new_session_id().0.simple()
            );
            let options = PgConnectOptions::from_str(url)?.application_name(&name);
            let pool = PgPoolOptions::new()
                .max_connections(POSTGRES_CONNECTIONS)
                .acquire_timeout(Duration::from_secs(10))
                .connect_with(options)
                .await?;
            if migrate {
                POSTGRES.run(&pool).await?;
            }
            Ok(Self::Postgres(pool))
        }
    }

    async fn open_sqlite(path: &Path, migrate: bool) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(migrate)
            .journal_mode(SqliteJournalMode::Wal)
            // An acknowledgement is a promise, also against power loss.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            // Pages that change with every batch are copied into the file less often.
            .pragma("wal_autocheckpoint", "4000")
            .pragma("secure_delete", "ON")
            .pragma("temp_store", "MEMORY");
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            // The pool tests a connection when it comes back; a file does not go away meanwhile.
            .test_before_acquire(false)
            .before_acquire(|conn, _| Box::pin(ready(Ok(is_free(conn)))))
            // The newest pages of many rooms: 2 MiB would read them again and again.
            .connect_with(options.clone().pragma("cache_size", WRITER_CACHE))
            .await?;
        if migrate {
            SQLITE.run(&write).await?;
        }
        let read = SqlitePoolOptions::new()
            .max_connections(SQLITE_READERS)
            .test_before_acquire(false)
            .before_acquire(|conn, _| Box::pin(ready(Ok(is_free(conn)))))
            // Each has a cache of its own; the system's is behind them all.
            .connect_with(
                options
                    .pragma("cache_size", READER_CACHE)
                    .read_only(true)
                    .create_if_missing(false),
            )
            .await?;
        Ok(Self::Sqlite { write, read })
    }

    /// Begins a transaction that writes. On SQLite there is one at a time.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            // IMMEDIATE: a transaction that turns writer half way can only fail.
            Self::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Begins a transaction that only reads, and sees one moment throughout.
    pub async fn snapshot(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            Self::Postgres(pool) => Tx::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            ),
        })
    }

    /// How many connections there are, and how many of them work.
    #[must_use]
    pub fn connections(&self) -> Connections {
        fn of<D: sqlx::Database>(pool: &sqlx::Pool<D>) -> Connections {
            let open = pool.size() as usize;
            Connections {
                open,
                in_use: open.saturating_sub(pool.num_idle()),
            }
        }
        match self {
            Self::Sqlite { write, read } => {
                let (write, read) = (of(write), of(read));
                Connections {
                    open: write.open + read.open,
                    in_use: write.in_use + read.in_use,
                }
            }
            Self::Postgres(pool) => of(pool),
        }
    }

    /// Closes every connection; on SQLite this also folds the write-ahead log into the file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}
