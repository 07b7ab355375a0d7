//! The connection itself: what it holds, and its loop.

use std::collections::HashSet;

use axum::extract::ws::{CloseFrame, Message as WsMessage, Utf8Bytes, WebSocket, close_code};
use erc_protocol::{
    ErrorBody, ErrorCode, PresenceState, RoomId,
    gateway::{ServerFrame, ServerPacket, server::Bye, server::SessionEnded},
    limit,
};
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::seat::Seat;
use super::{HELLO_DEADLINE, PING_EVERY, PING_JITTER, REPLIES, WRITE_PATIENCE};
use crate::hub::{CloseReason, Pending};
use crate::ops::catch_up::Position;
use crate::ops::{presence, sessions};
use crate::rules::visibility::Visibility;

/// Why a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// The peer closed, or the link broke.
    Gone,
    /// The peer takes nothing or answers nothing.
    Dead,
    /// The peer broke the protocol in a way that a socket doesn't survive.
    Broken(u16, ErrorBody),
    /// The session is over.
    SessionEnded(String),
    /// The same device connected again.
    Superseded,
    /// The server is stopping.
    Draining,
}

impl From<CloseReason> for End {
    fn from(reason: CloseReason) -> Self {
        match reason {
            CloseReason::SessionEnded(why) => Self::SessionEnded(why.into()),
            CloseReason::Superseded => Self::Superseded,
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
#[derive(Debug)]
pub(super) struct RoomState {
    pub(super) position: Position,
    pub(super) visible: Visibility,
    /// The store has to be asked before the ring.
    pub(super) behind: bool,
    /// Beyond the budget: only heads are sent until the client asks for more.
    pub(super) lazy: bool,
}

pub(super) type Reply = BoxFuture<'static, Option<ServerPacket>>;

pub(super) struct Connection {
    pub(super) seat: Seat,
    pub(super) open: Vec<RoomId>,
    pub(super) replies: FuturesUnordered<Reply>,
    socket: WebSocket,
    /// Pings since the peer was last heard.
    unanswered: u32,
}

impl Connection {
    pub(super) fn begin(seat: Seat, socket: WebSocket) -> Self {
        let replies = FuturesUnordered::new();
        let connection = Self {
            seat,
            open: Vec::new(),
            replies,
            socket,
            unanswered: 0,
        };
        if !connection.seat.was_there {
            let user = connection.seat.actor.user;
            presence::announce(&connection.seat.app, user, &connection.room_ids(), None);
        }
        connection
    }

    pub(super) fn room_ids(&self) -> HashSet<RoomId> {
        self.seat.rooms.keys().copied().collect()
    }

    /// Serves until something ends it.
    pub(super) async fn serve(&mut self) -> End {
        let jitter = PING_JITTER.mul_f64(f64::from(rand::random::<u8>()) / 255.0);
        let every = PING_EVERY + jitter;
        let mut pings = interval_at(Instant::now() + every, every);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let hello_deadline = Instant::now() + HELLO_DEADLINE;
        let app = self.seat.app.clone();
        let listener = self.seat.ear.listener.clone();
        loop {
            let step = tokio::select! {
                () = app.lifecycle.draining() => Err(End::Draining),
                Some(reply) = self.replies.next() => match reply {
                    Some(packet) => self.send(packet).await,
                    None => Ok(()),
                },
                frame = self.socket.recv(), if self.replies.len() < REPLIES => {
                    self.receive(frame).await
                }
                pending = listener.pending() => self.tell(pending).await,
                () = tokio::time::sleep_until(hello_deadline), if self.seat.mode == Mode::Silent => {
                    Err(End::Dead)
                }
                _ = pings.tick() => self.tick().await,
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn receive(&mut self, frame: Option<Result<WsMessage, axum::Error>>) -> Result<(), End> {
        let Some(frame) = frame else {
            return Err(End::Gone);
        };
        self.unanswered = 0;
        // Nothing is answered any more, not even what came at the same time.
        if let Some(reason) = self.seat.ear.listener.closing() {
            return Err(reason.into());
        }
        match frame {
            Ok(WsMessage::Text(text)) if text.len() > limit::FRAME_BYTES => {
                self.send_error(None, too_large()).await
            }
            Ok(WsMessage::Text(text)) => self.handle(text.as_str()).await,
            Ok(WsMessage::Binary(_)) => {
                let message = "frames are text";
                self.send_error(None, ErrorBody::new(ErrorCode::MalformedRequest, message))
                    .await
            }
            Ok(WsMessage::Ping(_) | WsMessage::Pong(_)) => Ok(()),
            Ok(WsMessage::Close(_)) => Err(End::Gone),
            Err(error) => Err(broken(&error)),
        }
    }

    async fn tell(&mut self, pending: Pending) -> Result<(), End> {
        if let Some(reason) = pending.close {
            return Err(reason.into());
        }
        if self.seat.mode == Mode::Silent {
            // A hello reads how everything stands.
            return Ok(());
        }
        if pending.user {
            self.deliver_user().await?;
        }
        for room in pending.rooms {
            self.deliver_room(room).await?;
        }
        for presence in pending.presence.into_values() {
            self.feed_frame(ServerFrame::PresenceUpdate(presence))
                .await?;
        }
        for typing in pending.typing.into_values() {
            self.feed_frame(ServerFrame::TypingIndicator(typing))
                .await?;
        }
        self.flush().await
    }

    /// Pings, and asks whether the session goes on.
    async fn tick(&mut self) -> Result<(), End> {
        if self.unanswered >= 2 {
            return Err(End::Dead);
        }
        self.unanswered += 1;
        match sessions::valid(&self.seat.app, self.seat.actor).await {
            Ok(_) => {}
            Err(crate::ops::Error::Refused(body)) => return Err(End::SessionEnded(body.message)),
            // The store is not to be reached: that ends nobody's session.
            Err(error) => tracing::warn!(%error, "a session could not be checked"),
        }
        self.write(WsMessage::Ping(Vec::new().into())).await?;
        self.flush().await
    }

    /// Sends a frame at once.
    pub(super) async fn send(&mut self, packet: impl Into<ServerPacket>) -> Result<(), End> {
        self.feed(packet.into().encode().into()).await?;
        self.flush().await
    }

    pub(super) async fn send_error(
        &mut self,
        id: Option<u64>,
        error: ErrorBody,
    ) -> Result<(), End> {
        self.send(ServerPacket {
            id,
            frame: ServerFrame::Error(error),
        })
        .await
    }

    pub(super) async fn feed_frame(&mut self, frame: ServerFrame) -> Result<(), End> {
        self.feed(ServerPacket::from(frame).encode().into()).await
    }

    /// Puts an encoded frame into the socket's buffer.
    pub(super) async fn feed(&mut self, frame: Utf8Bytes) -> Result<(), End> {
        self.write(WsMessage::Text(frame)).await
    }

    async fn write(&mut self, message: WsMessage) -> Result<(), End> {
        match timeout(WRITE_PATIENCE, self.socket.feed(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::Dead),
        }
    }

    pub(super) async fn flush(&mut self) -> Result<(), End> {
        match timeout(WRITE_PATIENCE, self.socket.flush()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::Dead),
        }
    }

    /// Says why, closes, and listens no more. Operations under way are carried out all the same.
    pub(super) async fn end(mut self, end: End) {
        let rooms = self.room_ids();
        self.seat.app.hub.disconnect(&self.seat.ear.listener);
        let (code, frame) = farewell(&end);
        if let Some(frame) = frame {
            let _ = self.send(frame).await;
        }
        if !matches!(end, End::Gone | End::Dead) {
            let close = CloseFrame {
                code,
                reason: Utf8Bytes::default(),
            };
            let _ = self.write(WsMessage::Close(Some(close))).await;
            let _ = self.flush().await;
        }
        if self.seat.app.hub.presence_of(self.seat.actor.user) == PresenceState::Offline {
            presence::left(&self.seat.app, self.seat.actor.user, &rooms).await;
        }
    }
}

fn too_large() -> ErrorBody {
    ErrorBody::new(
        ErrorCode::TooLarge,
        format!("a frame has at most {} bytes", limit::FRAME_BYTES),
    )
}

/// What the socket's own error means. The library types are behind `axum::Error`, so its text is
/// all there is.
fn broken(error: &axum::Error) -> End {
    let text = error.to_string();
    if text.contains("too long") || text.contains("too big") {
        End::Broken(close_code::SIZE, too_large())
    } else if text.contains("UTF-8") || text.contains("utf-8") {
        let body = ErrorBody::new(ErrorCode::MalformedJson, "text frames are UTF-8");
        End::Broken(close_code::INVALID, body)
    } else {
        End::Gone
    }
}

fn farewell(end: &End) -> (u16, Option<ServerFrame>) {
    let bye = |reason: &str, reconnect, delay_ms| {
        Some(ServerFrame::Bye(Bye {
            reason: reason.into(),
            reconnect,
            delay_ms,
        }))
    };
    match end {
        End::Gone | End::Dead => (close_code::AWAY, None),
        End::Broken(code, body) => (*code, Some(ServerFrame::Error(body.clone()))),
        End::SessionEnded(reason) => (
            close_code::POLICY,
            Some(ServerFrame::SessionEnded(SessionEnded {
                reason: reason.clone(),
            })),
        ),
        End::Superseded => (close_code::POLICY, bye("superseded", false, 0)),
        End::Draining => {
            let delay = u64::from(rand::random::<u16>()) % 2_000;
            (close_code::RESTART, bye("shutdown", true, 200 + delay))
        }
    }
}
