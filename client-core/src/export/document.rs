//! A room as JSON: everything that is known of it, to be read back.
//!
//! The document is one object. `messages` are the rows of the protocol, one a line, oldest first,
//! tombstones among them. `complete` is false where it came from a machine that didn't hold all:
//! then `missing` says which places.

use erc_protocol::{Message, RoomId, RoomKind, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What `format` says.
pub const FORMAT: &str = "erc-room-export";
/// What `version` says. Another one has fields that this one hasn't.
pub const VERSION: u32 = 1;

/// The document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomExport {
    pub format: String,
    pub version: u32,
    pub exported_at: Timestamp,
    /// The server's address.
    pub server: String,
    /// Who exported it, and so who could see what is in it.
    pub exported_by: UserId,
    pub room: ExportedRoom,
    /// Members, and whoever of those who left is known.
    pub people: Vec<ExportedPerson>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    pub messages: Vec<Message>,
    pub complete: bool,
    pub missing: Vec<Missing>,
}

/// The room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedRoom {
    pub id: RoomId,
    pub name: String,
    pub topic: String,
    pub kind: RoomKind,
    pub is_private: bool,
}

/// Somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedPerson {
    pub user_id: UserId,
    pub username: String,
    pub display_name: String,
}

/// Places of a room, first and last, that were not on the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Missing {
    #[ts(type = "number")]
    pub from: i64,
    #[ts(type = "number")]
    pub to: i64,
}
