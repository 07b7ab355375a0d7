//! Telling the peer what is new, at the speed of its socket.

use std::cmp::Ordering;
use std::ops::ControlFlow;

use erc_protocol::{
    MemberState, Rev, RoomId, Row,
    gateway::{ServerFrame, ServerPacket, server::Void},
    sync::{Cursor, RoomSync, Sync},
};

use super::connection::{Connection, End, Mode, RoomState};
use crate::frame::Frame;
use crate::hub::Pulled;
use crate::ops::Error;
use crate::ops::catch_up::{self, Position};
use crate::ops::change::Effect;
use crate::ops::presence;
use crate::rules::visibility::Visibility;

/// Changes written before another room gets its turn.
const QUANTUM: usize = 64;

/// What a room's delivery came to.
enum Step {
    Done,
    More,
    /// The user is no longer in the room.
    Out,
}

/// What a room's ring had.
enum News {
    None,
    Given {
        more: bool,
    },
    /// The user is no longer in the room; what came before it was given.
    Out,
    /// The store has to be asked.
    Behind,
}

/// What stands for a change that one may not see.
fn void(room: RoomId, rev: Rev) -> Frame {
    let void = Void { room_id: room, rev };
    ServerPacket::from(ServerFrame::Void(void)).encode().into()
}

impl Connection {
    /// Stops listening to a room.
    pub(super) fn drop_room(&mut self, room: RoomId) {
        self.seat.app.hub.unsubscribe(room, &self.seat.ear.listener);
        self.seat.rooms.remove(room);
        self.open.retain(|open| *open != room);
    }

    /// What is new under the user's own counter: rooms came or went, read marks rose.
    pub(super) async fn deliver_user(&mut self) -> Result<(), End> {
        let news =
            match catch_up::user(&self.seat.app, self.seat.actor.user, self.seat.user_rev).await {
                Ok(news) => news,
                Err(error) => return self.failed(&error),
            };
        if news.to == self.seat.user_rev {
            return Ok(());
        }
        self.seat.user_rev = news.to;
        self.seat.ear.listener.knows_user_rev(news.to);
        self.seat.name = news.user.display_name.as_str().into();
        // To the user's connections on this node; the others see to theirs.
        let (app, user) = (&self.seat.app, self.seat.actor.user);
        let mine = news.presence.clone().at(app.clock.now());
        if app.hub.set_choice(user, mine.choice) {
            presence::announce(app, user, &self.room_ids(), None);
        }
        let places: Vec<_> = news.rooms.iter().cloned().filter_map(Row::known).collect();
        let mut gone = Vec::new();
        for place in places
            .iter()
            .filter(|place| place.state != MemberState::Joined)
        {
            // What came before the leaving is still theirs; a deleted room ends at once.
            self.deliver_room(place.room_id).await?;
            gone.push(place.room_id);
        }
        for room in gone {
            self.drop_room(room);
        }
        if self.seat.mode == Mode::Synced {
            self.feed_frame(ServerFrame::Sync(Sync {
                user: Some(news),
                ..Sync::default()
            }))
            .await?;
        }
        let mut accepted = Vec::new();
        for place in places
            .iter()
            .filter(|place| place.state == MemberState::Joined)
        {
            match self.seat.rooms.get_mut(place.room_id) {
                Some(room) => {
                    let was_request =
                        std::mem::replace(&mut room.is_request, !place.request.is_none());
                    if was_request && place.request.is_none() {
                        accepted.push(place.room_id);
                    }
                    if let Some(visible) = Visibility::of(place.state, place.first_visible_seq) {
                        room.visible = visible;
                    }
                }
                None if self.seat.mode == Mode::Plain && place.request.is_received() => {}
                None => self.enter_room(place.room_id).await?,
            }
        }
        for room in accepted {
            self.show_presence(room).await?;
        }
        Ok(())
    }

