//! `POST /chat/search`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Message, RoomId};

/// In which order hits come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Newest first.
    #[default]
    Newest,
    /// Best first, among the newest that fit.
    Relevance,
}

/// Searches what the user may see. The language is [`crate::search`]'s.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SearchRequest {
    pub query: String,
    /// In this room only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub room_id: Option<RoomId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub limit: Option<i64>,
    /// From the answer before, to go on behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub cursor: Option<String>,
    #[serde(default)]
    pub sort: Sort,
    /// How far the user's clock is before UTC, for the days in the query. Minutes.
    #[serde(default)]
    pub utc_offset: i32,
}

/// A message that fits. Places are characters (Unicode scalar values) of its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SearchHit {
    pub message: Message,
    /// The room's name; empty for direct messages.
    pub room_name: String,
    /// Where what was searched for stands: the first character and the one behind the last; rising,
    /// apart from each other.
    pub highlights: Vec<(u32, u32)>,
    /// A part of the content around the first of them.
    pub snippet: (u32, u32),
}

/// How much was searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Coverage {
    /// Everything that the user may see was in the index, and all of it up to this page was looked
    /// at.
    pub complete: bool,
    /// Changes of the user's rooms that the index has yet to take in: those of the last moments,
    /// or more while an index is built.
    #[ts(type = "number")]
    pub behind: i64,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SearchResults {
    pub hits: Vec<SearchHit>,
    /// There may be more: ask again with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub cursor: Option<String>,
    pub coverage: Coverage,
}
