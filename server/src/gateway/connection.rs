//! The connection itself: what it holds, and its loop.

use std::collections::HashSet;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use erc_protocol::{
    ErrorBody, ErrorCode, PresenceState, RoomId,
    gateway::{ServerFrame, ServerPacket, server::Bye, server::SessionEnded},
    limit,
};
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use super::incoming::{Incoming, Violation};
use super::seat::Seat;
use super::wire::{self, Ended, Wire};
use super::{
    ANSWERS, HELLO_DEADLINE, PING_EVERY, PING_JITTER, REPLIES, RESTART_MS, WRITE_PATIENCE,
    close_code,
};
use crate::frame::Frame;
use crate::hub::{CloseReason, Pending, RoomHub};
use crate::ops::catch_up::Position;
use crate::ops::presence;
use crate::rules::visibility::Visibility;

/// Why a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// The peer said that it closes.
    Closed,
    /// The link broke.
    Gone,
    /// The peer takes nothing or answers nothing.
    Dead,
    /// The peer broke the protocol in a way that a socket doesn't survive.
    Broken(u16, Box<ErrorBody>),
    /// The session is over.
    SessionEnded(String),
    /// The same device connected again.
    Superseded,
    /// The server is stopping.
    Draining,
}

impl End {
    /// For figures.
    const fn reason(&self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Gone => "gone",
            Self::Dead => "dead",
            Self::Broken(..) => "broken",
            Self::SessionEnded(_) => "session_ended",
            Self::Superseded => "superseded",
            Self::Draining => "draining",
        }
    }
}

impl From<CloseReason> for End {
    fn from(reason: CloseReason) -> Self {
        match reason {
            CloseReason::SessionEnded(why) => Self::SessionEnded(why.into()),
            CloseReason::Superseded => Self::Superseded,
            CloseReason::Draining => Self::Draining,
        }
    }
}

/// How far the connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// A client that announced a `hello` and has not said it: nothing is sent yet.
    Silent,
    /// A client that says no `hello` (the brief's): live frames only.
    Plain,
    /// A client that catches up by cursors.
    Synced,
}

/// What the connection knows of one room.
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that are independent of each other"
)]
#[derive(Debug)]
pub(super) struct RoomState {
    pub(super) news: Arc<RoomHub>,
    pub(super) position: Position,
    pub(super) visible: Visibility,
    /// The store has to be asked before the ring.
    pub(super) behind: bool,
    /// Beyond the budget: only heads are sent until the client asks for more.
    pub(super) lazy: bool,
    /// The ring told that the user is no longer in the room.
    pub(super) out: bool,
    /// It is a request, to the user or by them: nobody's presence is told in it.
    pub(super) is_request: bool,
}

/// The answer to an operation, if one was asked for.
pub(super) type Reply = BoxFuture<'static, Option<Frame>>;

/// On the heap as a whole, and served from there: what is moved into a future is in it twice.
pub struct Connection {
    pub(super) seat: Seat,
    pub(super) open: Vec<RoomId>,
    /// Operations under way; nothing while there are none.
    replies: Option<Box<FuturesUnordered<Reply>>>,
    pub(super) wire: Wire,
    /// What there is to tell; empty but for its space between one telling and the next.
    told: Pending,
    /// Which of its sources the connection looks at first.
    turn: u8,
    /// Pings since the peer was last heard.
    unanswered: u32,
}

/// What a connection woke up for.
enum Woken {
    Told,
    Reply(Option<Frame>),
    Read(Result<Incoming, Ended>),
    /// Nothing; and what was to be written is written, or the peer can't take it just now.
    Idle(Poll<std::io::Result<()>>),
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

impl Connection {
    /// Begins on a stream; `read` came together with the request for the upgrade.
    #[must_use]
    #[expect(clippy::boxed_local, reason = "it was held in a future until now")]
    pub fn begin(seat: Box<Seat>, stream: TcpStream, read: &[u8]) -> Box<Self> {
        seat.app.metrics.sockets.opened();
        let connection = Box::new(Self {
            seat: *seat,
            open: Vec::new(),
            replies: None,
            wire: Wire::new(stream, read),
            told: Pending::default(),
            turn: 0,
            unanswered: 0,
        });
        let first = match connection.seat.mode {
            Mode::Silent => HELLO_DEADLINE,
            Mode::Plain | Mode::Synced => {
                connection.tell_presence();
                next_ping()
            }
        };
        connection.look_after_in(first);
        connection
    }

