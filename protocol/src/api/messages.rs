//! `/chat/rooms/{id}/messages`, `/chat/messages/{id}`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::poll::NewPoll;
use crate::{
    ClientId, ErrorBody, ExpiryFrom, Message, MessageId, MessageType, Rev, RoomId, Timestamp,
};

/// `POST /chat/rooms/{id}/messages`, answered by the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SendMessageRequest {
    /// The text; of a poll, its question.
    pub content: String,
    #[serde(default = "text")]
    pub message_type: MessageType,
    /// The sender's own name for the message; the server makes one if absent. Sending the same
    /// again gives the first result.
    #[serde(default)]
    pub client_id: Option<ClientId>,
    #[serde(default)]
    pub reply_to: Option<MessageId>,
    /// It goes so many seconds later ([`crate::limit::EXPIRE_S`]), or sooner if the room says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub expires_in: Option<u32>,
    /// From when that counts: `sent` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub expires_from: Option<ExpiryFrom>,
    /// The root of the thread in which it shall stand.
    #[serde(default)]
    pub thread_id: Option<MessageId>,
    /// Show and count it in the room, too.
    #[serde(default)]
    pub also_in_room: bool,
    /// The rest of a message of the type `poll`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub poll: Option<NewPoll>,
}

pub(crate) fn text() -> MessageType {
    MessageType::Text
}

/// `PUT /chat/messages/{id}`, answered by the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EditMessageRequest {
    /// The text; of a poll, its question.
    pub content: String,
    /// Names this edit: repeating it gives the first result.
    #[serde(default)]
    pub client_id: Option<ClientId>,
    /// Refuse (`edit_conflict`) if the row has changed since.
    #[serde(default)]
    pub base_rev: Option<Rev>,
    /// Of a poll in which nobody has voted yet: other options.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub options: Option<Vec<String>>,
}

/// `POST /chat/messages/{id}/reactions`, answered by the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReactRequest {
    pub emoji: String,
    /// Absent: the other way round from what is, so that repeating it is another change.
    #[serde(default)]
    pub on: Option<bool>,
}

/// `GET /chat/messages/{id}/history`: every text that the message had, oldest first; the last is the
/// one it has now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessageHistory {
    pub versions: Vec<MessageVersion>,
}

/// A text and since when it stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessageVersion {
    pub content: String,
    pub at: Timestamp,
}

pub(crate) fn yes() -> bool {
    true
}

/// `POST /chat/messages/{id}/forward`, answered by [`Forwards`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ForwardRequest {
    /// Where to, each once.
    pub room_ids: Vec<RoomId>,
    /// Whether the author is named.
    #[serde(default = "yes")]
    pub with_author: bool,
}

/// What became of it, room by room, in the order of the request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Forwards {
    pub rooms: Vec<ForwardOutcome>,
}

/// The new message in a room, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ForwardOutcome {
    pub room_id: RoomId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub message: Option<Message>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub error: Option<ErrorBody>,
}

/// `GET /chat/rooms/{id}/pins`: pinned messages that one may see, the latest pinned first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PinList {
    pub messages: Vec<Message>,
}
