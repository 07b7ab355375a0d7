//! A room: the unit of order, membership and history.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Lifetime, Rev, RoomId, Seq, Timestamp, UserId, permission::Permissions, role::text_enum,
};

text_enum!(
    /// What kind of room it is; never changes after creation.
    RoomKind {
        /// Many people, everybody writes.
        Group = "group",
        /// Exactly two people; one such room for each pair.
        Direct = "direct",
        /// Many people; moderators write, the others read.
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

/// How a room is kept. What is absent is as usual, so that rooms without settings cost nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoomSettings {
    /// Seconds between two messages of a member, for those below moderator; 0 if there is no such
    /// rule.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub slow_mode_s: u32,
    /// Since when nothing is added to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Timestamp>,
    /// The heading that it stands under in lists; empty if none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// How long messages stay that are sent from now on; absent if for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<Lifetime>,
    /// Where it departs from what roles usually permit.
    #[serde(default, skip_serializing_if = "Permissions::is_usual")]
    pub permissions: Permissions,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(seconds: &u32) -> bool {
    *seconds == 0
}

impl RoomSettings {
    /// Whether all is as usual.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// As a database keeps them: JSON, or nothing if all is as usual.
    #[must_use]
    pub fn to_text(&self) -> String {
        if self.is_usual() {
            return String::new();
        }
        serde_json::to_string(self).expect("settings hold nothing that JSON can't")
    }
}

impl TryFrom<String> for RoomSettings {
    type Error = serde_json::Error;

    /// Reads what [`Self::to_text`] wrote.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_str(&text)
    }
}

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
    /// Absent if all is as usual.
    #[serde(default, skip_serializing_if = "RoomSettings::is_usual")]
    pub settings: RoomSettings,
}
