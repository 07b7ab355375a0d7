//! `hello`: going on from the client's cursors.

use std::collections::{HashMap, HashSet};

use erc_protocol::{
    EmojiRev, MemberState, RoomId, Row, UserRev,
    gateway::{ServerFrame, ServerPacket, client::Hello, server::Welcome},
    limit,
    sync::{Cursor, Resume, Sync},
};

use super::PING_EVERY;
use super::connection::{Connection, End, Mode};
use super::places::Places;
use super::seat::Place;
use crate::ops::catch_up::{self, Position};
use crate::store::{UserRoomRow, UserRow};

/// What the server can do beyond the brief.
const CAPS: &[&str] = &["sync", "void", "receipts"];

impl Connection {
    pub(super) async fn hello(&mut self, id: Option<u64>, hello: Hello) -> Result<(), End> {
        if let Some(device) = &hello.device {
            self.seat.app.hub.supersede(&self.seat.ear.listener, device);
        }
        for room in std::mem::take(&mut self.seat.rooms).ids() {
            self.seat.app.hub.unsubscribe(room, &self.seat.ear.listener);
        }
        let (user, places) = match self.seat.subscribe_all().await {
            Ok(answer) => answer,
            Err(error) => return self.failed(&error),
        };
        self.seat.rooms = Places::with_capacity(places.len());
        let resume = hello
            .resume
            .filter(|resume| self.is_ours(resume, user.user_rev, &places));
        self.seat.mode = Mode::Synced;
        self.seat.name = user.display_name.as_str().into();
        self.seat.learn_choice(&user);
        let now = user.user_rev;
        self.welcome(id, user, resume.is_some()).await?;

        self.seat.emoji_rev = resume
            .as_ref()
            .map_or(EmojiRev::ZERO, |resume| resume.emoji_rev);
        let (user_rev, cursors) =
            resume.map_or_else(Default::default, |resume| (resume.user_rev, resume.rooms));
        self.seat.user_rev = user_rev;
        let cursors: HashMap<RoomId, Cursor> = cursors.into_iter().collect();
        for place in &places {
            let cursor = cursors.get(&place.row.room.id).copied().unwrap_or_default();
            self.seat.track(place, Position::from(cursor));
        }
        let rows: Vec<_> = places.into_iter().map(|place| place.row).collect();
        self.tell_presence();
        let rooms_entered = if self.seat.user_rev == now && now > UserRev::ZERO {
            self.seat.ear.listener.knows_user_rev(now);
            Vec::new()
        } else {
            self.catch_up_user().await?
        };
        self.deliver_emoji().await?;
        self.catch_up_all(&rows, &cursors, &hello.open).await?;
        for room in rooms_entered {
            if !self.seat.rooms.contains(room) {
                self.enter_room(room).await?;
                self.deliver_whole(room).await?;
            }
        }
        self.feed_frame(ServerFrame::Sync(Sync {
            done: true,
            ..Sync::default()
        }))
        .await?;
        self.flush().await
    }

    /// Whether cursors are of this life of this database: of its instance, and never ahead of it.
    fn is_ours(&self, resume: &Resume, now: UserRev, places: &[Place]) -> bool {
        resume.instance == self.seat.app.instance
            && resume.user_rev <= now
            && places.iter().all(|Place { row, .. }| {
                resume.rooms.get(&row.room.id).is_none_or(|cursor| {
                    cursor.rev <= row.room.rev && cursor.seq <= row.room.last_seq
                })
            })
    }

    async fn welcome(&mut self, id: Option<u64>, user: UserRow, resumed: bool) -> Result<(), End> {
        let welcome = Welcome {
            session_id: self.seat.actor.session,
            instance: self.seat.app.instance,
            user: user.public(),
            server_time: self.seat.app.clock.now(),
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

    /// The user's own state. Gives the rooms that they are in.
    async fn catch_up_user(&mut self) -> Result<Vec<RoomId>, End> {
        let user =
            match catch_up::user(&self.seat.app, self.seat.actor.user, self.seat.user_rev).await {
                Ok(user) => user,
                Err(error) => return self.failed(&error).map(|()| Vec::new()),
            };
        let is_news = user.to > self.seat.user_rev || self.seat.user_rev == UserRev::ZERO;
        self.seat.user_rev = user.to;
        self.seat.ear.listener.knows_user_rev(user.to);
        // What they say may be newer than the list of rooms.
        let places: Vec<_> = user.rooms.iter().cloned().filter_map(Row::known).collect();
        let (joined, left): (Vec<_>, Vec<_>) = places
            .iter()
            .partition(|place| place.state == MemberState::Joined);
        for place in left {
            self.drop_room(place.room_id);
        }
        if is_news {
            let sync = Sync {
                user: Some(user),
                ..Sync::default()
            };
            self.feed_frame(ServerFrame::Sync(sync)).await?;
        }
        Ok(joined.into_iter().map(|place| place.room_id).collect())
    }

    /// The open rooms, then the rest by activity; beyond the budget, heads only.
    async fn catch_up_all(
        &mut self,
        rows: &[UserRoomRow],
        cursors: &HashMap<RoomId, Cursor>,
        open: &[RoomId],
    ) -> Result<(), End> {
        let first: HashSet<RoomId> = open.iter().copied().collect();
        let stale = rows.iter().filter(|row| {
            cursors
                .get(&row.room.id)
                .is_none_or(|cursor| cursor.rev < row.room.rev)
        });
        let (open, rest): (Vec<_>, Vec<_>) = stale.partition(|row| first.contains(&row.room.id));
        for (n, row) in open.into_iter().chain(rest).enumerate() {
            let room = row.room.id;
            if let Some(state) = self.seat.rooms.get_mut(room) {
                state.behind = true;
                state.lazy = n >= limit::RESUME_ROOMS;
            }
            self.deliver_whole(room).await?;
        }
        Ok(())
    }

    /// Every batch of a room: `done` must be true.
    async fn deliver_whole(&mut self, room: RoomId) -> Result<(), End> {
        loop {
            self.deliver_room(room).await?;
            self.flush().await?;
            let state = self.seat.rooms.get(room);
            if !state.is_some_and(|state| state.behind && !state.lazy) {
                return Ok(());
            }
        }
    }
}
