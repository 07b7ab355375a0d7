//! Signing up, signing in, staying signed in. `POST /auth/…`, `GET /auth/sessions`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{SessionId, Timestamp, User};

/// `POST /auth/register`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegisterRequest {
    pub username: String,
    pub password: String,
    /// The user name if absent.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Needed where registration is by invite.
    #[serde(default)]
    pub invite: Option<String>,
    /// What the session is called in the list of sessions.
    #[serde(default)]
    pub device_name: Option<String>,
}

/// `POST /auth/login`, as JSON or as the form of OAuth2's password flow (RFC 6749, 4.3.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoginRequest {
    pub username: String,
    pub password: String,
    /// What the session is called in the list of sessions.
    #[serde(default)]
    pub device_name: Option<String>,
}

/// `POST /auth/refresh`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefreshRequest {
    pub refresh_token: String,
}

/// The answer to signing up, signing in and refreshing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenResponse {
    /// A JWT for `Authorization: Bearer` and for the socket; short-lived.
    pub access_token: String,
    /// Always `bearer`.
    pub token_type: String,
    /// Seconds until the access token expires.
    #[ts(type = "number")]
    pub expires_in: u64,
    /// Opaque, good for one refresh; using it again later ends the session.
    pub refresh_token: String,
    pub session_id: SessionId,
    pub user: User,
}

impl std::fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenResponse")
            .field("user", &self.user)
            .field("session_id", &self.session_id)
            .finish_non_exhaustive()
    }
}

/// One sign-in, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionInfo {
    pub id: SessionId,
    pub device_name: String,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    /// Whether this is the session that asks.
    pub is_current: bool,
}

/// `GET /auth/sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionList {
    pub sessions: Vec<SessionInfo>,
}

/// `POST /auth/invites` (admins).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CreateInviteRequest {
    /// How many people may sign up with it; 1 if absent.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub uses: Option<i64>,
    /// Hours until it is void; 168 (a week) if absent.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub valid_hours: Option<i64>,
}

/// The only time that an invite's code is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InviteResponse {
    pub code: String,
    #[ts(type = "number")]
    pub uses: i64,
    pub expires_at: Timestamp,
}

/// `GET /auth/settings`: what the sign-in screen needs to know, for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuthSettings {
    /// What the server calls itself.
    pub server_name: String,
    pub registration: Registration,
}

crate::role::text_enum!(
    /// Who may sign up.
    Registration {
        /// Nobody: admins add users.
        Closed = "closed",
        /// Whoever has an invite.
        Invite = "invite",
        /// Everybody.
        Open = "open",
    }
);

/// `POST /auth/deactivate`: the account rests, and is taken up again by signing in within
/// [`crate::limit::DEACTIVATED_MS`], or by an administrator.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeactivateRequest {
    pub password: String,
}

/// `POST /auth/erase`: nothing is left of the account but its places and, if so chosen, what it
/// said; there is no way back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EraseRequest {
    pub password: String,
    pub messages: ErasedMessages,
}

crate::role::text_enum!(
    /// What becomes of the messages of somebody who erases their account.
    ErasedMessages {
        /// They stay, as those of a deleted user.
        Keep = "keep",
        /// They are deleted.
        Remove = "remove",
    }
);

impl std::fmt::Debug for DeactivateRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeactivateRequest").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for EraseRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EraseRequest")
            .field("messages", &self.messages)
            .finish_non_exhaustive()
    }
}
