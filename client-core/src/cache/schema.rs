//! Opening a store file: pragmas, permissions, migrations.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::search;

/// Numbered by place: the first one makes version 1.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_receipts.sql"),
    include_str!("migrations/0003_search.sql"),
    include_str!("migrations/0004_moderation.sql"),
    include_str!("migrations/0005_reactions.sql"),
    include_str!("migrations/0006_scheduled.sql"),
    include_str!("migrations/0007_blocks.sql"),
    include_str!("migrations/0008_expiry.sql"),
    include_str!("migrations/0009_threads.sql"),
    include_str!("migrations/0010_personal.sql"),
    include_str!("migrations/0011_polls.sql"),
    include_str!("migrations/0012_search_merges.sql"),
    include_str!("migrations/0013_emoji.sql"),
    include_str!("migrations/0014_requests.sql"),
];

/// Why a store can't be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// The file is no database, or a damaged one.
    #[error("the store is damaged: {0}")]
    Damaged(rusqlite::Error),
    /// A newer version of the program wrote it.
    #[error("the store was written by a newer version of the program (format {0})")]
    Newer(i64),
    /// Anything else: no space, no permission.
    #[error("{0}")]
    Failed(#[from] rusqlite::Error),
}

impl OpenError {
    fn sort(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
                Self::Damaged(error)
            }
            _ => Self::Failed(error),
        }
    }
}

/// The connection that writes; brings the file to the newest version.
pub(crate) fn open_writer(path: &Path) -> Result<Connection, OpenError> {
    make_private(path)?;
    let mut conn = Connection::open(path).map_err(OpenError::sort)?;
    prepare(&mut conn).map_err(|e| match e {
        OpenError::Failed(e) => OpenError::sort(e),
        other => other,
    })?;
    Ok(conn)
}

/// A store in memory, for tests of what stands on it.
#[cfg(test)]
pub(crate) fn open_in_memory() -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    prepare(&mut conn).unwrap();
    conn
}

fn prepare(conn: &mut Connection) -> Result<(), OpenError> {
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    // FULL: what the outbox took is on disk when the user sees it as waiting.
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;
         PRAGMA secure_delete = FAST;",
    )?;
    // The triggers that keep the index call it.
    search::register(conn)?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let version: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version > known {
        return Err(OpenError::Newer(version));
    }
    for (number, sql) in (1..)
        .zip(MIGRATIONS)
        .skip(usize::try_from(version).unwrap_or(0))
    {
        let tx = conn.transaction()?;
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", number)?;
        tx.commit()?;
    }
    // Touches the schema and a table, so that damage shows now and not in the middle of something.
    conn.query_row("SELECT count(*) FROM meta", [], |_| Ok(()))?;
    conn.query_row("SELECT count(*) FROM outbox", [], |_| Ok(()))?;
    Ok(())
}

/// A connection that only reads, beside the writer.
pub(crate) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

#[cfg(unix)]
fn make_private(path: &Path) -> Result<(), OpenError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let made = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path);
    made.map(drop).map_err(|e| {
        OpenError::Failed(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN),
            Some(format!("{}: {e}", path.display())),
        ))
    })
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same shape as on Unix")]
fn make_private(_: &Path) -> Result<(), OpenError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::{drafts, outbox};
    use erc_protocol::{MessageId, RoomId};

    #[test]
    fn drafts_of_an_older_version_go_to_the_other_devices() {
        let mut conn = Connection::open_in_memory().unwrap();
        search::register(&conn).unwrap();
        for sql in &MIGRATIONS[..9] {
            conn.execute_batch(sql).unwrap();
        }
        conn.execute_batch(
            "PRAGMA user_version = 9; INSERT INTO drafts VALUES (7, 'half a sen', 1000);
             INSERT INTO threads VALUES (3, 8, 1, 0, 1, 0, 0, 0, 0, 0);
             INSERT INTO thread_drafts VALUES (3, 'in a thread', 1000), (4, 'nowhere', 1000);",
        )
        .unwrap();
        prepare(&mut conn).unwrap();
        let draft = drafts::get(&conn, (RoomId(7), None)).unwrap().unwrap();
        assert_eq!(draft.content, "half a sen");
        let waiting = outbox::heads(&conn).unwrap();
        assert_eq!(waiting.len(), 2);
        assert_eq!(waiting[0].content, "half a sen");
        assert_eq!(waiting[0].op_id, draft.version);
        let thread = Some(MessageId(3));
        let reply = drafts::get(&conn, (RoomId(8), thread)).unwrap().unwrap();
        assert_eq!(reply.content, "in a thread");
        assert_eq!(
            (waiting[1].op_id, waiting[1].thread_id),
            (reply.version, thread)
        );
    }
}
