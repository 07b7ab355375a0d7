//! What the view shows and does, told to the server; and whether the server is still there.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use erc_protocol::{
    RoomId,
    gateway::{
        ClientFrame,
        client::{Ping, RoomRef, SetPresence, SetTyping},
    },
};

use super::{End, driver::Driver, heartbeat::Due, questions::Asked};
use crate::{
    error::Result,
    sync::engine::{Engine, Step},
    view::Connection,
};

/// How long an answer may take while the link lives. Asked again over a new one, nothing is done
/// twice.
const ANSWER: Duration = Duration::from_secs(30);

impl Driver {
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
        for question in decide(&mut self.engine).ask {
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
        let patience = self.shared.clock.pace(ANSWER);
        if self.questions.is_overdue(now, patience) {
            return Ok(Some(End::lost("the server does not answer")));
        }
        self.tell_delivered().await?;
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

    pub(super) async fn ping(&mut self) -> Result<()> {
        let now = Instant::now();
        self.heartbeat.pinged(now);
        self.say(ClientFrame::Ping(Ping {}), Some(Asked::Pong(now)))
            .await
    }

    pub(super) fn pong(&mut self, id: Option<u64>) {
        let asked = self.questions.answered(id);
        if let (Some(Asked::Pong(at)), true) = (asked, self.is_live) {
            let latency_ms = u64::try_from(at.elapsed().as_millis()).ok();
            self.shared.set_connection(Connection::Live { latency_ms });
        }
    }
}
