//! An account for scripts: straight to the server, without the cache and without its lock, so that
//! `send` and `tail` work while a client has the account open.
//!
//! Invariant: a [`Tail`] gives every message once and in the room's order, however often its link
//! is cut: after each reconnection the places since the last one given are read as pages first.

mod find;
mod tail;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use erc_protocol::{
    ClientId, Message, MessageId, MessageType, RoomId, RoomKind, Seq, Timestamp, UserId,
    api::messages::SendMessageRequest, error::Verdict, validate,
};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    SafeText,
    account::api::Api,
    clock::Clock,
    error::{Error, Result},
    timeline::message,
    transport::backoff::Backoff,
    view::Me,
};
pub use tail::Tail;

/// How long a send is tried.
const PATIENCE: Duration = Duration::from_secs(30);

/// A signed-in account without a cache. Clones share the tokens.
#[derive(Debug, Clone)]
pub struct Quick {
    api: Api,
    clock: Clock,
    names: Arc<Mutex<HashMap<RoomId, SafeText>>>,
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

impl Quick {
    pub(crate) fn new(api: Api, clock: Clock) -> Self {
        Self {
            api,
            clock,
            names: Arc::default(),
        }
    }

    /// Who is signed in.
    pub fn me(&self) -> Me {
        let credentials = self.api.keys.get();
        Me {
            id: credentials.user_id,
            username: SafeText::line(&credentials.username),
            display_name: SafeText::line(&credentials.display_name),
            role: credentials.role,
        }
    }

    /// The rooms one is in, most recently active first.
    pub async fn rooms(&self) -> Result<Vec<QuickRoom>> {
        let listed = find::list(&self.api).await?;
        let rooms = find::describe(&self.api, listed).await?;
        for room in &rooms {
            self.note_name(room);
        }
        Ok(rooms)
    }

    /// The room with this id, name (`general` or `#general`) or other person (`@ada`; the direct
    /// room is made if there is none). [`Error::Invalid`] if the name fits several.
    pub async fn find_room(&self, name: &str) -> Result<QuickRoom> {
        if let Some(username) = name.strip_prefix('@') {
            let id = ClientId(self.clock.operation_id());
            let room = find::direct(&self.api, username, id).await?;
            self.note_name(&room);
            return Ok(room);
        }
        find::by_name(self.rooms().await?, name)
    }

    /// Sends and waits until the server has it durably; a cut link is tried again with the same
    /// `client_id` for half a minute, so the message is there once.
    pub async fn send(
        &self,
        room: RoomId,
        text: &str,
        reply_to: Option<MessageId>,
    ) -> Result<QuickMessage> {
        let content = validate::content(text).map_err(|e| Error::Invalid(e.to_string()))?;
        let request = SendMessageRequest {
            content,
            message_type: MessageType::Text,
            client_id: Some(ClientId(self.clock.operation_id())),
            reply_to,
            expires_in: None,
            expires_from: None,
            thread_id: None,
            also_in_room: false,
            poll: None,
        };
        let path = format!("/chat/rooms/{room}/messages");
        let until = Instant::now() + PATIENCE;
        let mut backoff = Backoff::default();
        let row: Message = loop {
            let error = match self.api.send(Method::POST, &path, Some(&request)).await {
                Ok(row) => break row,
                Err(error) => error,
            };
            let at_least = match &error {
                Error::Offline(_) => Duration::ZERO,
                Error::Refused(body) if body.code.verdict() == Verdict::Retry => {
                    Duration::from_secs(body.retry_after.unwrap_or(0))
                }
                _ => return Err(error),
            };
            let wait = backoff.next(&mut rand::rng()).max(at_least);
            if Instant::now() + wait > until {
                return Err(error);
            }
            tokio::time::sleep(wait).await;
        };
        self.show(&row).await
    }

    /// Follows these rooms (all, if none is named); begins with the newest `count` messages of
    /// each.
    pub async fn tail(&self, rooms: Vec<RoomId>, count: u32) -> Result<Tail> {
        Tail::begin(self.clone(), rooms, count).await
    }

    fn names(&self) -> std::sync::MutexGuard<'_, HashMap<RoomId, SafeText>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_name(&self, room: &QuickRoom) {
        self.names().insert(room.id, room.name.clone());
    }

    /// A row as scripts see it, with its room's name.
    async fn show(&self, row: &Message) -> Result<QuickMessage> {
        let room = row.chat_room_id;
        let known = self.names().get(&room).cloned();
        let room_name = if let Some(name) = known {
            name
        } else {
            let room = find::one(&self.api, room).await?;
            self.note_name(&room);
            room.name
        };
        Ok(QuickMessage {
            message_id: row.message_id,
            room_id: room,
            room_name,
            seq: row.seq,
            client_id: row.client_id,
            sender_id: row.sender_id,
            sender: SafeText::line(&row.sender_name),
            text: message::text(row),
            at: row.created_at,
            own: row.sender_id == self.api.keys.get().user_id,
            edited: row.edited_at.is_some() && !row.is_deleted(),
            deleted: row.is_deleted(),
            reply_to: row.reply_to,
        })
    }
}
