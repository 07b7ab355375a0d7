//! Who is there, by the connections of this node and by what other nodes say of theirs.

use std::collections::HashSet;

use erc_protocol::gateway::ServerFrame;
use erc_protocol::presence::{PresenceChoice, UserStatus};
use erc_protocol::{Presence, PresenceState, RoomId, Timestamp, UserId};
use tokio::time::{Duration, Instant};

use super::listener::About;
use super::{Hub, Listener, encode, lock};
use crate::bus::{Message, NodeId, Note};
use crate::frame::Frame;

/// Users in one part of a roster.
const PART: usize = 1_000;

impl Hub {
    /// The best of what a user's connections say, on all nodes.
    #[must_use]
    pub fn presence_of(&self, user: UserId) -> PresenceState {
        self.presence_here(user)
            .max(lock(&self.others).presence_of(user))
    }

    fn presence_here(&self, user: UserId) -> PresenceState {
        let connected = lock(&self.users)
            .get(&user)
            .and_then(|listeners| listeners.iter().map(|listener| listener.presence()).max());
        connected.unwrap_or_else(|| {
            let lingering = lock(&self.lingering);
            let state = lingering.get(&user).map(|one| one.state);
            state.unwrap_or(PresenceState::Offline)
        })
    }

    /// Tells those who look at one of these rooms how present a user is, once each, here and on
    /// other nodes. The user's own connections are told as well, so that several devices agree.
    pub fn announce(&self, presence: &Presence, rooms: &HashSet<RoomId>) {
        self.tell_presence(presence.user_id, presence.last_seen, rooms);
        self.show_presence(presence, rooms);
    }

    /// What this node alone knows of a user, to the others.
    pub(super) fn tell_presence(
        &self,
        user: UserId,
        last_seen: Option<Timestamp>,
        rooms: &HashSet<RoomId>,
    ) {
        self.bus.tell(|| {
            let presence = presence(user, self.presence_here(user), last_seen);
            let rooms = rooms.iter().copied().collect();
            Message::Note(Note::Present { presence, rooms })
        });
    }

    /// Tells those who look here.
    pub fn show_presence(&self, presence: &Presence, rooms: &HashSet<RoomId>) {
        let frame = encode(ServerFrame::PresenceUpdate(presence.clone()));
        self.show(presence.user_id, About::Presence, &frame, rooms);
    }

    fn show(&self, user: UserId, about: About, frame: &Frame, rooms: &HashSet<RoomId>) {
        let mut told: HashSet<u64> = HashSet::new();
        for room in rooms {
            let Some(hub) = self.room(*room) else {
                continue;
            };
            for viewer in lock(&hub.viewers).values() {
                if viewer.hears_presence && told.insert(viewer.listener.id) {
                    let listener = &viewer.listener;
                    listener.tell_presence(user, about, frame.clone());
                }
            }
        }
    }

    /// What a user says of themselves: told to those who look at one of these rooms, here and on
    /// other nodes.
    pub fn announce_status(&self, status: &UserStatus, rooms: &HashSet<RoomId>) {
        self.bus.tell(|| {
            let (status, rooms) = (status.clone(), rooms.iter().copied().collect());
            Message::Note(Note::Status { status, rooms })
        });
        self.show_status(status, rooms);
    }

    pub(super) fn show_status(&self, status: &UserStatus, rooms: &HashSet<RoomId>) {
        let frame = encode(ServerFrame::UserUpdated(status.clone()));
        self.show(status.user_id, About::Status, &frame, rooms);
    }

    /// What the user had chosen for all devices when this connection began.
    pub fn learn_choice(&self, listener: &Listener, choice: PresenceChoice) {
        if listener.set_choice(choice) {
            self.tell_presence(listener.user, None, &HashSet::new());
        }
    }

    /// What the user has chosen for all devices, to their connections here; `true` if they look
    /// otherwise now.
    pub fn set_choice(&self, user: UserId, choice: PresenceChoice) -> bool {
        let before = self.presence_of(user);
        for listener in self.listeners_of(user) {
            listener.set_choice(choice);
        }
        self.presence_of(user) != before
    }

    /// Sets what all of a user's connections say, on all nodes.
    pub fn set_presence(&self, user: UserId, state: PresenceState, rooms: &HashSet<RoomId>) {
        self.set_presence_here(user, state);
        lock(&self.others).expect(user, state);
        self.bus.tell(|| {
            let rooms = rooms.iter().copied().collect();
            Message::Note(Note::SetPresence { user, state, rooms })
        });
    }

    fn set_presence_here(&self, user: UserId, state: PresenceState) {
        for listener in self.listeners_of(user) {
            listener.set_presence(state);
        }
    }

    /// Another node says how present a user is there.
    pub(super) fn hear_presence(&self, from: NodeId, said: &Presence, rooms: &[RoomId]) {
        let user = said.user_id;
        let is_new = {
            let mut others = lock(&self.others);
            let is_new = others.set(from, user, said.state);
            if !rooms.is_empty() {
                others.said(user);
            }
            is_new
        };
        if is_new {
            self.bus.greet();
        }
        let state = self.presence_of(user);
        let rooms = rooms.iter().copied().collect();
        self.show_presence(&presence(user, state, said.last_seen), &rooms);
    }

    /// Another node was told by the user how present all their devices are.
    pub(super) fn hear_set_presence(&self, user: UserId, state: PresenceState, rooms: &[RoomId]) {
        if self.listeners_of(user).is_empty() {
            return;
        }
        self.set_presence_here(user, state);
        let rooms = rooms.iter().copied().collect();
        self.announce(&presence(user, self.presence_of(user), None), &rooms);
    }

    /// A part of who is present on another node.
    pub(super) fn hear_roster(
        &self,
        from: NodeId,
        round: u64,
        users: &[(UserId, PresenceState)],
        is_last: bool,
    ) {
        if lock(&self.others).roster(from, round, users, is_last) {
            self.bus.greet();
        }
    }

    /// Tells the other nodes who is present here.
    pub(crate) fn tell_roster(&self, round: u64) {
        let mut users = self.users();
        users.extend(lock(&self.lingering).keys());
        let mut parts: Vec<Vec<(UserId, PresenceState)>> = users
            .chunks(PART)
            .map(|part| {
                let state = |user: &UserId| (*user, self.presence_here(*user));
                part.iter().map(state).collect()
            })
            .collect();
        let last = parts.pop().unwrap_or_default();
        for users in parts {
            let is_last = false;
            self.bus.tell(|| roster(round, users, is_last));
        }
        self.bus.tell(|| roster(round, last, true));
    }

    /// Nodes not heard for so long have nobody. Gives the users whose change was not shown yet.
    pub(crate) fn changed_elsewhere(&self, lease: Duration) -> Vec<UserId> {
        let mut others = lock(&self.others);
        others.forget_silent(Instant::now(), lease);
        others.take_unsaid()
    }

    /// Every user who is connected here.
    #[must_use]
    pub fn online_users(&self) -> usize {
        lock(&self.users).len()
    }
}

fn roster(round: u64, users: Vec<(UserId, PresenceState)>, is_last: bool) -> Message {
    Message::Note(Note::Roster {
        round,
        users,
        is_last,
    })
}

/// A user's presence as it is told.
pub(crate) fn presence(
    user: UserId,
    state: PresenceState,
    last_seen: Option<Timestamp>,
) -> Presence {
    Presence {
        user_id: user,
        is_online: state != PresenceState::Offline,
        state,
        last_seen,
        status: None,
    }
}
