//! How nodes tell each other what happened, when several serve one database.
//!
//! The database gives the order; the bus only carries hints. Every message may be lost, doubled,
//! late or out of order: a room's changes count by their `rev` ([`crate::hub`]), and the [`sweep`]
//! finds what no message told. So nothing here waits, retries or acknowledges.
//!
//! [`Bus`] is a node's end, held by the hub; a task ([`runner`]) stands between it and the carrier:
//! nothing at all for a node alone, NATS ([`nats`]), or memory ([`shared`]) where several nodes live
//! in one process, for tests. A room's messages come only to nodes where somebody listens to it.

mod counters;
mod message;
mod nats;
mod roster;
mod runner;
pub mod shared;
mod subject;
pub mod sweep;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use erc_protocol::RoomId;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};

pub use counters::Counters;
pub use message::{Message, NodeId, Note, Refused, Unsent};
pub use nats::{Nats, addresses};
pub use runner::Carrier;
pub(crate) use runner::run;
pub use subject::Subject;

use crate::ops::change::Change;

/// Messages that wait to be sent, at most; a further one is left out, and other nodes' sweeps find
/// what it would have told.
const QUEUE: usize = 16_384;

/// How a node stands to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// There are no others.
    Alone = 0,
    /// Messages come and go.
    Connected = 1,
    /// The carrier is away: the node serves, and learns of others' changes by its sweep.
    Away = 2,
}

/// A node's end of the bus. Dropping it ends its tasks.
#[derive(Debug)]
pub struct Bus {
    node: NodeId,
    outgoing: Option<mpsc::Sender<Message>>,
    shared: Arc<Inner>,
    /// Tasks of this bus end with it.
    _alive: DropGuard,
}

/// What the bus's tasks see of it.
#[derive(Debug, Default)]
struct Inner {
    state: AtomicU8,
    counters: Counters,
    /// Rooms where somebody began or ceased to listen since the task last looked. Bounded by the
    /// number of rooms.
    touched: Mutex<HashSet<RoomId>>,
    touch: Notify,
    /// Another node is to hear who is here before the time.
    greeting: AtomicBool,
    sweep: sweep::Requests,
}

/// The other end of [`Bus`]: what its tasks begin with.
#[derive(Debug)]
pub struct Tail {
    node: NodeId,
    outgoing: mpsc::Receiver<Message>,
    shared: Arc<Inner>,
    ended: CancellationToken,
}

impl Default for Bus {
    fn default() -> Self {
        Self::new(NodeId(0), false).0
    }
}

impl Bus {
    /// A node's end, and what its tasks need. `has_peers` is false for a node that is alone.
    #[must_use]
    pub fn new(node: NodeId, has_peers: bool) -> (Self, Tail) {
        let (queue, outgoing) = mpsc::channel(QUEUE);
        let shared = Arc::new(Inner::default());
        shared.set_state(if has_peers { State::Away } else { State::Alone });
        let ended = CancellationToken::new();
        let tail = Tail {
            node,
            outgoing,
            shared: shared.clone(),
            ended: ended.clone(),
        };
        let bus = Self {
            node,
            outgoing: has_peers.then_some(queue),
            shared,
            _alive: ended.drop_guard(),
        };
        (bus, tail)
    }

    /// This node among the others.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.node
    }

    /// Tells the other nodes, as far as they care. Never waits.
    pub fn tell(&self, message: impl FnOnce() -> Message) {
        let Some(outgoing) = &self.outgoing else {
            return;
        };
        if outgoing.try_send(message()).is_err() {
            self.shared.counters.dropped.add();
        }
    }

    /// Somebody began to listen to a room here, or the last one ceased.
    pub fn touch(&self, room: RoomId) {
        if self.outgoing.is_some() {
            self.shared.touched().insert(room);
            self.shared.touch.notify_one();
        }
    }

    /// A commit got no answer: what it would have changed is looked at in the store at once, and told
    /// here and to the others if it happened. Never waits.
    pub fn doubt(&self, changes: impl IntoIterator<Item = Change>) {
        self.shared.sweep.doubt(changes);
    }

    /// A node that was not known has spoken: it is to hear soon who is here.
    pub(crate) fn greet(&self) {
        self.shared.greet();
    }

    /// How this node stands to the others.
    #[must_use]
    pub fn state(&self) -> State {
        self.shared.state()
    }

    /// What happened since the start.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.shared.counters
    }
}

impl Inner {
    fn touched(&self) -> std::sync::MutexGuard<'_, HashSet<RoomId>> {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn greet(&self) {
        self.greeting.store(true, Ordering::Relaxed);
    }

    fn take_greeting(&self) -> bool {
        self.greeting.swap(false, Ordering::Relaxed)
    }

    fn state(&self) -> State {
        match self.state.load(Ordering::Relaxed) {
            0 => State::Alone,
            1 => State::Connected,
            _ => State::Away,
        }
    }

    fn set_state(&self, state: State) {
        self.state.store(state as u8, Ordering::Relaxed);
    }
}
