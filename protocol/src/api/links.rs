//! `/chat/rooms/{id}/links…`, `/chat/links/…`: links by which people come into a room.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{LinkId, RoomId, RoomKind, Timestamp, UserId};

/// `POST /chat/rooms/{id}/links`; the body may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CreateLinkRequest {
    /// How long it works, in seconds; a week if absent.
    #[serde(default)]
    pub seconds: Option<u32>,
    /// How many people may come in by it; without a limit if absent.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub uses: Option<i64>,
}

/// A link, without what it takes to use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoomLink {
    pub id: LinkId,
    pub room_id: RoomId,
    pub created_by: UserId,
    pub created_by_name: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// How many came in by it.
    #[ts(type = "number")]
    pub used: i64,
    /// How many still may; absent if there is no limit.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub uses_left: Option<i64>,
}

/// The only time that a link's code is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MadeLink {
    /// 128 random bits. As a link: the server's address, `/join#`, and this.
    pub code: String,
    #[serde(flatten)]
    pub link: RoomLink,
}

impl std::fmt::Debug for MadeLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("MadeLink");
        shown.field("link", &self.link).finish_non_exhaustive()
    }
}

/// `GET /chat/rooms/{id}/links`: those that work, newest first; for those who don't moderate, their
/// own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LinkList {
    pub links: Vec<RoomLink>,
}

/// `POST /chat/links/preview` and `POST /chat/links/join`. In the body, because addresses of
/// requests stand in logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LinkCode {
    pub code: String,
}

impl std::fmt::Debug for LinkCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkCode").finish_non_exhaustive()
    }
}

/// What somebody sees of a room before they come in by a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LinkPreview {
    pub server_name: String,
    pub room_id: RoomId,
    pub name: String,
    pub topic: String,
    #[serde(rename = "type")]
    pub kind: RoomKind,
    #[ts(type = "number")]
    pub member_count: i64,
}
