//! Texts that wait in composers. They follow their author from device to device, and no device's
//! text is ever lost to another's.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ClientId, MessageId, RoomId, Timestamp, UserRev};

/// What a user has not sent yet in a room or a thread, as only they see it. One for each of both; empty
/// once it was sent or given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Draft {
    pub room_id: RoomId,
    /// The thread in whose composer it stands; the room's own if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub thread_id: Option<MessageId>,
    /// The server doesn't read it: in an encrypted room it is whatever its author's devices made.
    pub content: String,
    /// The message that it will answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reply_to: Option<MessageId>,
    /// What the device that wrote it calls this state of it; of an empty one, perhaps the message
    /// that it became.
    pub version: ClientId,
    pub updated_at: Timestamp,
    /// What other devices had written when this took its place, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aside: Vec<Aside>,
    pub user_rev: UserRev,
}

impl Draft {
    /// Whether there is nothing in it, and nothing beside it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.content.is_empty() && self.reply_to.is_none() && self.aside.is_empty()
    }
}

/// A draft's text that another device's took the place of, without having known it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Aside {
    /// What its writer called it.
    pub version: ClientId,
    pub content: String,
    /// When it was written.
    pub at: Timestamp,
}

/// What stands in a composer now: `PUT /chat/rooms/{id}/draft`, and in the data of a `save_draft`
/// frame; answered by the [`Draft`] as it is then.
///
/// The text that comes last stands. If the one before it was not the one that its writer knew, that
/// one is put aside; giving up a text that isn't the newest any more changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DraftRequest {
    /// Empty: given up.
    pub content: String,
    /// The message that began the thread in whose composer it stands; the room's own if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub thread_id: Option<MessageId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reply_to: Option<MessageId>,
    /// Names this state; saying the same again changes nothing. The server makes a name if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub client_id: Option<ClientId>,
    /// The states that it goes on from: its writer knows what stands in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub base: Vec<ClientId>,
    /// Texts put aside that are no longer wanted: taken over, or given up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forget: Vec<ClientId>,
}

/// `GET /chat/drafts`: those that aren't blank, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DraftList {
    pub drafts: Vec<Draft>,
}
