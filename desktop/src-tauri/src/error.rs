//! What a failed command tells the page: a kind to act on, a sentence to show.

use std::collections::BTreeMap;

use erc_client_core::{Error, ErrorKind, protocol::ErrorCode};
use serde::Serialize;
use ts_rs::TS;

/// What the page distinguishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// No answer from the server.
    Offline,
    /// Nobody is signed in, or the session ended.
    SignedOut,
    /// The server said no; `code` says why.
    Refused,
    /// The user's input.
    Invalid,
    /// The local store.
    Storage,
    /// Another program has the account open.
    InUse,
    /// Ours or the server's fault.
    Bug,
}

/// The error of every command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, thiserror::Error)]
#[error("{message}")]
pub struct CommandError {
    pub kind: Trouble,
    /// One sentence for people.
    pub message: String,
    /// Of a refusal.
    pub code: Option<ErrorCode>,
    /// Fields of a form that failed, with their reasons.
    pub fields: BTreeMap<String, String>,
}

impl CommandError {
    fn plain(kind: Trouble, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            code: None,
            fields: BTreeMap::new(),
        }
    }

    /// Input that can't be used.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::plain(Trouble::Invalid, message)
    }

    /// A command that needs an account came while none was open.
    pub(crate) fn nobody() -> Self {
        Self::plain(Trouble::SignedOut, "nobody is signed in")
    }
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        let kind = match error.kind() {
            ErrorKind::Offline => Trouble::Offline,
            ErrorKind::SignedOut => Trouble::SignedOut,
            ErrorKind::Refused(_) => Trouble::Refused,
            ErrorKind::Invalid => Trouble::Invalid,
            ErrorKind::Storage => Trouble::Storage,
            ErrorKind::InUse => Trouble::InUse,
            ErrorKind::Bug => Trouble::Bug,
        };
        let message = error.to_string();
        let (code, fields) = match error {
            Error::Refused(body) => (
                Some(body.code),
                body.details
                    .map(|details| details.fields)
                    .unwrap_or_default(),
            ),
            _ => (None, BTreeMap::new()),
        };
        Self {
            kind,
            message,
            code,
            fields,
        }
    }
}

impl From<tauri_plugin_opener::Error> for CommandError {
    fn from(error: tauri_plugin_opener::Error) -> Self {
        Self::plain(
            Trouble::Bug,
            format!("the system could not open the link: {error}"),
        )
    }
}

impl From<tauri::Error> for CommandError {
    fn from(error: tauri::Error) -> Self {
        Self::plain(Trouble::Bug, format!("the window system failed: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use erc_client_core::protocol::{ErrorBody, error::ErrorDetails};

    use super::*;

    #[test]
    fn a_refusal_keeps_its_code_and_every_field_that_failed() {
        let fields = BTreeMap::from([("username".to_owned(), "too short".to_owned())]);
        let mut body = ErrorBody::new(ErrorCode::ValidationFailed, "please correct this");
        body.details = Some(ErrorDetails {
            fields: fields.clone(),
        });
        let error = CommandError::from(Error::Refused(body));
        assert_eq!(error.kind, Trouble::Refused);
        assert_eq!(error.code, Some(ErrorCode::ValidationFailed));
        assert_eq!(error.message, "please correct this");
        assert_eq!(error.fields, fields);
    }

    #[test]
    fn an_ended_session_asks_for_a_new_sign_in() {
        let body = ErrorBody::new(ErrorCode::SessionEnded, "ended");
        assert_eq!(
            CommandError::from(Error::Refused(body)).kind,
            Trouble::SignedOut
        );
    }
}
