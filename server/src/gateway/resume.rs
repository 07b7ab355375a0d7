//! `hello`: going on from the client's cursors.

use std::collections::{HashMap, HashSet};

use erc_protocol::{
    PresenceState, RoomId, UserRev,
    gateway::{ServerFrame, ServerPacket, client::Hello, server::Welcome},
    limit,
    sync::{Cursor, Resume, Sync},
};

use super::PING_EVERY;
use super::connection::{Connection, End, Mode};
use crate::ops::catch_up::{self, Position};
use crate::ops::presence;
use crate::store::UserRoomRow;

/// What the server can do beyond the brief.
const CAPS: &[&str] = &["sync", "void"];

impl Connection {
    pub(super) async fn hello(&mut self, id: Option<u64>, hello: Hello) -> Result<(), End> {
        if let Some(device) = &hello.device {
            self.app.hub.supersede(&self.listener, device);
        }
        for room in std::mem::take(&mut self.rooms).into_keys() {
            self.app.hub.unsubscribe(room, &self.listener);
        }
        let rows = match self.subscribe_all().await {
            Ok(rows) => rows,
            Err(error) => return self.failed(&error),
        };
        let resume = hello.resume.filter(|resume| self.is_ours(resume, &rows));
        self.mode = Mode::Synced;
        self.welcome(id, resume.is_some()).await?;

        let (user_rev, cursors) =
            resume.map_or_else(Default::default, |resume| (resume.user_rev, resume.rooms));
        self.user_rev = user_rev;
        let cursors: HashMap<RoomId, Cursor> = cursors.into_iter().collect();
        for row in &rows {
            let cursor = cursors.get(&row.room.id).copied().unwrap_or_default();
            self.track(row, Position::from(cursor));
        }
        // A client that says hello may not have been announced by `begin`: it had no rooms yet.
        if self.app.hub.presence_of(self.actor.user) != PresenceState::Offline {
            presence::announce(&self.app, self.actor.user, &self.room_ids(), None);
        }
        self.catch_up_all(&rows, &cursors, &hello.open).await?;
        self.feed_frame(ServerFrame::Sync(Sync {
            done: true,
            ..Sync::default()
        }))
        .await?;
        self.flush().await
    }

    /// Whether cursors are of this life of this database: of its instance, and never ahead of it.
    fn is_ours(&self, resume: &Resume, rows: &[UserRoomRow]) -> bool {
        resume.instance == self.app.instance
            && rows.iter().all(|row| {
                resume.rooms.get(&row.room.id).is_none_or(|cursor| {
                    cursor.rev <= row.room.rev && cursor.seq <= row.room.last_seq
                })
            })
    }

    async fn welcome(&mut self, id: Option<u64>, resumed: bool) -> Result<(), End> {
        let welcome = Welcome {
            session_id: self.actor.session,
            instance: self.app.instance,
            user: self.user.clone(),
            server_time: self.app.clock.now(),
            heartbeat_ms: PING_EVERY.as_secs() * 1_000,
            resumed,
            caps: CAPS.iter().map(|cap| (*cap).to_owned()).collect(),
        };
        self.send(ServerPacket {
            id,
            frame: ServerFrame::Welcome(welcome),
        })
        .await
    }

    /// The user's own state, then the open rooms, then the rest by activity; beyond the budget,
    /// heads only.
    async fn catch_up_all(
        &mut self,
        rows: &[UserRoomRow],
        cursors: &HashMap<RoomId, Cursor>,
        open: &[RoomId],
    ) -> Result<(), End> {
        let user = match catch_up::user(&self.app, self.actor.user, self.user_rev).await {
            Ok(user) => user,
            Err(error) => return self.failed(&error),
        };
        let is_news = user.to > self.user_rev || self.user_rev == UserRev::ZERO;
        self.user_rev = user.to;
        if is_news {
            let sync = Sync {
                user: Some(user),
                ..Sync::default()
            };
            self.feed_frame(ServerFrame::Sync(sync)).await?;
        }
        let first: HashSet<RoomId> = open.iter().copied().collect();
        let stale = rows.iter().filter(|row| {
            cursors
                .get(&row.room.id)
                .is_none_or(|cursor| cursor.rev < row.room.rev)
        });
        let (open, rest): (Vec<_>, Vec<_>) = stale.partition(|row| first.contains(&row.room.id));
        for (n, row) in open.into_iter().chain(rest).enumerate() {
            let room = row.room.id;
            if let Some(state) = self.rooms.get_mut(&room) {
                state.behind = true;
                state.lazy = n >= limit::RESUME_ROOMS;
            }
            // `done` must be true: every batch of the room comes before it.
            loop {
                self.deliver_room(room).await?;
                self.flush().await?;
                if !self
                    .rooms
                    .get(&room)
                    .is_some_and(|state| state.behind && !state.lazy)
                {
                    break;
                }
            }
        }
        Ok(())
    }
}