    /// A request was accepted: who is there is known from now on, if the room is on screen.
    async fn show_presence(&mut self, room: RoomId) -> Result<(), End> {
        if !self.open.contains(&room) {
            return Ok(());
        }
        let present = match self.seat.look_at(room).await {
            Ok(present) => present,
            Err(Error::Refused(_)) => return Ok(()),
            Err(error) => return self.failed(&error),
        };
        for presence in present {
            self.feed_frame(ServerFrame::PresenceUpdate(presence))
                .await?;
        }
        Ok(())
    }

    /// A room that the user has just come into.
    pub(super) async fn enter_room(&mut self, room: RoomId) -> Result<(), End> {
        let news = self.seat.app.hub.subscribe(room, &self.seat.ear.listener);
        let head = match catch_up::head(&self.seat.app, self.seat.actor.user, room).await {
            Ok(head) => head,
            Err(Error::Refused(_)) => {
                self.drop_room(room);
                return Ok(());
            }
            Err(error) => return self.failed(&error),
        };
        let place = match self.seat.app.db.snapshot().await {
            Ok(mut tx) => tx.place(room, self.seat.actor.user).await,
            Err(error) => Err(error),
        };
        let place = match place {
            Ok(place) => place.filter(crate::store::Place::is_joined),
            Err(error) => return self.failed(&error.into()),
        };
        let Some(place) = place else {
            self.drop_room(room);
            return Ok(());
        };
        let Some(visible) = Visibility::of(place.state, place.first_visible_seq) else {
            return Ok(());
        };
        // A plain client hears what comes after the joining; another one catches up from nothing.
        let from = if self.seat.mode == Mode::Plain {
            Position::whole(Cursor {
                rev: place.rev.prev(),
                seq: place.read_seq,
            })
        } else {
            Position::from(Cursor::default())
        };
        // The ring begins with this subscription: what was committed before is in the store.
        let behind = head.head > from.rev;
        let state = RoomState {
            news,
            position: from,
            visible,
            behind,
            lazy: false,
            out: false,
            is_request: !place.request.is_none(),
        };
        self.seat.rooms.insert(room, state);
        self.deliver_room(room).await
    }

    /// Brings the peer up to date in a room, for at most a quantum.
    pub(super) async fn deliver_room(&mut self, room: RoomId) -> Result<(), End> {
        match self.step(room).await? {
            Step::Done => Ok(()),
            Step::More => {
                self.seat.ear.listener.wake_for_room(room);
                Ok(())
            }
            Step::Out => {
                self.drop_room(room);
                // Back in already? Then the place in the store says so.
                self.rejoin(room).await
            }
        }
    }

    async fn rejoin(&mut self, room: RoomId) -> Result<(), End> {
        let place = match self.seat.app.db.snapshot().await {
            Ok(mut tx) => tx.place(room, self.seat.actor.user).await,
            Err(error) => Err(error),
        };
        match place {
            Ok(Some(place)) if place.is_joined() => {
                self.seat.ear.listener.wake_for_user();
                self.seat.user_rev = self.seat.user_rev.min(place.user_rev.prev());
                Ok(())
            }
            Ok(_) => Ok(()),
            Err(error) => self.failed(&error.into()),
        }
    }

    async fn step(&mut self, room: RoomId) -> Result<Step, End> {
        let Some(state) = self.seat.rooms.get_mut(room) else {
            return Ok(Step::Done);
        };
        if state.lazy {
            return self.step_head(room).await;
        }
        if !state.behind {
            match self.pull(room) {
                News::None | News::Given { more: false } => return Ok(Step::Done),
                News::Given { more: true } => return Ok(Step::More),
                News::Out => return Ok(Step::Out),
                News::Behind => {}
            }
        }
        self.step_store(room).await
    }

    /// Brings the peer up to date in a room if its ring is enough for that, which it mostly is:
    /// without waiting, and without allocating. `false` if more is to be done.
    pub(super) fn deliver_news(&mut self, room: RoomId) -> bool {
        match self.pull(room) {
            News::None | News::Given { more: false } => true,
            News::Given { more: true } => {
                self.seat.ear.listener.wake_for_room(room);
                true
            }
            // The way out looks again, and finds itself out.
            News::Behind | News::Out => false,
        }
    }

