//! Who listens to what on this node, and what they have not been told yet.
//!
//! A committed change is encoded once and put into its room's ring; each listener is only told
//! *that* the room has news (its id in a set) and pulls at the speed of its own socket. So memory a
//! listener is bounded by construction, a burst costs a slow one nothing, and nobody waits.
//!
//! What is committed here goes to the [`Bus`] too, and what others committed comes from it
//! ([`remote`]). There a hint may be missing, so a ring knows how far its room has come even when it
//! doesn't hold the changes: who is behind that reads the store.

mod emoji;
mod holes;
mod lingering;
mod listener;
mod others;
pub(crate) mod presence;
pub mod pulse;
mod receipts;
mod remote;
mod ring;

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use erc_protocol::gateway::{ServerFrame, ServerPacket};
use erc_protocol::{Rev, RoomId, SessionId, UserId, presence::Typing};
use tokio::time::Instant;

pub use lingering::Lingering;
pub use listener::{CloseReason, Listener, Pending};
pub use ring::Pulled;

use crate::bus::{Bus, Message, Note};
use crate::clock::Clock;
use crate::frame::Frame;
use crate::ops::change::{Change, Committed, Effect, RoomChange};
use crate::session_cache::SessionCache;
use others::Others;
use ring::{Pushed, Ring};

/// Locks a mutex; the data of ours that a panicking holder leaves is consistent at every step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Somebody who has a room on screen.
#[derive(Debug)]
struct Viewer {
    listener: Arc<Listener>,
    hears_presence: bool,
}

/// Whether a room is on somebody's screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewing {
    No,
    /// A room so large that nobody is told who is there.
    Typing,
    All,
}

fn encode(frame: ServerFrame) -> Frame {
    ServerPacket::from(frame).encode().into()
}

/// One room as this node knows it; exists while somebody listens.
#[derive(Debug, Default)]
pub struct RoomHub {
    ring: Mutex<Ring>,
    listeners: Mutex<HashMap<u64, Arc<Listener>>>,
    /// Those who have the room on screen: they get typing, and presence if the room is small.
    viewers: Mutex<HashMap<u64, Viewer>>,
}

impl RoomHub {
    /// Gives changes of the room after `rev`, as far as the ring has them, `limit` at most.
    pub fn pull(
        &self,
        rev: Rev,
        limit: usize,
        give: impl FnMut(&RoomChange) -> ControlFlow<()>,
    ) -> Pulled {
        lock(&self.ring).after(rev, limit, give)
    }

    /// Adds a change.
    fn add(&self, change: RoomChange) -> Pushed {
        if let Effect::Sent(user) = change.effect {
            for viewer in lock(&self.viewers).values() {
                viewer.listener.forget_typing(change.room_id, user);
            }
        }
        lock(&self.ring).push(change, Instant::now())
    }

    fn wake(&self, room: RoomId) {
        for listener in lock(&self.listeners).values() {
            listener.wake_for_room(room);
        }
    }
}

/// Rooms that have something new for their listeners, each once.
#[derive(Debug, Default)]
pub(crate) struct News(Vec<(RoomId, Arc<RoomHub>)>);

impl News {
    fn extend(&mut self, room: Option<(RoomId, Arc<RoomHub>)>) {
        if let Some(room) = room
            && self.0.iter().all(|(id, _)| *id != room.0)
        {
            self.0.push(room);
        }
    }

    /// Wakes the listeners.
    pub(crate) fn tell(self) {
        for (id, room) in self.0 {
            room.wake(id);
        }
    }
}

/// The listeners of this node.
#[derive(Debug, Default)]
pub struct Hub {
    /// Sessions found valid a moment ago; one that ends here is forgotten at once.
    pub sessions: SessionCache,
    bus: Bus,
    clock: Clock,
    next_id: AtomicU64,
    rooms: Mutex<HashMap<RoomId, Arc<RoomHub>>>,
    users: Mutex<HashMap<UserId, Vec<Arc<Listener>>>>,
    others: Mutex<Others>,
    linger: Duration,
    /// Rises whenever something is told of a room, before anybody is looked for who hears it.
    told: AtomicU64,
    /// Locked before `users`.
    lingering: Mutex<HashMap<UserId, Lingering>>,
    /// How far this node knows the custom emoji to have come.
    emoji_rev: AtomicI64,
    gathered: receipts::Gathered,
    holes: holes::Holes,
}

