//! Somebody's place in a room.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Rev, RoomRole, Timestamp, UserId, role::text_enum};

text_enum!(
    /// Whether somebody is in a room.
    MemberState {
        /// In.
        Joined = "joined",
        /// Left by themselves.
        Left = "left",
        /// Removed by somebody else.
        Removed = "removed",
    }
);

/// A member as the others see them. People who left stay as rows, so that catching up tells of
/// their leaving and old messages keep a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Member {
    pub user_id: UserId,
    pub username: String,
    pub display_name: String,
    pub role: RoomRole,
    pub state: MemberState,
    /// The change that gave this row its current values.
    pub rev: Rev,
    /// The latest joining.
    pub joined_at: Timestamp,
    /// Until when they only read; absent if they aren't muted, and past once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub muted_until: Option<Timestamp>,
}
