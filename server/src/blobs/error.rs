//! What the store of files can say went wrong.

use std::error::Error as _;
use std::io::ErrorKind;

/// Short form used throughout.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a blob was not stored or found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is none of this name.
    #[error("there is no such file")]
    NotFound,
    /// The range lies outside of the blob.
    #[error("the file has no such range")]
    Range,
    /// More bytes than the caller allows.
    #[error("the file has more than {0} bytes")]
    TooLarge(u64),
    /// Nothing was stored: make room.
    #[error("there is no room for files")]
    Full,
    /// What was read is not what was written.
    #[error("the store of files gives back other bytes than it got")]
    Damaged,
    /// Whoever sends the content stopped.
    #[error("the file did not arrive whole: {0}")]
    Source(#[source] std::io::Error),
    /// The settings name a place that can't be.
    #[error("{0}")]
    Place(String),
    /// Anything else that the disk or S3 says.
    #[error("the store of files failed: {}", chain(.0))]
    Backend(object_store::Error),
}

impl From<object_store::Error> for Error {
    fn from(error: object_store::Error) -> Self {
        if let object_store::Error::NotFound { .. } = error {
            return Self::NotFound;
        }
        let mut cause = error.source();
        while let Some(source) = cause {
            if let Some(io) = source.downcast_ref::<std::io::Error>()
                && matches!(io.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
            {
                return Self::Full;
            }
            let text = source.to_string();
            if text.contains("416 Range Not Satisfiable")
                || text.starts_with("Wanted range starting at")
            {
                return Self::Range;
            }
            cause = source.source();
        }
        Self::Backend(error)
    }
}

/// An error with its causes, each said once: the outer ones of S3 repeat the inner.
fn chain(error: &object_store::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        let inner = source.to_string();
        if !text.contains(&inner) {
            text.push_str(": ");
            text.push_str(&inner);
        }
        cause = source.source();
    }
    text
}
