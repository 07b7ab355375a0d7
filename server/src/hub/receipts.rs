//! Receipts on their way to those who have the room open: gathered for a moment, encoded once.
//!
//! What waits is bounded: one entry a member of a small room that somebody looks at. Losing it
//! delays: whoever opens a room gets all of its receipts.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use erc_protocol::gateway::ServerFrame;
use erc_protocol::{Receipt, RoomId, UserId, limit, receipt::Receipts};
use tokio::sync::Notify;

use super::{Hub, encode, lock};

const GATHER: Duration = Duration::from_millis(limit::RECEIPTS_GATHER_MS);

/// What was gathered and not yet told.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    rooms: Mutex<HashMap<RoomId, BTreeMap<UserId, Receipt>>>,
    wake: Arc<Notify>,
}

impl Drop for Gathered {
    fn drop(&mut self) {
        // So that the task sees that there is nobody to tell any more.
        self.wake.notify_one();
    }
}

impl Hub {
    /// A member's watermarks rose.
    pub(super) fn gather(&self, room: RoomId, receipt: Receipt) {
        let is_viewed = self
            .room(room)
            .is_some_and(|hub| !lock(&hub.viewers).is_empty());
        if !is_viewed {
            return;
        }
        lock(&self.gathered.rooms)
            .entry(room)
            .or_default()
            .entry(receipt.user_id)
            .and_modify(|held| raise(held, &receipt))
            .or_insert(receipt);
        self.gathered.wake.notify_one();
    }

    /// Tells what was gathered, a moment after it came, for as long as there is a hub. A task of
    /// the server's; what waits when it ends is lost, as it may be.
    pub fn tell_receipts(self: &Arc<Self>) -> impl Future<Output = ()> + Send + 'static {
        let (hub, wake) = (Arc::downgrade(self), Arc::clone(&self.gathered.wake));
        async move {
            loop {
                wake.notified().await;
                if hub.strong_count() > 0 {
                    tokio::time::sleep(GATHER).await;
                }
                let Some(hub) = hub.upgrade() else { return };
                hub.tell_gathered();
            }
        }
    }

    fn tell_gathered(&self) {
        let rooms = std::mem::take(&mut *lock(&self.gathered.rooms));
        for (room_id, receipts) in rooms {
            let Some(hub) = self.room(room_id) else {
                continue;
            };
            let receipts = receipts.into_values().collect();
            let frame = ServerFrame::Receipts(Receipts { room_id, receipts });
            let frame = encode(frame);
            for viewer in lock(&hub.viewers).values() {
                viewer.listener.tell_receipts(frame.clone());
            }
        }
    }
}

/// Watermarks only rise, whatever order they are heard in.
fn raise(held: &mut Receipt, newer: &Receipt) {
    if newer.delivered_seq > held.delivered_seq {
        held.delivered_seq = newer.delivered_seq;
        held.delivered_at = newer.delivered_at;
    }
    if newer.read_seq > held.read_seq {
        held.read_seq = newer.read_seq;
        held.read_at = newer.read_at;
    }
}
