//! What can be done: *authorise (rules) → one transaction → commit → publish*.
//!
//! REST and the socket end here in the same functions. Reads take a snapshot from the read pool;
//! everything that changes something goes through the [`committer`].

pub mod access;
pub mod accounts;
pub mod analytics;
pub mod attention;
pub mod audit;
pub mod blocks;
pub mod catch_up;
pub mod change;
pub mod committer;
pub mod deactivation;
pub mod drafts;
pub mod emoji;
pub mod erasure;
pub mod error;
pub mod expiry;
pub mod filters;
pub mod forward;
pub mod links;
pub mod members;
pub mod messages;
pub mod moderation;
pub mod operator;
pub mod personal;
pub mod pins;
pub mod polls;
pub mod presence;
pub mod raid;
pub mod reactions;
pub mod reads;
pub mod repair;
pub mod reports;
pub mod requests;
pub mod rooms;
pub mod schedule;
pub mod search;
pub mod send;
pub mod sessions;
mod settings;
pub mod threads;
pub mod users;

use erc_protocol::{SessionId, Timestamp, UserId};

pub use error::{Error, Result};

/// Who acts: always the session's user, never a field of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    pub user: UserId,
    pub session: SessionId,
    /// When the account was made.
    pub since: Timestamp,
}
