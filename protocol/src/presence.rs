//! Who is there. Never stored beyond the last time somebody was seen.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{RoomId, Timestamp, UserId, role::text_enum};

text_enum!(
    /// How present somebody is, least first.
    PresenceState {
        /// No device connected.
        Offline = "offline",
        /// Connected, away from the screen.
        Idle = "idle",
        /// Connected.
        Online = "online",
    }
);

/// The body of `presence_update` and of `GET /chat/presence/{user_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Presence {
    pub user_id: UserId,
    pub is_online: bool,
    pub state: PresenceState,
    /// When the last device left; absent for somebody never seen.
    pub last_seen: Option<Timestamp>,
}

/// The body of `typing_indicator`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Typing {
    pub user_id: UserId,
    pub user_name: String,
    pub room_id: RoomId,
    pub is_typing: bool,
    pub timestamp: Timestamp,
}
