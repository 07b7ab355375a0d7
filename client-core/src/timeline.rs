//! Windows over a room: what is held, what is missing and what is on its way, as rows to draw.
//!
//! [`load`] reads a window from the store; [`merge`] is pure and decides how it looks; [`message`]
//! makes one row of it.

pub(crate) mod load;
pub(crate) mod merge;
pub(crate) mod message;
mod poll;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use erc_protocol::{Capability, Message, MessageId, Seq, Timestamp, UserId};
use jiff::tz::TimeZone;

use crate::{
    cache::{holes::Hole, outbox::Entry, receipts::Mark},
    emoji::Custom,
    unread::Replies,
};

/// What a window holds.
#[derive(Debug, Default, Clone)]
pub(crate) struct Source {
    /// By rising place.
    pub(crate) rows: Vec<Message>,
    /// By rising place, disjoint from the rows.
    pub(crate) holes: Vec<Hole>,
    /// The room's outbox, in the order of writing.
    pub(crate) pending: Vec<Entry>,
    pub(crate) at_start: bool,
    pub(crate) at_end: bool,
}

/// Through whose eyes it is seen.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) me: UserId,
    /// This user's name in mentions.
    pub(crate) username: String,
    /// What this user may do in the room.
    pub(crate) can: Vec<Capability>,
    /// Names by the list of members, which is newer than what rows carry.
    pub(crate) names: HashMap<UserId, String>,
    /// Messages that others answer.
    pub(crate) quoted: HashMap<MessageId, Message>,
    /// Whom this user blocks.
    pub(crate) blocked: HashSet<UserId>,
    pub(crate) unread_after: Option<Seq>,
    /// Unread messages that lie above the window.
    pub(crate) unread_beyond: i64,
    /// How far the others have got.
    pub(crate) marks: Vec<Mark>,
    /// Of threads that begin in the window: whether this user follows them, and what is unread.
    pub(crate) threads: HashMap<MessageId, (bool, Replies)>,
    /// What this user chose in the window's polls.
    pub(crate) votes: HashMap<MessageId, Vec<u8>>,
    /// The community's own emoji.
    pub(crate) emoji: Custom,
    pub(crate) now: Timestamp,
    pub(crate) zone: TimeZone,
}
