//! `/users…`, `/chat/presence…`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{PresenceState, User};

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

/// `PUT /chat/presence`, and the data of a `set_presence` frame. One is offline by leaving.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SetPresenceRequest {
    pub state: PresenceState,
}
