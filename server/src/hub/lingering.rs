//! Those whose link broke a moment ago. They count as present for a while: mostly they come back at
//! once, and nobody wants to be told of either.

use std::collections::HashSet;

use erc_protocol::{PresenceState, RoomId, Timestamp, UserId, presence::PresenceChoice};
use tokio::time::Instant;

use super::{Hub, Listener, lock};

/// Somebody whose link broke.
#[derive(Debug)]
pub struct Lingering {
    pub since: Timestamp,
    pub rooms: HashSet<RoomId>,
    pub(super) state: PresenceState,
    pub(super) choice: Option<PresenceChoice>,
    until: Instant,
}

impl Hub {
    /// The link of a connection broke. If it is the user's only one they go on being present, and
    /// [`Self::take_lingered`] gives them unless they come back.
    pub fn linger(&self, listener: &Listener, rooms: HashSet<RoomId>, since: Timestamp) {
        let mut lingering = lock(&self.lingering);
        let is_last = lock(&self.users)
            .get(&listener.user)
            .is_some_and(|own| own.iter().all(|other| other.id == listener.id));
        if is_last {
            let one = Lingering {
                since,
                rooms,
                state: listener.presence(),
                choice: listener.choice(),
                until: Instant::now() + self.linger,
            };
            lingering.insert(listener.user, one);
        }
    }

    /// Those who did not come back in time.
    pub(super) fn take_lingered(&self, now: Instant) -> Vec<(UserId, Lingering)> {
        let mut lingering = lock(&self.lingering);
        if lingering.is_empty() {
            return Vec::new();
        }
        lingering.extract_if(|_, one| one.until <= now).collect()
    }
}
