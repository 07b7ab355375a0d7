//! Blocking: whom a user takes nothing from. Only the blocker knows.
//!
//! A block never filters what is delivered: rooms have one history for all. It keeps the blocked
//! from opening a direct room with the blocker and from adding to one that is there, from calling
//! them, and from adding them to rooms; the blocker's clients fold their messages.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Timestamp, UserId, UserRev};

/// Somebody who is blocked, or no longer is, as only the blocker sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Block {
    pub user_id: UserId,
    pub username: String,
    pub display_name: String,
    /// For oneself; may be empty.
    pub reason: String,
    /// Since when; absent once it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub blocked_at: Option<Timestamp>,
    pub user_rev: UserRev,
}

/// `PUT /users/me/blocks/{user_id}`; the body may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BlockRequest {
    /// For oneself.
    #[serde(default)]
    pub reason: String,
}

/// `GET /users/me/blocks`: those who are blocked now, the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BlockList {
    pub blocks: Vec<Block>,
}