impl Hub {
    /// A hub that tells other nodes through this bus; for so long somebody whose link broke counts as
    /// present.
    #[must_use]
    pub fn new(bus: Bus, clock: Clock, linger: Duration) -> Self {
        Self {
            bus,
            clock,
            linger,
            ..Self::default()
        }
    }

    /// How this node hears of others.
    #[must_use]
    pub const fn bus(&self) -> &Bus {
        &self.bus
    }

    /// Tells listeners of what was committed, in order, here and on other nodes. Those of a room
    /// are woken once, however many changes it has.
    pub fn publish(&self, committed: impl IntoIterator<Item = Committed>) {
        let mut news = News::default();
        for change in committed {
            news.extend(self.tell(change.into_change()));
        }
        news.tell();
    }

    /// Keeps a change; the room if its listeners have to be woken.
    fn tell(&self, change: Change) -> Option<(RoomId, Arc<RoomHub>)> {
        match change {
            Change::Room(change) => {
                self.bus.tell(|| Message::Changed(change.clone()));
                return self.add(change);
            }
            Change::User(user) => {
                self.bus.tell(|| Message::Note(Note::User { user }));
                self.wake_user(user);
            }
            Change::Receipt { room, receipt } => {
                self.bus
                    .tell(|| Message::Note(Note::Receipt { room, receipt }));
                self.gather(room, receipt);
            }
            Change::Emoji(rev) => {
                self.bus.tell(|| Message::Note(Note::Emoji { rev }));
                self.note_emoji(rev);
            }
            Change::SessionEnded { session, reason } => {
                self.bus.tell(|| {
                    let reason = reason.to_owned();
                    Message::Note(Note::SessionEnded { session, reason })
                });
                self.end_session(session, reason);
            }
        }
        None
    }

    /// As long as this stays the same nothing was told to this node: who read the store meanwhile
    /// missed nothing by beginning to listen only then.
    #[must_use]
    pub fn told(&self) -> u64 {
        self.told.load(Ordering::Acquire)
    }

    fn wake_user(&self, user: UserId) {
        self.told.fetch_add(1, Ordering::Release);
        for listener in self.listeners_of(user) {
            listener.wake_for_user();
        }
    }

    fn add(&self, change: RoomChange) -> Option<(RoomId, Arc<RoomHub>)> {
        self.told.fetch_add(1, Ordering::Release);
        let id = change.room_id;
        // If nobody listens here: whoever begins to reads the store first.
        let room = self.room(id)?;
        match room.add(change) {
            Pushed::News => Some((id, room)),
            Pushed::Early => {
                self.wait_for_hole(id);
                None
            }
            Pushed::Old => None,
        }
    }

    fn room(&self, id: RoomId) -> Option<Arc<RoomHub>> {
        lock(&self.rooms).get(&id).cloned()
    }

    fn listeners_of(&self, user: UserId) -> Vec<Arc<Listener>> {
        lock(&self.users).get(&user).cloned().unwrap_or_default()
    }

