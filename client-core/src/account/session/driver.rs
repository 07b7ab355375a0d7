//! Carries out what engine and lanes decide: applies changes, sends frames, tells views.
//!
//! Order within a burst of frames: changes are applied in one transaction, then questions go out,
//! then views are told. An answer to an operation is settled after the changes that came before it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use erc_protocol::{
    ErrorBody, Message, PresenceState, RoomId,
    error::Verdict,
    gateway::{
        ClientFrame, ClientPacket, ServerFrame, ServerPacket,
        client::{Ping, RoomRef, SetPresence, SetTyping, SyncRoom},
    },
    sync::Unread,
};
use serde_json::Value;

use super::{
    End,
    heartbeat::{Due, Heartbeat},
};
use crate::{
    SafeText,
    account::shared::Shared,
    cache::{
        meta,
        outbox::{self, Kind},
        rooms,
    },
    error::Result,
    outbox::{
        lanes::{Lane, Lanes, frame},
        settle,
    },
    sync::{
        apply,
        change::{Change, Touched},
        engine::{Engine, Start, Step},
    },
    timeline::message,
    transport::{
        rest::user_agent,
        socket::{Incoming, Socket},
    },
    view::{Connection, Update},
};

/// What an answer will belong to.
#[derive(Debug, Clone, Copy)]
enum Asked {
    Operation {
        id: i64,
        lane: Lane,
        kind: Kind,
        room: RoomId,
    },
    Room(RoomId),
    Pong(Instant),
    /// Whatever the answer, nothing follows.
    Other,
}

pub(super) struct Driver {
    pub(super) socket: Socket,
    shared: Arc<Shared>,
    engine: Engine,
    lanes: Lanes,
    heartbeat: Heartbeat,
    next_id: u64,
    asked: HashMap<u64, Asked>,
    /// What the server was told of the view.
    told_open: HashSet<RoomId>,
    told_presence: PresenceState,
    is_welcome: bool,
    is_live: bool,
}

impl Driver {
    pub(super) fn begin(shared: &Arc<Shared>, socket: Socket) -> Result<Self> {
        let start = shared.store.read(|conn| {
            Ok(Start {
                instance: meta::instance(conn)?,
                user_rev: meta::user_rev(conn)?,
                rooms: rooms::cursors(conn)?,
            })
        })?;
        Ok(Self {
            socket,
            engine: Engine::new(start),
            lanes: Lanes::default(),
            heartbeat: Heartbeat::new(Instant::now(), shared.clock.now()),
            next_id: 1,
            asked: HashMap::new(),
            told_open: HashSet::new(),
            told_presence: PresenceState::Online,
            is_welcome: false,
            is_live: false,
            shared: Arc::clone(shared),
        })
    }

    pub(super) async fn hello(&mut self) -> Result<()> {
        let open = self.shared.intent().open_rooms().to_vec();
        let device = self.shared.api.keys.get().device_id.to_string();
        let hello = self.engine.hello(user_agent(), device, &open);
        self.say(ClientFrame::Hello(hello), None).await
    }

    /// Reads what has come, up to so many frames, and acts on it.
    pub(super) async fn take(&mut self, first: Incoming, most: usize) -> Result<Option<End>> {
        self.heartbeat.heard(Instant::now());
        let mut burst = Burst::default();
        let mut incoming = Some(Ok(first));
        let mut taken = 0;
        while let Some(next) = incoming {
            if let Incoming::Frame(packet) = next?
                && let Some(end) = self.frame(*packet, &mut burst).await?
            {
                self.flush(&mut burst).await?;
                return Ok(Some(end));
            }
            taken += 1;
            incoming = if taken < most {
                self.socket.next_now()
            } else {
                None
            };
        }
        self.flush(&mut burst).await?;
        if burst.must_reconnect {
            return Ok(Some(End::lost("something was missed; catching up anew")));
        }
        if burst.has_answers {
            self.pump().await?;
        }
        Ok(None)
    }

