//! What the store can say went wrong.

/// Short form used throughout the store.
pub type Result<T> = std::result::Result<T, Error>;

/// A failed statement or transaction.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A uniqueness rule of the schema.
    #[error("already there")]
    Conflict,
    /// Another writer was in the way, and this transaction had to give in; it may be tried again.
    #[error("another writer was in the way: {0}")]
    Contention(String),
    /// A row that this build can't read.
    #[error("a row in the database is not as expected: {0}")]
    Corrupt(String),
    /// The database can't do it now: locked, full, gone, no connection in time.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// Anything else that the driver says.
    #[error("the database failed: {0}")]
    Backend(#[source] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database could not be migrated: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match &error {
            E::Database(e) if e.is_unique_violation() => Self::Conflict,
            E::Database(e) if is_contention(e.code().as_deref()) => {
                Self::Contention(e.message().to_owned())
            }
            E::Database(e) if is_passing(e.code().as_deref()) => {
                Self::Unavailable(e.message().to_owned())
            }
            // `Protocol`: a connection that ends where the driver expected an answer.
            E::PoolTimedOut
            | E::PoolClosed
            | E::Io(_)
            | E::Tls(_)
            | E::Protocol(_)
            | E::WorkerCrashed => Self::Unavailable(error.to_string()),
            E::ColumnDecode { .. } | E::Decode(_) | E::ColumnNotFound(_) => {
                Self::Corrupt(error.to_string())
            }
            _ => Self::Backend(error),
        }
    }
}

impl Error {
    /// What a failed commit means: whether it was carried out is not known, so asking again (which
    /// finds what is there) is right.
    #[must_use]
    pub fn of_commit(self) -> Self {
        match self {
            Self::Unavailable(_) => self,
            other => Self::Unavailable(other.to_string()),
        }
    }

    /// Whether the same may succeed at once: a deadlock, or a row that another writer has just
    /// added.
    #[must_use]
    pub const fn met_another_writer(&self) -> bool {
        matches!(self, Self::Contention(_) | Self::Conflict)
    }
}

/// PostgreSQL's class of transactions that were rolled back for another's sake.
fn is_contention(code: Option<&str>) -> bool {
    code.is_some_and(|code| code.len() == 5 && code.starts_with("40"))
}

/// SQLite's primary result codes and PostgreSQL's classes of errors that may be gone next time:
/// busy, locked, I/O, full; insufficient resources, operator intervention, connection.
fn is_passing(code: Option<&str>) -> bool {
    match code {
        Some(code) => match code.parse::<u32>() {
            Ok(code) if code < 10_000 => matches!(code & 0xff, 5 | 6 | 8 | 10 | 13 | 14),
            _ => ["53", "57", "58", "08"]
                .iter()
                .any(|class| code.starts_with(class)),
        },
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_contention, is_passing};

    #[test]
    fn full_disks_and_busy_files_are_passing_and_broken_rules_are_not() {
        assert!(is_passing(Some("5")));
        assert!(is_passing(Some("13")));
        assert!(is_passing(Some("778"))); // SQLITE_IOERR_WRITE
        assert!(is_passing(Some("53100")));
        assert!(is_contention(Some("40P01")));
        assert!(!is_contention(Some("4")));
        assert!(!is_passing(Some("2067"))); // SQLITE_CONSTRAINT_UNIQUE
        assert!(!is_passing(Some("23505")));
        assert!(!is_passing(None));
    }
}
