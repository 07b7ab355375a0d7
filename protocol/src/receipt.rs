//! How far people have got in a room: what reached a device of theirs, and what they have read.
//!
//! Two watermarks a member, which only rise. They are no part of the room's history and have no
//! [`crate::Rev`]: whoever opens the room gets them all, so a lost frame delays and never loses.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{RoomId, Seq, Timestamp, UserId};

/// One member's watermarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Receipt {
    pub user_id: UserId,
    /// Everything up to here has reached a device; never below `read_seq`.
    pub delivered_seq: Seq,
    pub read_seq: Seq,
    /// When `delivered_seq` last rose.
    #[serde(default)]
    pub delivered_at: Option<Timestamp>,
    /// When `read_seq` last rose.
    #[serde(default)]
    pub read_at: Option<Timestamp>,
}

/// A `receipts` frame: the watermarks of one room that rose, gathered for a moment. And the answer
/// of `GET /chat/rooms/{id}/receipts`: those of all members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Receipts {
    pub room_id: RoomId,
    /// Nobody, in a room of more than [`crate::limit::RECEIPT_MEMBERS`].
    pub receipts: Vec<Receipt>,
}

/// `GET /chat/messages/{id}/receipts`: who has got and read a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessageReceipts {
    /// Members who may see the message, without its sender.
    #[ts(type = "number")]
    pub of: i64,
    #[ts(type = "number")]
    pub delivered: i64,
    #[ts(type = "number")]
    pub read: i64,
    /// Who, in rooms of up to [`crate::limit::RECEIPT_MEMBERS`]; earliest first.
    pub delivered_to: Vec<Reached>,
    pub read_by: Vec<Reached>,
}

/// Somebody whom a message reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reached {
    pub user_id: UserId,
    /// When; not kept for messages far below the newest.
    pub at: Option<Timestamp>,
}