    async fn frame(&mut self, packet: ServerPacket, burst: &mut Burst) -> Result<Option<End>> {
        let step = self.engine.receive(&packet.frame);
        burst.add(step);
        match packet.frame {
            ServerFrame::Welcome(welcome) => {
                self.is_welcome = true;
                self.shared.set_me(&welcome.user);
                burst.is_welcome = true;
            }
            ServerFrame::Sync(sync) => {
                if let Some(user) = &sync.user {
                    self.shared.set_me(&user.user);
                }
            }
            ServerFrame::RoomJoined(joined) => {
                let mut live = self.shared.live();
                for presence in &joined.presence {
                    live.set_presence(presence);
                }
                burst.touched.members.insert(joined.room_id);
                burst.touched.rooms = true;
            }
            ServerFrame::NewMessage(message) => {
                let room = message.chat_room_id;
                if self.shared.live().wrote(room, message.sender_id) {
                    burst.typing.insert(room);
                }
            }
            ServerFrame::TypingIndicator(typing) => {
                if typing.user_id != self.shared.my_id() {
                    self.shared.live().set_typing(&typing, Instant::now());
                    burst.typing.insert(typing.room_id);
                }
            }
            ServerFrame::PresenceUpdate(presence) => {
                self.shared.live().set_presence(&presence);
                burst
                    .touched
                    .members
                    .extend(self.shared.intent().open_rooms());
                burst.touched.rooms = true;
            }
            ServerFrame::Ack(data) => {
                if let Some(asked) = packet.id.and_then(|id| self.asked.remove(&id)) {
                    self.flush(burst).await?;
                    self.acknowledged(asked, data).await?;
                    burst.has_answers = true;
                }
            }
            ServerFrame::Error(error) => {
                self.flush(burst).await?;
                let asked = packet.id.and_then(|id| self.asked.remove(&id));
                if let Some(end) = self.refused(asked, &error, burst).await? {
                    return Ok(Some(end));
                }
            }
            ServerFrame::Pong(_) => self.pong(packet.id),
            ServerFrame::SessionEnded(ended) => {
                return Ok(Some(End::SignedOut {
                    reason: ended.reason,
                }));
            }
            ServerFrame::Bye(bye) => {
                let reason = words(&bye.reason).to_owned();
                return Ok(Some(if bye.reconnect {
                    End::Closed {
                        reason,
                        delay: Duration::from_millis(bye.delay_ms.min(600_000)),
                    }
                } else {
                    End::Superseded { reason }
                }));
            }
            _ => {}
        }
        Ok(None)
    }

    /// Applies what has gathered and tells about it.
    async fn flush(&mut self, burst: &mut Burst) -> Result<()> {
        let changes = std::mem::take(&mut burst.changes);
        if !changes.is_empty() {
            for change in &changes {
                burst.touched.add(change);
            }
            let me = self.shared.my_id();
            let applied = self
                .shared
                .store
                .write(move |tx| apply::apply(tx, me, &changes))
                .await?;
            for room in applied.in_doubt {
                burst.ask.extend(self.engine.doubt(room).ask);
            }
        }
        for question in std::mem::take(&mut burst.ask) {
            let room = question.room_id;
            self.say(ClientFrame::SyncRoom(question), Some(Asked::Room(room)))
                .await?;
        }
        self.shared.tell_touched(std::mem::take(&mut burst.touched));
        for room in std::mem::take(&mut burst.typing) {
            self.shared.tell_typing(room);
        }
        self.arrived(std::mem::take(&mut burst.arrived));
        if std::mem::take(&mut burst.is_welcome) {
            self.follow_intent().await?;
            self.pump().await?;
        }
        if std::mem::take(&mut burst.is_done) {
            self.is_live = true;
            self.shared
                .set_connection(Connection::Live { latency_ms: None });
            self.shared.wants_changed.notify_one();
            self.ping().await?;
        }
        Ok(())
    }

    /// Of what came live, tells what others wrote.
    fn arrived(&self, messages: Vec<Message>) {
        let me = self.shared.my_id();
        for row in messages
            .iter()
            .filter(|row| row.sender_id != me && !row.is_deleted())
        {
            self.shared.tell(Update::Arrived {
                room_id: row.chat_room_id,
                sender: SafeText::line(&row.sender_name),
                text: SafeText::line(message::text(row).as_str()),
            });
        }
    }

