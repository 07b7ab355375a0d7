//! `/users…`, `/chat/presence…`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{MyPresence, Presence, PresenceState, User};

/// `PUT /users/me`: absent fields stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UpdateMeRequest {
    #[serde(default)]
    pub display_name: Option<String>,
}

/// `GET /users?query=…&limit=…`: people whose user name or display name begins so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserList {
    pub users: Vec<User>,
}

/// `PUT /chat/presence`: absent fields stay as they are; answered by [`OwnPresence`]. One is offline by
/// leaving.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SetPresenceRequest {
    /// `online` and `idle` say so of all devices that are there, and lift what was chosen before;
    /// `do_not_disturb`, and `offline` for being invisible, are chosen for all devices, those to
    /// come as well.
    #[serde(default)]
    pub state: Option<PresenceState>,
    /// How many seconds that choice lasts ([`crate::limit::PRESENCE_S`]); until it is lifted, if
    /// absent.
    #[serde(default)]
    pub state_for_s: Option<u32>,
    /// What one says of oneself; nothing any longer, if it is empty.
    #[serde(default)]
    pub status: Option<SetStatus>,
    /// Whether nobody is told when one was last there.
    #[serde(default)]
    pub hides_last_seen: Option<bool>,
}

/// A status to be set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SetStatus {
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub emoji: Option<String>,
    /// How many seconds it stands ([`crate::limit::PRESENCE_S`]); until it is taken back, if absent.
    #[serde(default)]
    pub for_s: Option<u32>,
}

/// One's own presence, as others see it and as one has chosen it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OwnPresence {
    #[serde(flatten)]
    pub presence: Presence,
    pub mine: MyPresence,
}
