//! `/chat/rooms/{id}/bans…`, `/chat/rooms/{id}/mutes…`, roles.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{RoomRole, Timestamp, UserId};

/// `PUT /chat/rooms/{id}/members/{user_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SetRoleRequest {
    pub role: RoomRole,
    /// With `owner`: the giver hands the room over and becomes an admin.
    #[serde(default)]
    pub hand_over: bool,
}

/// `PUT /chat/rooms/{id}/bans/{user_id}` and `PUT /chat/rooms/{id}/mutes/{user_id}`; the body may be
/// absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SanctionRequest {
    /// How long, in seconds; until it is lifted if absent.
    #[serde(default)]
    pub seconds: Option<u32>,
    /// For those who moderate, and for the person.
    #[serde(default)]
    pub reason: String,
}

/// Somebody who may not come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ban {
    pub user_id: UserId,
    pub username: String,
    pub display_name: String,
    pub banned_by: UserId,
    pub reason: String,
    pub created_at: Timestamp,
    /// Absent if it lasts until it is lifted.
    pub expires_at: Option<Timestamp>,
}

/// `GET /chat/rooms/{id}/bans`: those that hold, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BanList {
    pub bans: Vec<Ban>,
}