    async fn acknowledged(&mut self, asked: Asked, data: Value) -> Result<()> {
        let Asked::Operation {
            id,
            lane,
            kind,
            room,
        } = asked
        else {
            return Ok(());
        };
        let me = self.shared.my_id();
        let store = &self.shared.store;
        let settled = if kind == Kind::Read {
            let unread = serde_json::from_value::<Unread>(data);
            store
                .write(move |tx| match unread {
                    Ok(unread) => settle::read(tx, id, room, &unread),
                    Err(_) => settle::accepted_unread(tx, id),
                })
                .await
        } else {
            let row = serde_json::from_value::<Message>(data);
            store
                .write(move |tx| match row {
                    Ok(row) => settle::accepted(tx, me, id, &row),
                    Err(_) => settle::accepted_unread(tx, id),
                })
                .await
        };
        settled?;
        self.lanes.finished(lane);
        self.shared.tell_room(room);
        Ok(())
    }

    async fn refused(
        &mut self,
        asked: Option<Asked>,
        error: &ErrorBody,
        burst: &mut Burst,
    ) -> Result<Option<End>> {
        match asked {
            Some(Asked::Operation { id, lane, room, .. }) => {
                burst.has_answers = true;
                match error.code.verdict() {
                    Verdict::Retry => {
                        self.shared
                            .store
                            .write(move |tx| settle::postponed(tx, id))
                            .await?;
                        let wait = error.retry_after.map(|s| Duration::from_secs(s.min(3600)));
                        self.lanes.postponed(lane, wait, Instant::now());
                        self.shared.tell(Update::Timeline(room));
                    }
                    Verdict::Refresh => return Ok(Some(End::StaleToken)),
                    Verdict::Reject => {
                        self.park(id, error.clone()).await?;
                        self.lanes.finished(lane);
                    }
                }
            }
            Some(Asked::Room(room)) => burst.add(self.engine.refused(room)),
            Some(Asked::Pong(_) | Asked::Other) | None => {
                tracing::warn!(code = %error.code, message = error.message, "refused");
                if error.code.verdict() == Verdict::Refresh {
                    return Ok(Some(End::StaleToken));
                }
            }
        }
        Ok(None)
    }

    async fn park(&self, id: i64, error: ErrorBody) -> Result<()> {
        let (room, parked) = self
            .shared
            .store
            .write(move |tx| {
                let room = outbox::get(tx, id)?.map(|entry| entry.room);
                Ok((room, settle::refused(tx, id, &error)?))
            })
            .await?;
        if let Some(entry) = parked {
            let reason = SafeText::line(entry.reason.as_deref().unwrap_or_default());
            self.shared.tell(Update::Refused {
                room_id: entry.room,
                reason,
            });
        }
        if let Some(room) = room {
            self.shared.tell_room(room);
        }
        Ok(())
    }

    /// Gives the network what may go now.
    pub(super) async fn pump(&mut self) -> Result<()> {
        while self.is_welcome {
            let heads = self.shared.store.read(outbox::heads)?;
            let mut chosen = self.lanes.choose(heads, Instant::now());
            if chosen.is_empty() {
                return Ok(());
            }
            chosen = self
                .shared
                .store
                .write(move |tx| settle::begun(tx, &mut chosen).map(|()| chosen))
                .await?;
            for entry in chosen {
                let (id, lane) = (entry.id, Lane::of(&entry));
                let Some(frame) = frame(&entry) else {
                    let why = "the message that it concerns was never sent";
                    let error = ErrorBody::new(erc_protocol::ErrorCode::NotFound, why);
                    self.park(id, error).await?;
                    self.lanes.finished(lane);
                    continue;
                };
                let asked = Asked::Operation {
                    id,
                    lane,
                    kind: entry.kind,
                    room: entry.room,
                };
                self.say(frame, Some(asked)).await?;
                self.shared.tell(Update::Timeline(entry.room));
            }
        }
        Ok(())
    }

