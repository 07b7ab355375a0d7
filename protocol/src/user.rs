//! A person (or program) with an account.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ServerRole, Timestamp, UserId};

/// What others may know of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct User {
    pub id: UserId,
    /// Unique, lower case, `[a-z0-9][a-z0-9._-]*`: what one signs in with and mentions.
    pub username: String,
    /// What is shown.
    pub display_name: String,
    pub role: ServerRole,
    pub created_at: Timestamp,
}
