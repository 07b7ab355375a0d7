//! Requests: a direct room that a stranger began, until who is addressed accepts it.
//!
//! Strangers are two who share no room of at most [`crate::limit::ACQUAINTED_MEMBERS`] members and
//! have no direct room. While it is a request, the room stands in a list of its own, nothing in it
//! rings or counts, the other learns nothing of who is addressed, and may write
//! [`crate::limit::REQUEST_MESSAGES`] messages.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Message, RoomId, Timestamp, User, role::text_enum};

text_enum!(
    #[derive(Default)]
    /// What a direct room is to one of the two in it.
    RequestState {
        /// A room like any other.
        #[default]
        None = "none",
        /// Begun by this user; the other has not accepted it.
        Sent = "sent",
        /// Begun by a stranger; this user has not answered.
        Received = "received",
        /// Begun by a stranger; this user doesn't want it, and the other isn't told.
        Declined = "declined",
    }
);

impl RequestState {
    /// Whether it is no request, or no longer one.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Whether it is one that this user has not answered.
    #[must_use]
    pub const fn is_received(self) -> bool {
        matches!(self, Self::Received)
    }
}

text_enum!(
    #[derive(Default)]
    /// Who may begin a direct room with a user. Those who moderate the server always may.
    WhoWrites {
        /// Everybody; strangers by a request.
        #[default]
        Everybody = "everybody",
        /// Those who share a room with them.
        Acquainted = "acquainted",
        /// Nobody new.
        Nobody = "nobody",
    }
);

impl WhoWrites {
    /// Whether it is as usual.
    #[must_use]
    pub const fn is_usual(&self) -> bool {
        matches!(self, Self::Everybody)
    }
}

/// A request as who is addressed sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Request {
    pub room_id: RoomId,
    /// Who would like to write.
    pub from: User,
    pub began_at: Timestamp,
    /// How many messages they have written.
    #[ts(type = "number")]
    pub messages: i64,
    /// The newest of them.
    pub preview: Option<Message>,
}

/// `GET /chat/requests`: those in which something was written and that one has not answered, the
/// most recently active first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RequestList {
    pub requests: Vec<Request>,
}

/// `PUT /chat/requests/{room_id}`, answered by one's own place in the room. What is so already is no
/// change; what was accepted can't be declined any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RequestAnswer {
    pub accept: bool,
}
