//! Messages as they come, over a plain socket that never closes another connection of the account.
//!
//! Cancelling [`Tail::next`] loses nothing: what was read stands in the queue together with the
//! place up to which it was read.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use erc_protocol::{
    ErrorCode, Message, RoomId, Row, Seq,
    gateway::{ClientFrame, ClientPacket, ServerFrame, client::Ping},
    limit,
};
use serde::Deserialize;

use super::{Quick, TailEvent, find};
use crate::{
    SafeText,
    error::{Error, Result},
    transport::{
        backoff::Backoff,
        socket::{Incoming, Manner, Socket},
    },
};

/// How often the server is asked for a sign of life, and how long without one a link is dead.
const PING: Duration = Duration::from_secs(25);
const SILENCE: Duration = Duration::from_mins(1);

/// How long the server may take to answer on a new socket.
const ANSWER: Duration = Duration::from_secs(20);

/// Messages as they come.
pub struct Tail {
    quick: Quick,
    /// Empty: all.
    only: Vec<RoomId>,
    link: Option<Link>,
    /// Every message up to here was given (or was there before).
    given: HashMap<RoomId, Seq>,
    queue: VecDeque<TailEvent>,
    backoff: Backoff,
    /// When the next try may begin.
    retry_at: Option<Instant>,
    is_lost: bool,
}

struct Link {
    socket: Socket,
    heard: Instant,
    pinged: Instant,
}

#[derive(Deserialize)]
struct Page {
    messages: Vec<Row<Message>>,
    has_more: bool,
}

impl std::fmt::Debug for Tail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tail")
            .field("only", &self.only)
            .finish_non_exhaustive()
    }
}

impl Tail {
    pub(super) async fn begin(quick: Quick, only: Vec<RoomId>, count: u32) -> Result<Self> {
        let mut tail = Self {
            quick,
            only,
            link: None,
            given: HashMap::new(),
            queue: VecDeque::new(),
            backoff: Backoff::default(),
            retry_at: None,
            is_lost: false,
        };
        let rooms = find::list(&tail.quick.api).await?;
        for wanted in &tail.only {
            if !rooms.iter().any(|mine| mine.room.id == *wanted) {
                return Err(Error::NotFound);
            }
        }
        let mut rows = Vec::new();
        for mine in rooms {
            let room = mine.room.id;
            if !tail.follows(room) {
                continue;
            }
            tail.given.insert(room, mine.room.last_seq);
            if count > 0 && mine.room.last_seq > Seq::ZERO {
                let limit = i64::from(count).min(limit::PAGE_MESSAGES).to_string();
                let page = tail.page(room, vec![("limit", limit)]).await?;
                let page: Vec<Message> = page.messages.into_iter().filter_map(Row::known).collect();
                if let Some(last) = page.last() {
                    tail.given.insert(room, last.seq);
                }
                rows.extend(page);
            }
        }
        rows.sort_by_key(|row| (row.created_at, row.chat_room_id, row.seq));
        for row in rows.iter().filter(|row| !row.is_deleted()) {
            let shown = tail.quick.show(row).await?;
            tail.queue.push_back(TailEvent::Message(shown));
        }
        Ok(tail)
    }