    /// Tells the server what the view shows and does.
    pub(super) async fn follow_intent(&mut self) -> Result<()> {
        if !self.is_welcome {
            return Ok(());
        }
        let (open, presence, typing) = {
            let mut intent = self.shared.intent();
            let open: HashSet<RoomId> = intent.open_rooms().iter().copied().collect();
            (open, intent.presence(), intent.take_typing())
        };
        for &room_id in self.told_open.clone().difference(&open) {
            self.say(ClientFrame::LeaveRoom(RoomRef { room_id }), None)
                .await?;
            self.step(|engine| engine.set_open(room_id, false)).await?;
        }
        for &room_id in open.difference(&self.told_open.clone()) {
            self.say(
                ClientFrame::JoinRoom(RoomRef { room_id }),
                Some(Asked::Other),
            )
            .await?;
            self.step(|engine| engine.set_open(room_id, true)).await?;
        }
        self.told_open = open;
        if presence != self.told_presence {
            let state = presence;
            self.say(ClientFrame::SetPresence(SetPresence { state }), None)
                .await?;
            self.told_presence = presence;
        }
        for (room_id, is_typing) in typing {
            self.say(ClientFrame::Typing(SetTyping { room_id, is_typing }), None)
                .await?;
        }
        Ok(())
    }

    /// Lets the engine decide something outside of a frame.
    async fn step(&mut self, decide: impl FnOnce(&mut Engine) -> Step) -> Result<()> {
        let mut burst = Burst::default();
        burst.add(decide(&mut self.engine));
        for question in burst.ask {
            let room = question.room_id;
            self.say(ClientFrame::SyncRoom(question), Some(Asked::Room(room)))
                .await?;
        }
        Ok(())
    }

    pub(super) async fn tick(&mut self) -> Result<Option<End>> {
        let now = Instant::now();
        let silent = self.shared.live().expire_typing(now);
        for room in silent {
            self.shared.tell_typing(room);
        }
        match self.heartbeat.tick(now, self.shared.clock.now()) {
            Due::Nothing => {}
            Due::Ping => {
                self.step(Engine::tick).await?;
                self.ping().await?;
            }
            Due::Dead => return Ok(Some(End::lost("the link is dead"))),
        }
        // Lanes that rested may be due; asking costs a look at the outbox's heads.
        if self.lanes.has_due(now) {
            self.pump().await?;
        }
        Ok(None)
    }

    /// The user wants to know: the server must answer soon.
    pub(super) async fn check_now(&mut self) -> Result<()> {
        self.heartbeat.check(Instant::now());
        self.ping().await
    }

    async fn ping(&mut self) -> Result<()> {
        let now = Instant::now();
        self.heartbeat.pinged(now);
        self.say(ClientFrame::Ping(Ping {}), Some(Asked::Pong(now)))
            .await
    }

    fn pong(&mut self, id: Option<u64>) {
        let asked = id.and_then(|id| self.asked.remove(&id));
        if let (Some(Asked::Pong(at)), true) = (asked, self.is_live) {
            let latency_ms = u64::try_from(at.elapsed().as_millis()).ok();
            self.shared.set_connection(Connection::Live { latency_ms });
        }
    }

    async fn say(&mut self, frame: ClientFrame, asked: Option<Asked>) -> Result<()> {
        let id = asked.map(|asked| {
            let id = self.next_id;
            self.next_id += 1;
            self.asked.insert(id, asked);
            id
        });
        self.socket.send(&ClientPacket { id, frame }).await
    }
}

/// What a burst of frames led to so far.
#[derive(Default)]
struct Burst {
    changes: Vec<Change>,
    ask: Vec<SyncRoom>,
    arrived: Vec<Message>,
    touched: Touched,
    typing: HashSet<RoomId>,
    is_welcome: bool,
    is_done: bool,
    must_reconnect: bool,
    /// Lanes may be free again.
    has_answers: bool,
}

impl Burst {
    fn add(&mut self, step: Step) {
        self.changes.extend(step.changes);
        self.ask.extend(step.ask);
        self.arrived.extend(step.arrived);
        self.is_done |= step.is_done;
        self.must_reconnect |= step.must_reconnect;
    }
}

/// The server's word for why it closes, in a sentence.
fn words(reason: &str) -> &str {
    match reason {
        "shutdown" => "the server restarts",
        "superseded" => "this account was opened elsewhere with the same session",
        "slow" => "the link was too slow",
        other => other,
    }
}
