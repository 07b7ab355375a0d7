//! Who is there, by the connections of this node.

use std::collections::HashSet;
use std::sync::Arc;

use erc_protocol::{Presence, PresenceState, RoomId, UserId};

use super::{Hub, Listener, lock};

impl Hub {
    /// The best of what a user's connections say.
    #[must_use]
    pub fn presence_of(&self, user: UserId) -> PresenceState {
        lock(&self.users)
            .get(&user)
            .and_then(|listeners| listeners.iter().map(|listener| listener.presence()).max())
            .unwrap_or(PresenceState::Offline)
    }

    /// Tells those who look at one of these rooms how present a user is, once each. The user's
    /// own connections are told as well, so that several devices agree.
    pub fn announce(&self, presence: &Presence, rooms: &HashSet<RoomId>) {
        let mut told: HashSet<u64> = HashSet::new();
        for room in rooms {
            let Some(hub) = self.room(*room) else {
                continue;
            };
            let viewers: Vec<Arc<Listener>> = lock(&hub.viewers).values().cloned().collect();
            for viewer in viewers {
                if told.insert(viewer.id) {
                    viewer.tell_presence(presence.clone());
                }
            }
        }
    }

    /// Sets what all of a user's connections say.
    pub fn set_presence(&self, user: UserId, state: PresenceState) {
        for listener in self.listeners_of(user) {
            listener.set_presence(state);
        }
    }

    /// Every user who is connected here.
    #[must_use]
    pub fn online_users(&self) -> usize {
        lock(&self.users).len()
    }
}