    /// A new connection of a user.
    pub fn connect(&self, user: UserId, session: SessionId) -> Arc<Listener> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (listener, is_first) = {
            let mut lingering = lock(&self.lingering);
            let before = lingering.remove(&user);
            let mut users = lock(&self.users);
            let list = users.entry(user).or_default();
            // As far as it is known here: who comes back is there without a moment between.
            let choice = list.iter().find_map(|other| other.choice());
            let choice = choice.or(before.and_then(|before| before.choice));
            let listener = Arc::new(Listener::new(id, user, session, choice));
            list.push(listener.clone());
            (listener, list.len() == 1)
        };
        if is_first {
            self.tell_presence(user, None, &HashSet::new());
        }
        listener
    }

    /// The end of a connection: it listens to nothing any more.
    pub fn disconnect(&self, listener: &Arc<Listener>) {
        for room in listener.rooms() {
            self.unsubscribe(room, listener);
        }
        let was_last = {
            let mut users = lock(&self.users);
            let Some(list) = users.get_mut(&listener.user) else {
                return;
            };
            list.retain(|other| other.id != listener.id);
            let was_last = list.is_empty();
            if was_last {
                users.remove(&listener.user);
            }
            was_last
        };
        if was_last {
            self.tell_presence(listener.user, None, &HashSet::new());
        }
    }

    /// From now on the listener is told of this room's news, and finds them here.
    pub fn subscribe(&self, room: RoomId, listener: &Arc<Listener>) -> Arc<RoomHub> {
        // Under the map's lock: a room is never removed while somebody enters it.
        let mut rooms = lock(&self.rooms);
        let count = rooms.len();
        let hub = rooms.entry(room).or_default().clone();
        lock(&hub.listeners).insert(listener.id, listener.clone());
        listener.remember_room(room);
        let is_new = rooms.len() > count;
        drop(rooms);
        if is_new {
            self.bus.touch(room);
        }
        hub
    }

    /// The listener is told no more of this room.
    pub fn unsubscribe(&self, room: RoomId, listener: &Arc<Listener>) {
        listener.forget_room(room);
        let mut rooms = lock(&self.rooms);
        let Some(hub) = rooms.get(&room) else { return };
        lock(&hub.viewers).remove(&listener.id);
        let mut listeners = lock(&hub.listeners);
        listeners.remove(&listener.id);
        let empty = listeners.is_empty();
        drop(listeners);
        if empty {
            rooms.remove(&room);
            drop(rooms);
            self.bus.touch(room);
        }
    }

    /// The room is on this listener's screen (or no longer).
    pub fn set_viewing(&self, room: RoomId, listener: &Arc<Listener>, viewing: Viewing) {
        let Some(hub) = self.room(room) else { return };
        let mut viewers = lock(&hub.viewers);
        if viewing == Viewing::No {
            viewers.remove(&listener.id);
        } else {
            let viewer = Viewer {
                listener: listener.clone(),
                hears_presence: viewing == Viewing::All,
            };
            viewers.insert(listener.id, viewer);
        }
    }

    /// Tells those who look at the room that somebody types (or stopped).
    pub fn typing(&self, typing: &Typing) {
        self.bus
            .tell(|| Message::Note(Note::Typing(typing.clone())));
        self.show_typing(typing);
    }

    fn show_typing(&self, typing: &Typing) {
        let Some(hub) = self.room(typing.room_id) else {
            return;
        };
        let frame = encode(ServerFrame::TypingIndicator(typing.clone()));
        for viewer in lock(&hub.viewers).values() {
            if viewer.listener.user != typing.user_id {
                let key = (typing.room_id, typing.user_id);
                viewer.listener.tell_typing(key, frame.clone());
            }
        }
    }

    /// Closes every connection of a session.
    pub fn end_session(&self, session: SessionId, reason: &'static str) {
        self.sessions.forget(session);
        for listener in lock(&self.users).values().flatten() {
            if listener.session == session {
                listener.close(CloseReason::SessionEnded(reason));
            }
        }
    }

    /// Closes the other connections of the same session and device, on other nodes those that said
    /// hello earlier: of two that come at once the clocks of the nodes decide, and in doubt both stay.
    pub fn supersede(&self, listener: &Arc<Listener>, device: &str) {
        let (user, session, since) = (listener.user, listener.session, self.clock.now());
        listener.set_device(device, since);
        for other in self.listeners_of(user) {
            if other.id != listener.id && other.session == session && other.is_device(device) {
                other.close(CloseReason::Superseded);
            }
        }
        self.bus.tell(|| {
            Message::Note(Note::Supersede {
                user,
                session,
                device: device.to_owned(),
                since,
            })
        });
    }

    /// Time passes: every connection looks after itself when it is due. Gives those who are to be
    /// told as gone.
    pub fn pulse(&self, now: Instant) -> Vec<(UserId, Lingering)> {
        for listener in lock(&self.users).values().flatten() {
            listener.pulse(now);
        }
        self.take_lingered(now)
    }

    /// Tells every connection to come back later, to another node or to the next life of this one.
    pub fn drain(&self) {
        for listener in lock(&self.users).values().flatten() {
            listener.close(CloseReason::Draining);
        }
    }

    /// Connections on this node.
    #[must_use]
    pub fn connections(&self) -> usize {
        lock(&self.users).values().map(Vec::len).sum()
    }
}

#[cfg(test)]
mod tests;
