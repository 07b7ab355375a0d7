//! Carries out what engine and lanes decide: applies changes, sends frames, tells views.
//!
//! Order within a burst of frames: changes are applied in one transaction, then questions go out,
//! then views are told. An answer to an operation is settled after the changes that came before it.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use erc_protocol::{
    Message, PresenceState, RoomId,
    gateway::{ClientFrame, ClientPacket, ServerFrame, ServerPacket},
};

use super::{
    End,
    burst::Burst,
    delivered::Delivered,
    heartbeat::Heartbeat,
    questions::{Asked, Questions},
};
use crate::{
    SafeText,
    account::{personal, schedule, shared::Shared},
    cache::{blocks, meta, rooms},
    error::Result,
    outbox::lanes::Lanes,
    sync::{
        apply,
        engine::{Engine, Start},
    },
    timeline::message,
    transport::{
        rest::user_agent,
        socket::{Incoming, Socket},
    },
    view::{Connection, Update},
};

/// What a server says that takes `mark_delivered`.
const RECEIPTS: &str = "receipts";

pub(super) struct Driver {
    pub(super) socket: Socket,
    pub(super) shared: Arc<Shared>,
    pub(super) engine: Engine,
    pub(super) lanes: Lanes,
    pub(super) heartbeat: Heartbeat,
    pub(super) questions: Questions,
    /// What the server was told of the view.
    pub(super) told_open: HashSet<RoomId>,
    pub(super) told_presence: PresenceState,
    pub(super) is_welcome: bool,
    pub(super) is_live: bool,
    pub(super) delivered: Delivered,
}

impl Driver {
    pub(super) fn begin(shared: &Arc<Shared>, socket: Socket) -> Result<Self> {
        let start = shared.store.read(|conn| {
            Ok(Start {
                instance: meta::instance(conn)?,
                user_rev: meta::user_rev(conn)?,
                emoji_rev: meta::emoji_rev(conn)?,
                rooms: rooms::cursors(conn)?,
            })
        })?;
        Ok(Self {
            socket,
            engine: Engine::new(start),
            lanes: Lanes::paced(&shared.clock),
            heartbeat: Heartbeat::new(Instant::now(), &shared.clock),
            questions: Questions::default(),
            told_open: HashSet::new(),
            told_presence: PresenceState::Online,
            is_welcome: false,
            is_live: false,
            delivered: Delivered::default(),
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
        self.tell_delivered().await?;
        Ok(None)
    }

    async fn frame(&mut self, packet: ServerPacket, burst: &mut Burst) -> Result<Option<End>> {
        let step = self.engine.receive(&packet.frame);
        burst.add(step);
        match packet.frame {
            ServerFrame::Welcome(welcome) => {
                self.is_welcome = true;
                self.delivered.is_wanted = welcome.caps.iter().any(|cap| cap == RECEIPTS);
                self.shared.set_me(&welcome.user);
                burst.is_welcome = true;
            }
            ServerFrame::Sync(sync) => {
                if let Some(user) = &sync.user {
                    self.shared.set_me(&user.user);
                }
            }
            ServerFrame::RoomJoined(joined) => {
                self.questions.answered(packet.id);
                let mut live = self.shared.live();
                for presence in &joined.presence {
                    live.put_presence(presence);
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
            ServerFrame::TypingIndicator(typing) if typing.user_id != self.shared.my_id() => {
                let blocked = self.shared.store.read(blocks::users)?;
                if typing.is_typing && blocked.contains(&typing.user_id) {
                    return Ok(None);
                }
                self.shared.live().set_typing(&typing, Instant::now());
                burst.typing.insert(typing.room_id);
            }
            ServerFrame::PresenceUpdate(presence) => {
                self.shared.live().set_presence(&presence);
                burst
                    .touched
                    .members
                    .extend(self.shared.intent().open_rooms());
                burst.touched.rooms = true;
            }
            ServerFrame::UserUpdated(said) => {
                self.shared.live().set_status(&said);
                burst
                    .touched
                    .members
                    .extend(self.shared.intent().open_rooms());
                burst.touched.rooms = true;
            }
            ServerFrame::Ack(data) => {
                if let Some(asked) = self.questions.answered(packet.id) {
                    self.flush(burst).await?;
                    self.acknowledged(asked, data).await?;
                    burst.has_answers = true;
                }
            }
            ServerFrame::Error(error) => {
                self.flush(burst).await?;
                let asked = self.questions.answered(packet.id);
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
            self.delivered.is_due = true;
            for change in &changes {
                burst.touched.add(change);
            }
            let me = self.shared.my_id();
            let applied = self
                .shared
                .store
                .write(move |tx| apply::apply(tx, me, &changes))
                .await?;
            for row in &applied.has_come {
                let view = self
                    .shared
                    .store
                    .read(|conn| schedule::view(conn, me, row))?;
                self.shared.tell(Update::TimeHasCome(Box::new(view)));
            }
            for room in applied.drafts {
                self.shared.tell(Update::Draft(room));
            }
            for report in &applied.closed {
                self.shared
                    .tell(Update::ReportClosed { of: report.user_id });
            }
            if let Some(raid) = applied.raid {
                self.shared.tell(Update::Raid { until: raid.until });
            }
            if let Some(count) = applied.waiting {
                self.shared.tell(Update::Reports(count));
            }
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
        self.arrived(&std::mem::take(&mut burst.arrived))?;
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

    /// Of what came live, tells what others wrote whom this user does not block and whose request they
    /// have accepted, and whether it rings.
    fn arrived(&self, messages: &[Message]) -> Result<()> {
        if messages.is_empty() {
            return Ok(());
        }
        let (me, now) = (self.shared.my_id(), self.shared.clock.now());
        let blocked = self.shared.store.read(blocks::users)?;
        let asked = self.shared.store.read(rooms::asked)?;
        let is_asked = |room| asked.iter().any(|row| row.id == room);
        for row in messages.iter().filter(|row| {
            let is_theirs = row.sender_id != me && !blocked.contains(&row.sender_id);
            is_theirs && !is_asked(row.chat_room_id) && !message::has_gone(row, now)
        }) {
            let rings = |conn: &_| personal::rings(conn, me, row, now);
            self.shared.tell(Update::Arrived {
                rings: self.shared.store.read(rings)?,
                thread_id: row.thread_id.filter(|_| !row.is_in_room()),
                room_id: row.chat_room_id,
                sender: SafeText::line(&row.sender_name),
                text: message::summary(row),
            });
        }
        Ok(())
    }

    pub(super) async fn say(&mut self, frame: ClientFrame, asked: Option<Asked>) -> Result<()> {
        let id = asked.map(|asked| self.questions.ask(asked, Instant::now()));
        self.socket.send(&ClientPacket { id, frame }).await
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
