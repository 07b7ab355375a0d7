//! Something that is asked for: the four states every list is designed for.

use erc_client_core::SafeText;

/// A value that may not be here yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Loadable<T> {
    /// Asked for.
    #[default]
    Loading,
    /// Here; it may be empty.
    Ready(T),
    /// Could not be had, and why.
    Failed(SafeText),
}

impl<T> Loadable<T> {
    /// The value, if it is here.
    pub fn ready(&self) -> Option<&T> {
        match self {
            Self::Ready(value) => Some(value),
            _ => None,
        }
    }
}

impl<T> From<Result<T, SafeText>> for Loadable<T> {
    fn from(result: Result<T, SafeText>) -> Self {
        match result {
            Ok(value) => Self::Ready(value),
            Err(reason) => Self::Failed(reason),
        }
    }
}
