//! What can go wrong, sorted by what a view does about it.

use erc_protocol::{ErrorBody, ErrorCode};

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No answer from the server: no network, wrong address, time-out.
    #[error("can't reach the server: {0}")]
    Offline(String),
    /// The server refused.
    #[error("{}", .0.message)]
    Refused(ErrorBody),
    /// The server's answer made no sense.
    #[error("the server gave an answer that this version can't read: {0}")]
    Protocol(String),
    /// The cache on disk.
    #[error("the local store failed: {0}")]
    Storage(String),
    /// Another program has this account's store open.
    #[error("this account is open in another program (process {pid})")]
    InUse {
        /// Its process id, 0 if unknown.
        pid: u32,
    },
    /// The user's own input, refused before it left.
    #[error("{0}")]
    Invalid(String),
    /// The message or room is not known here.
    #[error("not found")]
    NotFound,
}

/// What a view distinguishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Try again later; the outbox does so by itself.
    Offline,
    /// Sign in again.
    SignedOut,
    /// The server said no.
    Refused(ErrorCode),
    /// The user's input.
    Invalid,
    /// The local store.
    Storage,
    /// Another program has it open.
    InUse,
    /// Ours or the server's fault.
    Bug,
}

impl Error {
    /// The kind, for views.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Offline(_) => ErrorKind::Offline,
            Self::Refused(body)
                if matches!(body.code, ErrorCode::SessionEnded | ErrorCode::InvalidToken) =>
            {
                ErrorKind::SignedOut
            }
            Self::Refused(body) => ErrorKind::Refused(body.code),
            Self::Storage(_) => ErrorKind::Storage,
            Self::InUse { .. } => ErrorKind::InUse,
            Self::Invalid(_) | Self::NotFound => ErrorKind::Invalid,
            Self::Protocol(_) => ErrorKind::Bug,
        }
    }
}

/// Short form used throughout the crate.
pub type Result<T> = std::result::Result<T, Error>;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Storage(error.to_string())
    }
}
