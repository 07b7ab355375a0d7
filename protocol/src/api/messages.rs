//! `/chat/rooms/{id}/messages`, `/chat/messages/{id}`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ClientId, MessageId, MessageType, Rev};

/// `POST /chat/rooms/{id}/messages`, answered by the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SendMessageRequest {
    pub content: String,
    #[serde(default = "text")]
    pub message_type: MessageType,
    /// The sender's own name for the message; the server makes one if absent. Sending the same
    /// again gives the first result.
    #[serde(default)]
    pub client_id: Option<ClientId>,
    #[serde(default)]
    pub reply_to: Option<MessageId>,
}

pub(crate) fn text() -> MessageType {
    MessageType::Text
}

/// `PUT /chat/messages/{id}`, answered by the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EditMessageRequest {
    pub content: String,
    /// Names this edit: repeating it gives the first result.
    #[serde(default)]
    pub client_id: Option<ClientId>,
    /// Refuse (`edit_conflict`) if the row has changed since.
    #[serde(default)]
    pub base_rev: Option<Rev>,
}