    /// Takes a quantum from the room's ring.
    fn pull(&mut self, room: RoomId) -> News {
        let Some(state) = self.seat.rooms.get_mut(room) else {
            return News::None;
        };
        if state.lazy || state.behind {
            return News::Behind;
        }
        if state.out {
            return News::Out;
        }
        let (user, wire) = (self.seat.actor.user, &mut self.wire);
        let RoomState {
            news,
            position,
            visible,
            out,
            ..
        } = state;
        let pulled = news.pull(position.rev, QUANTUM, |change| {
            position.rev = change.rev;
            if let Some(seq) = change.seq {
                position.seq = position.seq.max(seq);
            }
            if change.seq.is_none_or(|seq| visible.allows(seq)) {
                wire.feed(change.frame.bytes().clone());
            } else {
                wire.feed(void(room, change.rev).bytes().clone());
            }
            if change.effect == Effect::Gone(user) {
                *out = true;
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        match pulled {
            _ if *out => News::Out,
            Pulled::UpToDate => News::None,
            Pulled::Given(count) => News::Given {
                more: count == QUANTUM,
            },
            Pulled::Behind => {
                state.behind = true;
                self.seat.app.metrics.catch_ups.behind.inc();
                News::Behind
            }
        }
    }

    /// One batch from the store.
    async fn step_store(&mut self, room: RoomId) -> Result<Step, End> {
        let Some(state) = self.seat.rooms.get(room) else {
            return Ok(Step::Done);
        };
        let from = state.position.clone();
        let (batch, position, visible) =
            match catch_up::room(&self.seat.app, self.seat.actor.user, room, &from).await {
                Ok(answer) => answer,
                Err(Error::Refused(_)) => return Ok(Step::Out),
                Err(error) => return self.failed(&error).map(|()| Step::Done),
            };
        let complete = batch.to == batch.head;
        if let Some(state) = self.seat.rooms.get_mut(room) {
            state.position = position;
            state.visible = visible;
            state.behind = !complete;
        }
        if self.seat.mode == Mode::Synced {
            self.feed_frame(ServerFrame::Sync(Sync {
                rooms: vec![batch],
                ..Sync::default()
            }))
            .await?;
        } else {
            self.feed_plain(batch, &from).await?;
        }
        // Also when complete: the ring may have gone on.
        Ok(Step::More)
    }

    /// The same batch for a client that knows only live frames.
    async fn feed_plain(&mut self, batch: RoomSync, from: &Position) -> Result<(), End> {
        for message in batch.messages.into_iter().filter_map(Row::known) {
            self.feed_frame(match message.seq.cmp(&from.seq) {
                Ordering::Greater => ServerFrame::NewMessage(message),
                Ordering::Less | Ordering::Equal => ServerFrame::MessageUpdated(message),
            })
            .await?;
        }
        Ok(())
    }

    async fn step_head(&mut self, room: RoomId) -> Result<Step, End> {
        match catch_up::head(&self.seat.app, self.seat.actor.user, room).await {
            Ok(head) => {
                let sync = Sync {
                    heads: vec![head],
                    ..Sync::default()
                };
                self.feed_frame(ServerFrame::Sync(sync)).await?;
                Ok(Step::Done)
            }
            Err(Error::Refused(_)) => Ok(Step::Out),
            Err(error) => self.failed(&error).map(|()| Step::Done),
        }
    }

    /// The store failed us in the middle of catching up: the connection ends, and the client comes
    /// back with its cursors when the store does.
    pub(super) fn failed(&self, error: &Error) -> Result<(), End> {
        let id = &*self.seat.request;
        tracing::error!(%error, id, "catching up failed");
        Err(End::Draining)
    }

    /// The newest changes of the open rooms, as far as this connection knows.
    pub(super) fn heads(&self) -> Vec<erc_protocol::gateway::server::Head> {
        self.open
            .iter()
            .filter_map(|room| {
                let state = self.seat.rooms.get(*room).filter(|state| !state.lazy)?;
                let rev: Rev = state.position.rev;
                Some(erc_protocol::gateway::server::Head {
                    room_id: *room,
                    rev,
                })
            })
            .collect()
    }
}
