//! Rooms in which changes wait for one before them, that may never come: when their time is over,
//! the hole is admitted and listeners get what is missing from the store.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use erc_protocol::RoomId;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::{Hub, lock, ring::PATIENCE};

/// The rooms; those that nobody listens to any more fall out at the next look.
#[derive(Debug, Default)]
pub(super) struct Holes {
    rooms: Mutex<HashSet<RoomId>>,
    wake: Arc<Notify>,
}

impl Drop for Holes {
    fn drop(&mut self) {
        // So that the task sees that there is nothing to look after any more.
        self.wake.notify_one();
    }
}

impl Hub {
    /// A change of this room came before its time.
    pub(super) fn wait_for_hole(&self, room: RoomId) {
        if lock(&self.holes.rooms).insert(room) {
            self.holes.wake.notify_one();
        }
    }

    /// Looks after such rooms for as long as there is a hub. A task of the server's.
    pub fn admit_holes(self: &Arc<Self>) -> impl Future<Output = ()> + Send + 'static {
        let (hub, wake) = (Arc::downgrade(self), Arc::clone(&self.holes.wake));
        async move {
            loop {
                wake.notified().await;
                loop {
                    if hub.strong_count() > 0 {
                        tokio::time::sleep(PATIENCE / 2).await;
                    }
                    let Some(hub) = hub.upgrade() else { return };
                    if !hub.look_at_holes(Instant::now()) {
                        break;
                    }
                }
            }
        }
    }

    /// `true` if rooms are left in which something is waited for.
    fn look_at_holes(&self, now: Instant) -> bool {
        let rooms = std::mem::take(&mut *lock(&self.holes.rooms));
        let mut waiting = Vec::new();
        for id in rooms {
            let Some(room) = self.room(id) else { continue };
            let (is_news, waits) = {
                let mut ring = lock(&room.ring);
                (ring.give_up(now), ring.waits())
            };
            if waits {
                waiting.push(id);
            }
            if is_news {
                room.wake(id);
            }
        }
        let mut rooms = lock(&self.holes.rooms);
        rooms.extend(waiting);
        !rooms.is_empty()
    }
}
