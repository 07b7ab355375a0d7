//! Why an operation was not carried out.

use std::collections::BTreeMap;

use erc_protocol::{ErrorBody, ErrorCode, error::ErrorDetails};

use crate::rules::permission::Denied;
use crate::store;

/// Short form used throughout the operations.
pub type Result<T> = std::result::Result<T, Error>;

/// Refused for a reason that the caller may know, or failed for one that only the log may.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller's doing: told as it is.
    #[error("{0}")]
    Refused(ErrorBody),
    /// Not the caller's doing: logged, and told as `unavailable` or `internal`.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Not the caller's doing.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// A refusal with its code.
    pub fn refused(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Refused(ErrorBody::new(code, message))
    }

    /// There is none, or none for you.
    pub fn not_found(what: &str) -> Self {
        Self::refused(ErrorCode::NotFound, format!("there is no such {what}"))
    }

    /// One field outside its limits.
    pub fn invalid(field: &str, reason: impl Into<String>) -> Self {
        let mut fields = Fields::default();
        fields.refuse(field, reason);
        fields.into_error()
    }

    /// What the caller is told.
    #[must_use]
    pub fn body(&self) -> ErrorBody {
        match self {
            Self::Refused(body) => body.clone(),
            Self::Store(store::Error::Unavailable(_) | store::Error::Contention(_)) => {
                let mut body =
                    ErrorBody::new(ErrorCode::Unavailable, "the server can't do this just now");
                body.retry_after = Some(1);
                body
            }
            Self::Store(_) | Self::Internal(_) => {
                ErrorBody::new(ErrorCode::Internal, "the server failed; its log says why")
            }
        }
    }
}

impl From<ErrorBody> for Error {
    fn from(body: ErrorBody) -> Self {
        Self::Refused(body)
    }
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Hidden => Self::not_found("room"),
            Denied::Forbidden(why) => Self::refused(ErrorCode::Forbidden, why),
        }
    }
}

/// Collects every field that is outside its limits, so that all are told at once.
#[derive(Debug, Default)]
pub struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Adds a refusal.
    pub fn refuse(&mut self, field: &str, reason: impl Into<String>) {
        self.0.insert(field.to_owned(), reason.into());
    }

    /// The value, or a default that is never used because [`Self::finish`] fails.
    pub fn take<T: Default>(
        &mut self,
        field: &str,
        value: std::result::Result<T, impl Into<String>>,
    ) -> T {
        value.unwrap_or_else(|reason| {
            self.refuse(field, reason);
            T::default()
        })
    }

    /// Fails if anything was refused.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.into_error())
        }
    }

    fn into_error(self) -> Error {
        let message = self.0.values().cloned().collect::<Vec<_>>().join("; ");
        let mut body = ErrorBody::new(ErrorCode::ValidationFailed, message);
        body.details = Some(ErrorDetails { fields: self.0 });
        Error::Refused(body)
    }
}
