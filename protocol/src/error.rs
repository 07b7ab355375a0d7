//! What goes wrong, as stable codes.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// A stable code for programs. The text beside it is for people and may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Not JSON, or not UTF-8.
    MalformedJson,
    /// JSON, but not of the shape that this request or frame has.
    MalformedRequest,
    /// A frame of no known `type`.
    UnknownFrame,
    /// No token, or one that is wrong or expired: refresh or sign in.
    InvalidToken,
    /// User name or password is wrong.
    InvalidCredentials,
    /// The session was ended: sign in again.
    SessionEnded,
    /// A browser page of an origin that is not allowed.
    OriginNotAllowed,
    /// Known, and not permitted.
    Forbidden,
    /// Nobody signs up here by themselves.
    RegistrationClosed,
    /// The invite is unknown, used up or too old.
    InvalidInvite,
    /// Not there, or not for you to know.
    NotFound,
    /// The path is known, the method is not.
    MethodNotAllowed,
    /// The user name is taken.
    UsernameTaken,
    /// This `client_id` was used for something else.
    ClientIdReused,
    /// The message was changed since `base_rev`.
    EditConflict,
    /// The message was deleted.
    MessageDeleted,
    /// The poll is over.
    PollClosed,
    /// As many as there may be are there already.
    LimitReached,
    /// More than the limit.
    TooLarge,
    /// Not a media type that this route takes.
    UnsupportedMediaType,
    /// One or more fields are outside their limits; `details.fields` names them all.
    ValidationFailed,
    /// Too often; `retry_after` says when again, in seconds.
    RateLimited,
    /// The room takes one message a while; `retry_after` says when the next.
    SlowMode,
    /// The server can't do it just now; the same request may work later.
    Unavailable,
    /// The server's own fault.
    Internal,
    /// A code of a newer server.
    #[serde(other)]
    Unknown,
}

impl ErrorCode {
    /// The HTTP status that carries this code.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::MalformedJson | Self::MalformedRequest | Self::UnknownFrame => 400,
            Self::InvalidToken | Self::InvalidCredentials | Self::SessionEnded => 401,
            Self::OriginNotAllowed
            | Self::Forbidden
            | Self::RegistrationClosed
            | Self::InvalidInvite => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::UsernameTaken
            | Self::ClientIdReused
            | Self::EditConflict
            | Self::PollClosed
            | Self::LimitReached => 409,
            Self::MessageDeleted => 410,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::ValidationFailed => 422,
            Self::RateLimited | Self::SlowMode => 429,
            Self::Unavailable => 503,
            Self::Internal | Self::Unknown => 500,
        }
    }

    /// What a sender does with an operation that was answered so.
    #[must_use]
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::RateLimited
            | Self::SlowMode
            | Self::Unavailable
            | Self::Internal
            | Self::Unknown => Verdict::Retry,
            Self::InvalidToken => Verdict::Refresh,
            _ => Verdict::Reject,
        }
    }
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.serialize(f)
    }
}

/// What an outbox does after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The same operation again, later, in the same order.
    Retry,
    /// The same operation with a new access token.
    Refresh,
    /// Never again by itself: park it and tell the user why.
    Reject,
}

/// An error as it stands in an answer (`{"error": …}`) and in an `error` frame's `data`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[error("{message} ({code})")]
pub struct ErrorBody {
    pub code: ErrorCode,
    /// One sentence for people, in English.
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub details: Option<ErrorDetails>,
    /// Seconds until it is worth trying again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub retry_after: Option<u64>,
}

impl ErrorBody {
    /// A code and its sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: None,
            retry_after: None,
        }
    }
}

/// What else a program may want to know.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorDetails {
    /// Every field that failed, with its reason.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// The body of an HTTP answer that is an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorResponse {
    pub error: ErrorBody,
}
