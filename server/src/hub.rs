//! Who listens to what on this node, and what they have not been told yet.
//!
//! A committed change is encoded once and put into its room's ring; each listener is only told
//! *that* the room has news (its id in a set) and pulls at the speed of its own socket. So memory a
//! listener is bounded by construction, a burst costs a slow one nothing, and nobody waits.

mod listener;
mod presence;
mod ring;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use erc_protocol::{Rev, RoomId, SessionId, UserId, presence::Typing};

pub use listener::{CloseReason, Listener, Pending};
pub use ring::Pulled;

use crate::ops::change::{Change, Committed, Effect, RoomChange};
use crate::session_cache::SessionCache;
use ring::Ring;

/// Locks a mutex; the data of ours that a panicking holder leaves is consistent at every step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One room as this node knows it; exists while somebody listens.
#[derive(Debug, Default)]
struct RoomHub {
    ring: Mutex<Ring>,
    listeners: Mutex<HashMap<u64, Arc<Listener>>>,
    /// Those who have the room on screen: they get typing and presence.
    viewers: Mutex<HashMap<u64, Arc<Listener>>>,
}

/// The listeners of this node.
#[derive(Debug, Default)]
pub struct Hub {
    /// Sessions found valid a moment ago; one that ends here is forgotten at once.
    pub sessions: SessionCache,
    next_id: AtomicU64,
    rooms: Mutex<HashMap<RoomId, Arc<RoomHub>>>,
    users: Mutex<HashMap<UserId, Vec<Arc<Listener>>>>,
}

impl Hub {
    /// Tells listeners of a committed change.
    pub fn publish(&self, committed: Committed) {
        match committed.into_change() {
            Change::Room(change) => self.publish_room(change),
            Change::User(user) => {
                for listener in self.listeners_of(user) {
                    listener.wake_for_user();
                }
            }
            Change::SessionEnded { session, reason } => self.end_session(session, reason),
        }
    }

    fn publish_room(&self, change: RoomChange) {
        // Nobody listens here: whoever begins to reads the store first.
        let Some(room) = self.room(change.room_id) else {
            return;
        };
        let room_id = change.room_id;
        if let Effect::Sent(user) = change.effect {
            for viewer in lock(&room.viewers).values() {
                viewer.forget_typing(room_id, user);
            }
        }
        lock(&room.ring).push(change);
        for listener in lock(&room.listeners).values() {
            listener.wake_for_room(room_id);
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
        let listener = Arc::new(Listener::new(id, user, session));
        lock(&self.users)
            .entry(user)
            .or_default()
            .push(listener.clone());
        listener
    }

    /// The end of a connection: it listens to nothing any more.
    pub fn disconnect(&self, listener: &Arc<Listener>) {
        for room in listener.rooms() {
            self.unsubscribe(room, listener);
        }
        let mut users = lock(&self.users);
        if let Some(list) = users.get_mut(&listener.user) {
            list.retain(|other| other.id != listener.id);
            if list.is_empty() {
                users.remove(&listener.user);
            }
        }
    }

    /// From now on the listener is told of this room's news.
    pub fn subscribe(&self, room: RoomId, listener: &Arc<Listener>) {
        // Under the map's lock: a room is never removed while somebody enters it.
        let mut rooms = lock(&self.rooms);
        let hub = rooms.entry(room).or_default();
        lock(&hub.listeners).insert(listener.id, listener.clone());
        listener.remember_room(room);
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
        }
    }

    /// The room is on this listener's screen (or no longer).
    pub fn set_viewing(&self, room: RoomId, listener: &Arc<Listener>, viewing: bool) {
        let Some(hub) = self.room(room) else { return };
        let mut viewers = lock(&hub.viewers);
        if viewing {
            viewers.insert(listener.id, listener.clone());
        } else {
            viewers.remove(&listener.id);
        }
    }

    /// The changes of a room after `rev`, as far as the ring has them.
    #[must_use]
    pub fn pull(&self, room: RoomId, rev: Rev, limit: usize) -> Pulled {
        self.room(room)
            .map_or(Pulled::UpToDate, |hub| lock(&hub.ring).after(rev, limit))
    }

    /// Tells those who look at the room that somebody types (or stopped).
    pub fn typing(&self, typing: &Typing) {
        let Some(hub) = self.room(typing.room_id) else {
            return;
        };
        for viewer in lock(&hub.viewers).values() {
            if viewer.user != typing.user_id {
                viewer.tell_typing(typing.clone());
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

    /// Closes the other connections of the same session and device.
    pub fn supersede(&self, listener: &Arc<Listener>, device: &str) {
        listener.set_device(device);
        for other in self.listeners_of(listener.user) {
            if other.id != listener.id
                && other.session == listener.session
                && other.is_device(device)
            {
                other.close(CloseReason::Superseded);
            }
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
