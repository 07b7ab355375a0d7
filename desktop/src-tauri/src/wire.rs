//! What crosses between the app and the page besides client-core's views: arguments of commands,
//! the answer at start, the event stream. Exported to TypeScript (`tests/it/types.rs`).

use erc_client_core::{
    Account,
    account::NewRoom,
    protocol::{Capability, RoomKind, RoomRole, UserId, api::rooms::UpdateRoomRequest, limit},
    view::{AccountInfo, Connection, Me, Update},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::CommandError;

/// The name of the event stream.
pub const EVENT: &str = "erc://update";

/// What the page hears, in order.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum AppEvent {
    /// Another account is open now, or none.
    Account(Option<SignedIn>),
    /// Something changed in the open account.
    Update(Update),
}

/// The account that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SignedIn {
    pub account: AccountInfo,
    pub me: Me,
    pub connection: Connection,
}

impl SignedIn {
    /// What stands now.
    pub(crate) fn of(account: &Account) -> Self {
        Self {
            account: account.info(),
            me: account.me(),
            connection: account.connection().borrow().clone(),
        }
    }
}

/// Where the page begins.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Start {
    pub signed_in: Option<SignedIn>,
    /// Accounts on this machine, most recently used first.
    pub accounts: Vec<AccountInfo>,
    /// Why the last account could not be opened.
    pub problem: Option<CommandError>,
    pub limits: Limits,
}

/// Limits that the page shows before they bite.
#[derive(Debug, Clone, Copy, Serialize, TS)]
pub struct Limits {
    pub message_bytes: usize,
    pub username_chars: usize,
    pub display_name_chars: usize,
    pub password_bytes_min: usize,
    pub room_name_chars: usize,
    pub topic_chars: usize,
    pub poll_question_chars: usize,
    pub poll_option_chars: usize,
    /// The picture of an emoji.
    pub emoji_bytes: usize,
    /// Options of a poll.
    pub poll_options: usize,
    /// Members of a room up to which everybody can be called.
    #[ts(type = "number")]
    pub called_members: i64,
    /// Members of a room from which on one is asked before.
    #[ts(type = "number")]
    pub call_asks_members: i64,
}

impl Limits {
    /// Those of the protocol.
    pub(crate) const CURRENT: Self = Self {
        message_bytes: limit::MESSAGE_BYTES,
        username_chars: *limit::USERNAME_CHARS.end(),
        display_name_chars: *limit::DISPLAY_NAME_CHARS.end(),
        password_bytes_min: *limit::PASSWORD_BYTES.start(),
        room_name_chars: *limit::ROOM_NAME_CHARS.end(),
        topic_chars: limit::TOPIC_CHARS,
        poll_question_chars: *limit::POLL_QUESTION_CHARS.end(),
        poll_option_chars: *limit::POLL_OPTION_CHARS.end(),
        emoji_bytes: limit::EMOJI_BYTES,
        poll_options: *limit::POLL_OPTIONS.end(),
        called_members: limit::CALLED_MEMBERS,
        call_asks_members: limit::CALL_ASKS_MEMBERS,
    };
}

/// Signing in. No `Debug`: it holds a password.
#[derive(Clone, Deserialize, TS)]
pub struct SignInForm {
    /// As typed.
    pub server: String,
    pub username: String,
    pub password: String,
}

impl From<SignInForm> for erc_client_core::home::SignIn {
    fn from(form: SignInForm) -> Self {
        Self {
            server: form.server,
            username: form.username,
            password: form.password,
            device_name: format!("desktop app on {}", std::env::consts::OS),
        }
    }
}

/// What signing up needs besides.
#[derive(Clone, Deserialize, TS)]
pub struct SignUpForm {
    pub display_name: Option<String>,
    pub invite: Option<String>,
}

impl From<SignUpForm> for erc_client_core::home::SignUp {
    fn from(form: SignUpForm) -> Self {
        Self {
            display_name: form.display_name,
            invite: form.invite,
        }
    }
}

/// A room to be made.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct NewRoomForm {
    pub name: String,
    pub topic: String,
    pub kind: RoomKind,
    pub is_private: bool,
    pub members: Vec<UserId>,
}

impl From<NewRoomForm> for NewRoom {
    fn from(form: NewRoomForm) -> Self {
        Self {
            name: form.name,
            topic: form.topic,
            kind: form.kind,
            is_private: form.is_private,
            members: form.members,
        }
    }
}

/// A poll to be made.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct NewPollForm {
    pub question: String,
    pub options: Vec<String>,
    /// A moment as people write it; empty: when it is closed.
    pub ends: String,
    pub multiple: bool,
    pub anonymous: bool,
    pub hidden: bool,
}

/// What of a room changes; what is absent stays.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct RoomChangeForm {
    pub name: Option<String>,
    pub topic: Option<String>,
    pub category: Option<String>,
    pub slow_mode_s: Option<u32>,
    pub archived: Option<bool>,
    /// The lowest role that writes.
    pub writers: Option<RoomRole>,
}

impl From<RoomChangeForm> for UpdateRoomRequest {
    fn from(form: RoomChangeForm) -> Self {
        let writers = form.writers.map(|role| (Capability::Send, Some(role)));
        Self {
            name: form.name,
            topic: form.topic,
            category: form.category,
            slow_mode_s: form.slow_mode_s,
            archived: form.archived,
            permissions: writers.into_iter().collect(),
            ..Self::default()
        }
    }
}