    /// The next event; an error only when it is no use going on (signed out).
    pub async fn next(&mut self) -> Result<TailEvent> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                return Ok(event);
            }
            let went = if self.link.is_some() {
                self.listen().await
            } else {
                self.connect().await
            };
            match went {
                Ok(()) => {}
                Err(Error::Refused(body)) if is_over(body.code) => {
                    return Err(Error::Refused(body));
                }
                Err(error) => self.lost(&error),
            }
        }
    }

    fn lost(&mut self, error: &Error) {
        self.link = None;
        self.retry_at = Some(Instant::now() + self.backoff.next(&mut rand::rng()));
        if !std::mem::replace(&mut self.is_lost, true) {
            let reason = SafeText::line(&error.to_string());
            self.queue.push_back(TailEvent::Lost { reason });
        }
    }

    fn follows(&self, room: RoomId) -> bool {
        self.only.is_empty() || self.only.contains(&room)
    }

    async fn connect(&mut self) -> Result<()> {
        if let Some(at) = self.retry_at {
            tokio::time::sleep_until(at.into()).await;
        }
        let api = &self.quick.api;
        let token = api.keys.access(&api.rest).await?;
        let mut opened = Socket::open(api.rest.base(), &token, Manner::Plain).await;
        if matches!(&opened, Err(Error::Refused(body)) if body.code == ErrorCode::InvalidToken) {
            let token = api.keys.refresh(&api.rest, &token).await?;
            opened = Socket::open(api.rest.base(), &token, Manner::Plain).await;
        }
        let mut socket = opened?;
        let before = listening(&mut socket).await?;
        // From here on the socket brings what is new; what came before is read now.
        for mine in find::list(&self.quick.api).await? {
            let room = mine.room.id;
            if self.follows(room) {
                let from = *self.given.entry(room).or_insert(mine.unread.read_seq);
                if mine.room.last_seq > from {
                    self.catch_up(room).await?;
                }
            }
        }
        let now = Instant::now();
        self.link = Some(Link {
            socket,
            heard: now,
            pinged: now,
        });
        self.retry_at = None;
        self.is_lost = false;
        self.backoff.reset();
        for frame in before {
            self.frame(frame).await?;
        }
        self.queue.push_back(TailEvent::Connected);
        Ok(())
    }

    /// Reads what comes after the last message given.
    async fn catch_up(&mut self, room: RoomId) -> Result<()> {
        loop {
            let from = self.given.get(&room).copied().unwrap_or_default();
            let query = vec![
                ("limit", limit::PAGE_MESSAGES.to_string()),
                ("after_seq", from.to_string()),
            ];
            let page = self.page(room, query).await?;
            let rows: Vec<Message> = page.messages.into_iter().filter_map(Row::known).collect();
            for row in &rows {
                self.give(row).await?;
            }
            if !page.has_more || self.given.get(&room) == Some(&from) {
                return Ok(());
            }
        }
    }

    async fn page(&self, room: RoomId, query: Vec<(&str, String)>) -> Result<Page> {
        self.quick
            .api
            .get(&format!("/chat/rooms/{room}/messages"), &query)
            .await
    }

    async fn give(&mut self, row: &Message) -> Result<()> {
        let room = row.chat_room_id;
        if self.given.get(&room).is_some_and(|given| row.seq <= *given) {
            return Ok(());
        }
        let shown = self.quick.show(row).await?;
        if !row.is_deleted() {
            self.queue.push_back(TailEvent::Message(shown));
        }
        self.given.insert(room, row.seq);
        Ok(())
    }

    async fn listen(&mut self) -> Result<()> {
        let Some(link) = &mut self.link else {
            return Ok(());
        };
        let now = Instant::now();
        if now.duration_since(link.heard) > SILENCE {
            return Err(Error::Offline("the link is dead".to_owned()));
        }
        if now.duration_since(link.pinged) >= PING {
            link.pinged = now;
            let ping = ClientPacket {
                id: None,
                frame: ClientFrame::Ping(Ping {}),
            };
            link.socket.send(&ping).await?;
        }
        let due = link.pinged + PING;
        let Ok(incoming) = tokio::time::timeout_at(due.into(), link.socket.next()).await else {
            return Ok(());
        };
        link.heard = Instant::now();
        let closed = || Error::Offline("the server closed the link".to_owned());
        match incoming.ok_or_else(closed)?? {
            Incoming::Frame(packet) => self.frame(packet.frame).await,
            Incoming::Alive => Ok(()),
        }
    }

    async fn frame(&mut self, frame: ServerFrame) -> Result<()> {
        match frame {
            ServerFrame::NewMessage(row) if self.follows(row.chat_room_id) => {
                let room = row.chat_room_id;
                // A room that one has just come into begins with this message.
                let given = *self.given.entry(room).or_insert(row.seq.prev());
                if row.seq > given.next() {
                    self.catch_up(room).await?;
                }
                self.give(&row).await
            }
            ServerFrame::MessageUpdated(row)
                if self
                    .given
                    .get(&row.chat_room_id)
                    .is_some_and(|given| row.seq <= *given) =>
            {
                let shown = self.quick.show(&row).await?;
                self.queue.push_back(TailEvent::Changed(shown));
                Ok(())
            }
            ServerFrame::SessionEnded(ended) => Err(Error::Refused(erc_protocol::ErrorBody::new(
                ErrorCode::SessionEnded,
                ended.reason,
            ))),
            ServerFrame::Bye(bye) => Err(Error::Offline(bye.reason)),
            _ => Ok(()),
        }
    }
}

/// Waits until the server answers on the socket: only then does it listen for the account, and
/// nothing falls between what is read and what comes live. Returns what came before the answer.
async fn listening(socket: &mut Socket) -> Result<Vec<ServerFrame>> {
    let ping = ClientPacket {
        id: Some(1),
        frame: ClientFrame::Ping(Ping {}),
    };
    socket.send(&ping).await?;
    let mut before = Vec::new();
    let silent = || Error::Offline("the server doesn't answer".to_owned());
    let answered = async {
        loop {
            match socket.next().await.ok_or_else(silent)?? {
                Incoming::Frame(packet) if matches!(packet.frame, ServerFrame::Pong(_)) => {
                    return Ok::<(), Error>(());
                }
                Incoming::Frame(packet) => before.push(packet.frame),
                Incoming::Alive => {}
            }
        }
    };
    tokio::time::timeout(ANSWER, answered)
        .await
        .map_err(|_| silent())??;
    Ok(before)
}

fn is_over(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::InvalidToken | ErrorCode::SessionEnded)
}
