//! An account for scripts: straight to the server, without the cache and without its lock, so that
//! `send` and `tail` work while a client has the account open.
//!
//! Invariant: a [`Tail`] gives every message once and in the room's order, however often its link
//! is cut: after each reconnection the places since the last one given are read as pages first.

use erc_protocol::{ClientId, MessageId, RoomId, RoomKind, Seq, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{SafeText, account::api::Api, clock::Clock, error::Result, view::Me};

/// A signed-in account without a cache. Clones share the tokens.
#[derive(Debug, Clone)]
pub struct Quick {
    api: Api,
    clock: Clock,
}

/// A room, as scripts see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuickRoom {
    pub id: RoomId,
    pub kind: RoomKind,
    /// For a direct room, the other person.
    pub name: SafeText,
    pub topic: SafeText,
    pub is_private: bool,
    #[ts(type = "number")]
    pub unread: i64,
    #[ts(type = "number")]
    pub member_count: i64,
    pub last_seq: Seq,
    pub last_message_at: Timestamp,
    /// User name of the other person of a direct room.
    pub peer: Option<SafeText>,
}

/// A message, as scripts see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuickMessage {
    pub message_id: MessageId,
    pub room_id: RoomId,
    pub room_name: SafeText,
    pub seq: Seq,
    pub client_id: ClientId,
    pub sender_id: UserId,
    pub sender: SafeText,
    /// Empty once deleted.
    pub text: SafeText,
    pub at: Timestamp,
    pub own: bool,
    pub edited: bool,
    pub deleted: bool,
    pub reply_to: Option<MessageId>,
}

/// What a [`Tail`] tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub enum TailEvent {
    /// A new message.
    Message(QuickMessage),
    /// An earlier message was edited or deleted: its current state.
    Changed(QuickMessage),
    /// The link stands (again), and what was missed has been given.
    Connected,
    /// The link is cut; it comes back by itself.
    Lost { reason: SafeText },
}

/// Messages as they come.
#[derive(Debug)]
pub struct Tail {}

impl Quick {
    pub(crate) fn new(api: Api, clock: Clock) -> Self {
        Self { api, clock }
    }

    /// Who is signed in.
    pub fn me(&self) -> Me {
        unimplemented!()
    }

    /// The rooms one is in, most recently active first.
    pub async fn rooms(&self) -> Result<Vec<QuickRoom>> {
        unimplemented!()
    }

    /// The room with this id, name (`general` or `#general`) or other person (`@ada`; the direct
    /// room is made if there is none). [`crate::Error::Invalid`] if the name fits several.
    pub async fn find_room(&self, name: &str) -> Result<QuickRoom> {
        let _ = name;
        unimplemented!()
    }

    /// Sends and waits until the server has it durably; a cut link is tried again with the same
    /// `client_id` for half a minute, so the message is there once.
    pub async fn send(
        &self,
        room: RoomId,
        text: &str,
        reply_to: Option<MessageId>,
    ) -> Result<QuickMessage> {
        let _ = (room, text, reply_to);
        unimplemented!()
    }

    /// Follows these rooms (all, if none is named); begins with the newest `count` messages of
    /// each.
    pub async fn tail(&self, rooms: Vec<RoomId>, count: u32) -> Result<Tail> {
        let _ = (rooms, count);
        unimplemented!()
    }
}

impl Tail {
    /// The next event; an error only when it is no use going on (signed out).
    pub async fn next(&mut self) -> Result<TailEvent> {
        unimplemented!()
    }
}
