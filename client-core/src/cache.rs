//! What an account keeps on disk: one `SQLite` file, one writing thread, a few reading connections.
//!
//! Functions of the submodules take a connection (or transaction) and do one thing each; what
//! belongs together is put into one transaction by the caller. Nothing here knows the network.

pub(crate) mod blocks;
pub(crate) mod drafts;
pub(crate) mod emoji;
pub(crate) mod expiry;
pub(crate) mod holes;
pub(crate) mod members;
pub(crate) mod messages;
pub(crate) mod meta;
pub(crate) mod outbox;
pub(crate) mod raw;
pub(crate) mod receipts;
pub(crate) mod rooms;
pub(crate) mod scheduled;
pub(crate) mod schema;
pub(crate) mod search;
pub(crate) mod threads;
pub(crate) mod votes;
pub(crate) mod writer;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
};

use rusqlite::{Connection, Transaction};

use crate::{
    clock::Clock,
    error::{Error, Result},
    failpoints::Failpoints,
    sync::reread,
};
use schema::OpenError;
use writer::{Writer, closed};

/// Reads a store that this program need not have opened, and changes nothing in it.
pub(crate) fn peek<T>(path: &Path, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    let mut conn = schema::open_reader(path)?;
    let tx = conn.transaction()?;
    work(&tx)
}

/// Idle reading connections that are kept.
const READERS: usize = 4;

/// The open store of an account.
pub(crate) struct Store {
    path: PathBuf,
    state: Mutex<State>,
    /// What happened to a damaged store at opening, for people.
    notice: Option<String>,
}

struct State {
    writer: Option<(Writer, JoinHandle<()>)>,
    idle: Vec<Connection>,
}

impl Store {
    /// Opens the file, making or upgrading it. A damaged file is set aside, never deleted, and a
    /// new one is made: [`Self::notice`] says so.
    pub(crate) fn open(path: &Path, clock: &Clock, failpoints: &Failpoints) -> Result<Self> {
        let mut notice = None;
        let mut conn = match schema::open_writer(path) {
            Err(OpenError::Damaged(error)) => {
                let aside = set_aside(path, clock)?;
                tracing::error!(%error, aside = %aside.display(), "the store was damaged");
                notice = Some(format!(
                    "the local store was damaged and a new one was begun; the old file is kept as {}",
                    aside.display()
                ));
                schema::open_writer(path)
            }
            other => other,
        }
        .map_err(|e| Error::Storage(e.to_string()))?;
        reread::all(&mut conn)?;
        // Whatever was with the network when the program ended may or may not have arrived.
        outbox::requeue_sending(&conn)?;
        let writer = Writer::start(conn, failpoints.clone())?;
        Ok(Self {
            path: path.to_owned(),
            state: Mutex::new(State {
                writer: Some(writer),
                idle: Vec::new(),
            }),
            notice,
        })
    }

    pub(crate) fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// Reads, on the caller's thread. Sees one state of the store from beginning to end.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let idle = {
            let mut state = self.state();
            if state.writer.is_none() {
                return Err(closed());
            }
            state.idle.pop()
        };
        let mut conn = match idle {
            Some(conn) => conn,
            None => schema::open_reader(&self.path)?,
        };
        let tx = conn.transaction()?;
        let result = work(&tx);
        drop(tx);
        let mut state = self.state();
        if state.writer.is_some() && state.idle.len() < READERS {
            state.idle.push(conn);
        }
        result
    }

    /// Writes one transaction; returns when it is durable.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    {
        let writer = self
            .state()
            .writer
            .as_ref()
            .map(|(writer, _)| writer.clone());
        writer.ok_or_else(closed)?.run(work).await
    }

    /// Finishes what is queued and closes the file. Later calls fail.
    pub(crate) async fn close(&self) {
        let (writer, idle) = {
            let mut state = self.state();
            (state.writer.take(), std::mem::take(&mut state.idle))
        };
        drop(idle);
        if let Some((writer, thread)) = writer {
            drop(writer);
            // The thread ends after its queue; joining may block, so not on an async worker.
            let joined = tokio::task::spawn_blocking(move || thread.join()).await;
            if !matches!(joined, Ok(Ok(()))) {
                tracing::error!("the store's thread ended badly");
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// Renames a damaged store and what belongs to it.
fn set_aside(path: &Path, clock: &Clock) -> Result<PathBuf> {
    let stamp = clock.now().0;
    let named = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let aside = named(&format!(".damaged-{stamp}"));
    std::fs::rename(path, &aside)
        .map_err(|e| Error::Storage(format!("the store is damaged and can't be set aside: {e}")))?;
    for suffix in ["-wal", "-shm"] {
        let file = named(suffix);
        if file.exists() {
            std::fs::rename(&file, named(&format!(".damaged-{stamp}{suffix}")))
                .map_err(|e| Error::Storage(format!("{}: {e}", file.display())))?;
        }
    }
    Ok(aside)
}

#[cfg(test)]
mod tests;

/// Reads a column that holds one of our words, a number or an id.
pub(crate) fn word<T: std::str::FromStr>(
    row: &rusqlite::Row<'_>,
    column: usize,
) -> rusqlite::Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text = row.get_ref(column)?.as_str()?;
    text.parse().map_err(|e| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(e))
    })
}
