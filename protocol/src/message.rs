//! A message, in its current state.

use serde::{Deserialize, Serialize, Serializer};
use ts_rs::TS;

use crate::{
    ClientId, Expiry, MessageId, Poll, Reaction, Rev, RoomId, Seq, ThreadSummary, Timestamp, UserId,
};

/// What a message's `content` is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(from = "String", into = "String")]
#[ts(type = "string")]
pub enum MessageType {
    /// Text.
    Text,
    /// A question with answers to choose from; the text says the same.
    Poll,
    /// A kind that this build does not know.
    Other(String),
}

impl MessageType {
    /// The word on the wire and in SQL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Text => "text",
            Self::Poll => "poll",
            Self::Other(word) => word,
        }
    }
}

impl Serialize for MessageType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl From<String> for MessageType {
    fn from(word: String) -> Self {
        match word.as_str() {
            "text" => Self::Text,
            "poll" => Self::Poll,
            _ => Self::Other(word),
        }
    }
}

impl From<MessageType> for String {
    fn from(kind: MessageType) -> Self {
        kind.as_str().to_owned()
    }
}

/// A message row as it stands now: the body of `new_message` and `message_updated`, and the
/// element of every page and batch. State, not a log: ten edits are one row.
///
/// Field names up to `created_at` are the brief's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Message {
    pub message_id: MessageId,
    pub chat_room_id: RoomId,
    pub sender_id: UserId,
    /// The sender's display name when this was encoded; clients prefer the member list.
    pub sender_name: String,
    /// Empty once deleted.
    pub content: String,
    pub message_type: MessageType,
    /// Server time, never going backwards within a room.
    pub created_at: Timestamp,
    pub seq: Seq,
    /// The change that gave this row its current values.
    pub rev: Rev,
    /// What the sender called it; unique for each sender.
    pub client_id: ClientId,
    /// The message of the same room that this answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reply_to: Option<MessageId>,
    /// The root of the thread in which this stands: a message of the same room that stands in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub thread_id: Option<MessageId>,
    /// Of a reply in a thread: it is shown and counted in the room, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub also_in_room: bool,
    /// Of a root: its thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub thread: Option<ThreadSummary>,
    /// Members whom the text named or called (`@all`, `@here`) when it was sent; nobody once deleted.
    /// Editing rings nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<UserId>,
    /// By emoji, in the order in which each came first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// Somebody keeps it at hand for the room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub pinned: Option<Pinned>,
    /// What is asked and what was chosen, if it is a poll; gone once deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub poll: Option<Poll>,
    /// Where its text comes from, when it was forwarded with its author's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub forwarded: Option<Forwarded>,
    /// When it goes by itself; absent if it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub expiry: Option<Expiry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub edited_at: Option<Timestamp>,
    /// Set on a tombstone: place and sender stay, the content is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub deleted_at: Option<Timestamp>,
    /// The change that deleted it, if the tombstone has changed since: its thread goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub deleted_rev: Option<Rev>,
}

/// Who pinned a message, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pinned {
    pub by: UserId,
    pub at: Timestamp,
}

/// The message that was forwarded, as it was then. Room and place are told to nobody: who reads the
/// copy may not see the original.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Forwarded {
    pub sender_id: UserId,
    /// The author's display name at that time.
    pub sender_name: String,
    /// When the original was sent.
    pub created_at: Timestamp,
}

impl Message {
    /// Whether only the tombstone is left.
    #[must_use]
    pub const fn is_deleted(&self) -> bool {
        self.deleted_at.is_some()
    }

    /// Whether it went because its time had come.
    #[must_use]
    pub fn has_expired(&self) -> bool {
        self.is_deleted() && self.expiry.is_some()
    }

    /// Whether it is shown and counted in the room itself: all but what stands in a thread only.
    #[must_use]
    pub const fn is_in_room(&self) -> bool {
        self.thread_id.is_none() || self.also_in_room
    }
}
