//! A place for a connection, taken before the peer hears that it is connected: whoever sees the
//! upgrade succeed hears everything that is committed from then on.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use erc_protocol::{EmojiRev, MemberState, PresenceState, RequestState, UserRev, sync::Cursor};
use tracing::Span;

use super::connection::{Mode, RoomState};
use super::places::Places;
use crate::app::AppState;
use crate::hub::{Hub, Listener, RoomHub};
use crate::ops::access::existing_user;
use crate::ops::catch_up::Position;
use crate::ops::{Actor, Error, Result, sessions};
use crate::rules::visibility::Visibility;
use crate::store::{self, UserRoomRow, UserRow};

/// Listens as long as it lives.
#[derive(Debug)]
pub(super) struct Ear {
    hub: Arc<Hub>,
    pub(super) listener: Arc<Listener>,
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.hub.disconnect(&self.listener);
    }
}

/// A room that one is in, and where its news are.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) row: UserRoomRow,
    pub(super) news: Arc<RoomHub>,
}

/// All of a connection but its socket.
#[derive(Debug)]
pub struct Seat {
    pub(super) app: AppState,
    pub(super) actor: Actor,
    /// What the user is called, for typing; known since one listens.
    pub(super) name: Box<str>,
    pub(super) ear: Ear,
    pub(super) mode: Mode,
    pub(super) rooms: Places,
    pub(super) user_rev: UserRev,
    pub(super) emoji_rev: EmojiRev,
    /// How present the user was without this connection.
    pub(super) before: PresenceState,
    /// The id of the request that opened it.
    pub(super) request: Box<str>,
}

impl Seat {
    /// Takes a place. A client that announces a `hello` listens from its cursors, later; any other
    /// from now on.
    pub async fn take(app: AppState, token: &str, says_hello: bool, request: &str) -> Result<Self> {
        let actor = sessions::claimed(&app, token)?;
        let before = app.hub.presence_of(actor.user);
        let listener = app.hub.connect(actor.user, actor.session);
        let ear = Ear {
            hub: app.hub.clone(),
            listener,
        };
        // From here on an ending is heard; one that came before is found.
        if app.lifecycle.is_draining() {
            return Err(draining());
        }
        sessions::authenticate(&app, token).await?;
        let mode = if says_hello {
            Mode::Silent
        } else {
            Mode::Plain
        };
        let mut seat = Self {
            app,
            actor,
            name: Box::default(),
            ear,
            mode,
            rooms: Places::default(),
            request: request.into(),
            user_rev: UserRev::ZERO,
            emoji_rev: EmojiRev::ZERO,
            before,
        };
        if seat.mode == Mode::Plain {
            seat.listen_from_now().await?;
        }
        Ok(seat)
    }

    /// What the lines of a frame are told by. Made for each frame: held as long as the connection, it
    /// would cost half of its memory.
    pub(super) fn span(&self) -> Span {
        tracing::info_span!(parent: None, "connection", id = &*self.request)
    }

    async fn listen_from_now(&mut self) -> Result<()> {
        let (user, places) = self.subscribe_all().await?;
        self.learn_choice(&user);
        self.name = user.display_name.into();
        self.user_rev = user.user_rev;
        self.ear.listener.knows_user_rev(user.user_rev);
        self.rooms = Places::with_capacity(places.len());
        for place in places {
            let position = Position::whole(Cursor {
                rev: place.row.room.rev,
                seq: place.row.room.last_seq,
            });
            self.track(&place, position);
        }
        Ok(())
    }

    /// What the user had chosen for all devices when this one came.
    pub(super) fn learn_choice(&self, user: &UserRow) {
        let choice = user.presence.clone().at(self.app.clock.now()).choice;
        self.app.hub.learn_choice(&self.ear.listener, choice);
    }

    /// Subscribes to every room of the user and reads how they stand after that: what is committed
    /// in between is in the ring and in the store, and counts once. The user's counter is of the same
    /// moment: a room that they come into later is above it.
    pub(super) async fn subscribe_all(&self) -> Result<(UserRow, Vec<Place>)> {
        let mut heard = HashMap::new();
        loop {
            let told = self.app.hub.told();
            let mut tx = self.app.db.snapshot().await?;
            let rows = match self.mode {
                // It knows nothing of requests, and hears of one once it is accepted.
                Mode::Plain => tx.rooms_of(self.actor.user).await?,
                Mode::Silent | Mode::Synced => {
                    let mut rows = tx.rooms_with_requests_of(self.actor.user).await?;
                    rows.retain(|row| row.request != RequestState::Declined);
                    rows
                }
            };
            let user = existing_user(&mut tx, self.actor.user).await?;
            drop(tx);
            let mut is_complete = true;
            for row in &rows {
                if let Entry::Vacant(place) = heard.entry(row.room.id) {
                    place.insert(self.app.hub.subscribe(row.room.id, &self.ear.listener));
                    is_complete = false;
                }
            }
            if is_complete || self.app.hub.told() == told {
                let places = rows.into_iter().filter_map(|row| {
                    let news = heard.remove(&row.room.id)?;
                    Some(Place { row, news })
                });
                return Ok((user, places.collect()));
            }
        }
    }

    pub(super) fn track(&mut self, place: &Place, position: Position) {
        let row = &place.row;
        if let Some(visible) = Visibility::of(MemberState::Joined, row.first_visible_seq) {
            let room = RoomState {
                news: place.news.clone(),
                position,
                visible,
                behind: false,
                lazy: false,
                out: false,
                is_request: !row.request.is_none(),
            };
            self.rooms.insert(row.room.id, room);
        }
    }
}

fn draining() -> Error {
    Error::Store(store::Error::Unavailable("the server is stopping".into()))
}
