//! Word filters: what the server, or a room, doesn't take, and what happens to a message that has it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{FilterId, RoomId, Timestamp, role::text_enum};

text_enum!(
    /// How a filter's text is meant.
    FilterKind {
        /// These words, as words of their own: not as a part of others.
        Words = "words",
        /// A regular expression.
        Pattern = "pattern",
    }
);

text_enum!(
    /// What happens to what fits.
    FilterAction {
        /// It goes to the queue of those who moderate; nothing keeps it from being sent.
        Flag = "flag",
        /// Asterisks stand where it was.
        Mask = "mask",
        /// It isn't taken.
        Refuse = "refuse",
    }
);

/// A filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Filter {
    pub id: FilterId,
    /// Absent if it is the whole server's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub room_id: Option<RoomId>,
    pub kind: FilterKind,
    pub text: String,
    pub action: FilterAction,
    /// Who made it.
    pub created_by_name: String,
    pub created_at: Timestamp,
}

/// `POST /server/filters`, `POST /chat/rooms/{id}/filters`. The same text again gets the new action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FilterRequest {
    pub kind: FilterKind,
    /// Compared without case and accents, as in a search. A pattern is a regular expression without
    /// looking around and without references, in lower case.
    pub text: String,
    pub action: FilterAction,
}

/// `GET` of the same, in the order in which they were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FilterList {
    pub filters: Vec<Filter>,
}
