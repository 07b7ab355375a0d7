//! A room: the unit of order, membership and history.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Rev, RoomId, Seq, Timestamp, UserId, role::text_enum};

text_enum!(
    /// What kind of room it is; never changes after creation.
    RoomKind {
        /// Many people, everybody writes.
        Group = "group",
        /// Exactly two people; one such room for each pair.
        Direct = "direct",
        /// Many people; admins write, the others read.
        Announcement = "announcement",
    }
);

text_enum!(
    /// Which messages a member may see.
    History {
        /// Only those sent since they joined.
        Joined = "joined",
        /// All of the room.
        Shared = "shared",
    }
);

/// A room as all its members see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Room {
    pub id: RoomId,
    /// The change that gave the room's own fields their current values (not the room's newest
    /// change: that is the `head` of a batch).
    pub rev: Rev,
    /// Empty for a direct room: clients show the other person.
    pub name: String,
    pub topic: String,
    #[serde(rename = "type")]
    pub kind: RoomKind,
    /// Not listed and not joinable without being added.
    pub is_private: bool,
    pub history: History,
    pub created_by: UserId,
    pub created_at: Timestamp,
    /// Joined members.
    #[ts(type = "number")]
    pub member_count: i64,
    /// The newest message's place; 0 in an empty room.
    pub last_seq: Seq,
    /// When the newest message was sent; the creation of an empty room.
    pub last_message_at: Timestamp,
}
