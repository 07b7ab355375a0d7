//! `/chat/rooms…`, `/chat/directory`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Capability, ClientId, ExpiryFrom, History, Member, Message, RequestState, Room, RoomKind,
    RoomRole, Seq, Timestamp, UserId, sync::Unread,
};

/// `POST /chat/rooms`. For a direct room `member_ids` names the one other person; asking again
/// gives the room that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CreateRoomRequest {
    /// Ignored for a direct room.
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub topic: String,
    #[serde(rename = "type", default = "default_kind")]
    pub kind: RoomKind,
    #[serde(default)]
    pub is_private: bool,
    /// `shared` if absent.
    #[serde(default)]
    pub history: Option<History>,
    #[serde(default)]
    pub member_ids: Vec<UserId>,
    /// Makes a repeated request give the first room.
    #[serde(default)]
    pub client_id: Option<ClientId>,
}

const fn default_kind() -> RoomKind {
    RoomKind::Group
}

/// `PUT /chat/rooms/{id}`: absent fields stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UpdateRoomRequest {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub topic: Option<String>,
    #[serde(default)]
    pub is_private: Option<bool>,
    /// Seconds between two messages of a member; 0 ends slow mode.
    #[serde(default)]
    pub slow_mode_s: Option<u32>,
    /// Nothing is added to an archived room.
    #[serde(default)]
    pub archived: Option<bool>,
    /// The heading that it stands under; empty for none.
    #[serde(default)]
    pub category: Option<String>,
    /// The lowest role for each of these; `null` makes it usual again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub permissions: BTreeMap<Capability, Option<RoomRole>>,
}

/// `PUT /chat/rooms/{id}/lifetime`, answered by the room. Messages that are there stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SetLifetimeRequest {
    /// Messages sent from now on go so many seconds later; `null`, and they stay.
    pub expires_in: Option<u32>,
    /// From when that counts: `sent` if absent.
    #[serde(default)]
    pub expires_from: Option<ExpiryFrom>,
}

/// A room as one of its members sees it: element of `GET /chat/rooms`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MyRoom {
    #[serde(flatten)]
    pub room: Room,
    pub role: RoomRole,
    pub unread: Unread,
    /// All that one may do here now.
    #[serde(default)]
    pub can: Vec<Capability>,
    /// Until when one only reads here; absent if one isn't muted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub muted_until: Option<Timestamp>,
    /// Whether it is a request of a stranger, or to one.
    #[serde(default, skip_serializing_if = "RequestState::is_none")]
    pub request: RequestState,
}

/// `GET /chat/rooms`: the rooms one is in, without requests that one has not accepted, most recently active first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoomList {
    pub rooms: Vec<MyRoom>,
}

/// `GET /chat/directory`: public rooms that one may join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Directory {
    pub rooms: Vec<DirectoryRoom>,
}

/// A public room, seen from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DirectoryRoom {
    #[serde(flatten)]
    pub room: Room,
    pub is_member: bool,
}

/// `GET /chat/rooms/{id}/members?after=…&limit=…`, by user id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberList {
    pub members: Vec<Member>,
    pub has_more: bool,
}

/// `POST /chat/rooms/{id}/members/{user_id}`; the body may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AddMemberRequest {
    /// `member` if absent.
    #[serde(default)]
    pub role: Option<RoomRole>,
}

/// `POST /chat/rooms/{id}/read`, and the data of a `mark_read` frame without its room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MarkReadRequest {
    pub seq: Seq,
    /// As in the frame.
    #[serde(default)]
    #[ts(optional)]
    pub unread: Option<bool>,
}

/// `GET /chat/rooms/{id}/messages?limit&before_seq|after_seq|around_seq`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PageQuery {
    /// How many; [`crate::limit::PAGE_MESSAGES_DEFAULT`] if absent.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub limit: Option<i64>,
    /// The newest below this place.
    #[serde(default)]
    pub before_seq: Option<Seq>,
    /// The oldest above this place.
    #[serde(default)]
    pub after_seq: Option<Seq>,
    /// Half of them on each side of this place.
    #[serde(default)]
    pub around_seq: Option<Seq>,
}

/// A page of history, newest last. Every place between the first and the last one is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessagePage {
    pub messages: Vec<Message>,
    /// Whether there are more in the direction that was asked for (backwards by default).
    pub has_more: bool,
}