    /// Rooms in which others may know of the user's presence.
    pub(super) fn room_ids(&self) -> HashSet<RoomId> {
        self.seat.rooms.shared().collect()
    }

    /// Tells that the user has come, unless they were there already.
    pub(super) fn tell_presence(&self) {
        let user = self.seat.actor.user;
        if self.seat.app.hub.presence_of(user) != self.seat.before {
            presence::announce(&self.seat.app, user, &self.room_ids(), None);
        }
    }

    fn look_after_in(&self, time: Duration) {
        self.seat.ear.listener.set_due(Instant::now() + time);
    }

    /// Serves to the end.
    pub async fn run(mut self: Box<Self>) {
        let end = self.serve().await;
        Box::pin(self.end(end)).await;
    }

    /// Serves until something ends it. What is to be written waits until nothing else is to be
    /// done, so that many frames share a write.
    ///
    /// What happens rarely is boxed: a connection's own future stays small, for there are many.
    async fn serve(&mut self) -> End {
        loop {
            let step = match poll_fn(|cx| self.poll(cx)).await {
                Woken::Told => self.tell().await,
                Woken::Reply(Some(frame)) => self.feed(frame.bytes().clone()).await,
                Woken::Reply(None) => Ok(()),
                Woken::Read(read) => Box::pin(self.receive(read)).await,
                Woken::Idle(Poll::Ready(Ok(()))) => continue,
                Woken::Idle(Poll::Ready(Err(_))) => Err(End::Gone),
                Woken::Idle(Poll::Pending) => Box::pin(self.flush()).await,
            };
            if let Err(end) = step {
                return end;
            }
            tokio::task::coop::consume_budget().await;
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Woken> {
        const SOURCES: u8 = 3;
        for n in 0..SOURCES {
            let woken = match (self.turn + n) % SOURCES {
                0 => self
                    .seat
                    .ear
                    .listener
                    .poll_pending(cx, &mut self.told)
                    .map(|()| Woken::Told),
                1 => self.poll_replies(cx).map(Woken::Reply),
                _ if self.under_way() < REPLIES => self.wire.poll_read(cx).map(Woken::Read),
                _ => Poll::Pending,
            };
            if woken.is_ready() {
                self.turn = (self.turn + n + 1) % SOURCES;
                return woken;
            }
        }
        if self.wire.is_empty() {
            return Poll::Pending;
        }
        let sockets = &self.seat.app.metrics.sockets;
        Poll::Ready(Woken::Idle(self.wire.poll_flush(cx, sockets)))
    }

    fn under_way(&self) -> usize {
        self.replies.as_ref().map_or(0, |replies| replies.len())
    }

    fn poll_replies(&mut self, cx: &mut Context<'_>) -> Poll<Option<Frame>> {
        let Some(replies) = &mut self.replies else {
            return Poll::Pending;
        };
        match replies.poll_next_unpin(cx) {
            Poll::Ready(Some(reply)) => Poll::Ready(reply),
            Poll::Ready(None) => {
                self.replies = None;
                Poll::Pending
            }
            Poll::Pending => Poll::Pending,
        }
    }

    /// Answers with this when it is done; meanwhile the connection goes on.
    pub(super) fn reply_later(&mut self, reply: Reply) {
        self.replies.get_or_insert_default().push(reply);
    }

    async fn receive(&mut self, read: Result<Incoming, Ended>) -> Result<(), End> {
        self.unanswered = 0;
        self.seat.app.metrics.sockets.read();
        // Nothing is answered any more, not even what came at the same time.
        if let Some(reason) = self.seat.ear.listener.closing() {
            return Err(reason.into());
        }
        match read {
            Ok(Incoming::Text(text)) if text.len() > limit::FRAME_BYTES => {
                self.send_error(None, too_large()).await
            }
            Ok(Incoming::Text(text)) => self.handle(&text).await,
            Ok(Incoming::Binary) => {
                let message = "frames are text";
                self.send_error(None, ErrorBody::new(ErrorCode::MalformedRequest, message))
                    .await
            }
            Ok(Incoming::Ping(payload)) => self.feed(wire::control(wire::PONG, &payload)).await,
            Ok(Incoming::Pong) => Ok(()),
            Ok(Incoming::Close) => {
                self.wire.feed(wire::control(
                    wire::CLOSE,
                    &close_code::NORMAL.to_be_bytes(),
                ));
                let _ = self.flush().await;
                Err(End::Closed)
            }
            Err(Ended::Gone) => Err(End::Gone),
            Err(Ended::Violation(violation)) => Err(broken(violation)),
        }
    }

    /// Tells what the listener heard.
    async fn tell(&mut self) -> Result<(), End> {
        if let Some(reason) = self.told.close {
            return Err(reason.into());
        }
        if self.told.is_due {
            self.look_after().await?;
        }
        if self.seat.mode != Mode::Silent {
            // A hello will read how everything stands.
            if self.told.user {
                Box::pin(self.deliver_user()).await?;
            }
            if self.told.emoji {
                Box::pin(self.deliver_emoji()).await?;
            }
            // Put back afterwards: the space is used again.
            let mut rooms = std::mem::take(&mut self.told.rooms);
            for room in rooms.drain() {
                if !self.deliver_news(room) {
                    Box::pin(self.deliver_room(room)).await?;
                }
                if self.wire.is_full() {
                    Box::pin(self.flush()).await?;
                }
            }
            self.told.rooms = rooms;
            if self.told.has_ephemeral() {
                Box::pin(self.tell_ephemeral()).await?;
            }
        }
        self.told.clear();
        Ok(())
    }

    async fn tell_ephemeral(&mut self) -> Result<(), End> {
        let presence = std::mem::take(&mut self.told.presence).into_values();
        let typing = std::mem::take(&mut self.told.typing).into_values();
        let receipts = std::mem::take(&mut self.told.receipts).into_iter();
        for frame in presence.chain(receipts).chain(typing) {
            self.feed(frame.bytes().clone()).await?;
        }
        Ok(())
    }

    /// Pings, if the peer answered before.
    async fn look_after(&mut self) -> Result<(), End> {
        if self.seat.mode == Mode::Silent || self.unanswered >= 2 {
            return Err(End::Dead);
        }
        self.unanswered += 1;
        self.look_after_in(next_ping());
        self.feed(wire::PING).await
    }

    /// Sends a frame, at the latest when nothing else is to be done.
    pub(super) async fn send(&mut self, packet: impl Into<ServerPacket>) -> Result<(), End> {
        let frame = Frame::from(packet.into().encode());
        self.feed(frame.bytes().clone()).await
    }

    pub(super) async fn send_error(
        &mut self,
        id: Option<u64>,
        error: ErrorBody,
    ) -> Result<(), End> {
        self.seat.app.metrics.error(error.code);
        self.send(ServerPacket {
            id,
            frame: ServerFrame::Error(error),
        })
        .await
    }

    pub(super) async fn feed_frame(&mut self, frame: ServerFrame) -> Result<(), End> {
        self.send(frame).await
    }

    /// Puts a ready frame behind those that are to be written; writes when they are many.
    pub(super) async fn feed(&mut self, frame: Bytes) -> Result<(), End> {
        self.wire.feed(frame);
        if self.wire.is_full() {
            Box::pin(self.flush()).await
        } else {
            Ok(())
        }
    }

    /// Writes everything, if the peer takes it.
    pub(super) async fn flush(&mut self) -> Result<(), End> {
        let (wire, sockets) = (&mut self.wire, &self.seat.app.metrics.sockets);
        match timeout(WRITE_PATIENCE, poll_fn(|cx| wire.poll_flush(cx, sockets))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::Dead),
        }
    }

    /// The answers to operations under way: who is sent away has heard of all that was carried out.
    async fn answer_all(&mut self) {
        let deadline = Instant::now() + ANSWERS;
        let Some(mut replies) = self.replies.take() else {
            return;
        };
        while let Ok(Some(reply)) = timeout_at(deadline, replies.next()).await {
            if let Some(frame) = reply
                && self.feed(frame.bytes().clone()).await.is_err()
            {
                return;
            }
        }
    }

    /// Says why, closes, and listens no more. Operations under way are carried out all the same.
    async fn end(mut self: Box<Self>, end: End) {
        self.seat.app.metrics.sockets.closed(end.reason());
        let rooms = self.room_ids();
        let hub = self.seat.app.hub.clone();
        let (user, listener) = (self.seat.actor.user, &self.seat.ear.listener);
        let now = self.seat.app.clock.now();
        if matches!(end, End::Gone | End::Dead) {
            hub.linger(listener, rooms.clone(), now);
        }
        hub.disconnect(listener);
        if end == End::Draining {
            self.answer_all().await;
        }
        let (code, frame) = farewell(&end, self.seat.app.lifecycle.spread());
        if !matches!(end, End::Gone | End::Closed | End::Dead) {
            if let Some(frame) = frame {
                let _ = self.send(frame).await;
            }
            self.wire
                .feed(wire::control(wire::CLOSE, &code.to_be_bytes()));
            let _ = self.flush().await;
        }
        if hub.presence_of(user) == PresenceState::Offline {
            presence::left(&self.seat.app.committer, &hub, user, &rooms, now).await;
        }
    }
}

fn next_ping() -> Duration {
    PING_EVERY + PING_JITTER.mul_f64(rand::random())
}

fn too_large() -> ErrorBody {
    ErrorBody::new(
        ErrorCode::TooLarge,
        format!("a frame has at most {} bytes", limit::FRAME_BYTES),
    )
}

fn broken(violation: Violation) -> End {
    match violation {
        Violation::TooLarge => End::Broken(close_code::SIZE, Box::new(too_large())),
        Violation::NotText => {
            let body = ErrorBody::new(ErrorCode::MalformedJson, "text frames are UTF-8");
            End::Broken(close_code::INVALID, Box::new(body))
        }
        Violation::Protocol(why) => {
            let body = ErrorBody::new(ErrorCode::MalformedRequest, why);
            End::Broken(close_code::PROTOCOL, Box::new(body))
        }
    }
}

fn farewell(end: &End, spread: Duration) -> (u16, Option<ServerFrame>) {
    let bye = |reason: &str, reconnect, delay_ms| {
        Some(ServerFrame::Bye(Bye {
            reason: reason.into(),
            reconnect,
            delay_ms,
        }))
    };
    match end {
        End::Gone | End::Closed | End::Dead => (close_code::AWAY, None),
        End::Broken(code, body) => (*code, Some(ServerFrame::Error(body.as_ref().clone()))),
        End::SessionEnded(reason) => (
            close_code::POLICY,
            Some(ServerFrame::SessionEnded(SessionEnded {
                reason: reason.clone(),
            })),
        ),
        End::Superseded => (close_code::POLICY, bye("superseded", false, 0)),
        End::Draining => {
            let delay = spread.mul_f64(f64::from(rand::random::<u8>()) / 255.0);
            let delay = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
            (
                close_code::RESTART,
                bye("shutdown", true, RESTART_MS + delay),
            )
        }
    }
}
