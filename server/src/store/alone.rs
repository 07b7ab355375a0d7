//! Being the only server of an embedded database.
//!
//! SQLite itself lets several programs write. Two servers would both hold rings and caches of one
//! database and tell their clients different things, so a server holds a lock beside the file as
//! long as it lives, and so does whoever needs the database to stand still. The operating system
//! lets go of it when the process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use super::{Db, Result, Tx};

/// Held until dropped.
#[derive(Debug)]
pub struct Alone {
    _lock: Option<File>,
}

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum NotAlone {
    /// Another process is there.
    #[error("{user} is using the database {path}; stop it first", path = .path.display())]
    Taken {
        /// Whoever it is.
        user: String,
        /// The database.
        path: PathBuf,
    },
    /// The lock can't be made.
    #[error("the lock {path}: {source}", path = .path.display())]
    Lock {
        /// The lock.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Alone {
    /// Takes the lock of an embedded database, whether or not the database is there yet. A
    /// PostgreSQL is made for several servers and has none.
    pub fn with(url: &str) -> std::result::Result<Self, NotAlone> {
        let Some(database) = url.strip_prefix("sqlite:").map(PathBuf::from) else {
            return Ok(Self { _lock: None });
        };
        let mut path = database.clone().into_os_string();
        path.push(".lock");
        let path = PathBuf::from(path);
        let failed = |source| NotAlone::Lock {
            path: path.clone(),
            source,
        };
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = lock.read_to_string(&mut holder);
                let user = match holder.trim() {
                    "" => "another process".to_owned(),
                    id => format!("another server (process {id})"),
                };
                return Err(NotAlone::Taken {
                    user,
                    path: database,
                });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // For whoever is refused: the lock is the lock, not what stands in it.
        let told = lock
            .set_len(0)
            .and_then(|()| lock.rewind())
            .and_then(|()| writeln!(lock, "{}", std::process::id()));
        told.map_err(failed)?;
        Ok(Self { _lock: Some(lock) })
    }
}

impl Db {
    /// Connections of other servers and commands to this database, where it can say so.
    pub async fn others(&self) -> Result<i64> {
        const SQL: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                           AND application_name LIKE 'erc-server%' \
                           AND application_name <> current_setting('application_name')";
        match self.snapshot().await? {
            Tx::Sqlite(_) => Ok(0),
            Tx::Postgres(mut tx) => Ok(sqlx::query_scalar(SQL).fetch_one(&mut *tx).await?),
        }
    }
}
