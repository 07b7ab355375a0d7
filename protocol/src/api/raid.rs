//! `/server/raid`: the doors of the server, closed for a while because strangers pour in.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Timestamp;

/// `GET /server/raid`, and the answer to changing it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Raid {
    /// Until when nobody signs up, no link lets anybody in, and new accounts come into no room;
    /// absent if the doors are open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub until: Option<Timestamp>,
}

/// `PUT /server/raid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RaidRequest {
    /// For how long.
    pub seconds: u32,
}
