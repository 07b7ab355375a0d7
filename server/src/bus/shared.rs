//! A bus in memory for several nodes in one process: for tests and the simulator, which tell it what
//! goes wrong.
//!
//! ```text
//! let bus = Shared::default();
//! let parts = || Parts { bus: Some(bus.clone()), ..Parts::default() };
//! let (a, b) = (App::open_with(…, parts()).await?, App::open_with(…, parts()).await?);
//! bus.on_each(move |_| if rng.percent(10) { Fate::Lost } else { Fate::Arrives });
//! bus.pause();   // nothing arrives …
//! bus.resume();  // … until now, then all of it, in order
//! bus.cut();     // the nodes notice, what is said meanwhile is lost …
//! bus.mend();    // … and they sweep at once
//! bus.calm();    // nothing goes wrong any more, and what is late arrives now
//! ```
//!
//! Messages pass through the same encoding as on a wire, and only to nodes that listen. Each node
//! has an inbox of [`INBOX`] payloads; what comes when it is full is lost, and the node is told so.
//! A node whose [`crate::app::App`] is gone is forgotten.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use erc_protocol::RoomId;
use tokio::sync::mpsc;

use super::runner::Heard;
use super::{NodeId, Subject};

/// Payloads that wait for a node.
const INBOX: usize = 65_536;

/// A message on its way to one node.
#[derive(Debug, Clone, Copy)]
pub struct Hop {
    pub from: NodeId,
    pub to: NodeId,
    pub subject: Subject,
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Arrives,
    Lost,
    Twice,
    /// It arrives after so many further messages to the same node, or when the bus is calm.
    Late(u32),
}

type Plan = Box<dyn FnMut(&Hop) -> Fate + Send>;

/// The bus; clones are the same one.
#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    nodes: BTreeMap<NodeId, Peer>,
    plan: Option<Plan>,
    is_cut: bool,
    /// Everything since it was paused.
    paused: Option<Vec<(NodeId, Subject, Bytes)>>,
}

struct Peer {
    rooms: HashSet<RoomId>,
    inbox: mpsc::Sender<Heard>,
    late: Vec<(u32, Bytes)>,
}

impl Shared {
    /// From now on this says what becomes of each message.
    pub fn on_each(&self, plan: impl FnMut(&Hop) -> Fate + Send + 'static) {
        self.lock().plan = Some(Box::new(plan));
    }

    /// Nothing goes wrong any more; what is late arrives now, the newest first.
    pub fn calm(&self) {
        self.mend();
        self.resume();
        let mut inner = self.lock();
        inner.plan = None;
        for peer in inner.nodes.values_mut() {
            for (_, payload) in std::mem::take(&mut peer.late).into_iter().rev() {
                peer.put(payload);
            }
        }
    }

    /// Holds everything back until [`Self::resume`]. Nodes don't notice.
    pub fn pause(&self) {
        self.lock().paused.get_or_insert_default();
    }

    /// Goes on, beginning with what was held back.
    pub fn resume(&self) {
        let mut inner = self.lock();
        for (from, subject, payload) in inner.paused.take().unwrap_or_default() {
            inner.carry(from, subject, &payload);
        }
    }

    /// Cuts every node off until [`Self::mend`]. They notice; what they say meanwhile is lost.
    pub fn cut(&self) {
        let mut inner = self.lock();
        inner.is_cut = true;
        inner.tell_all(&Heard::Away);
    }

    /// Connects them again.
    pub fn mend(&self) {
        let mut inner = self.lock();
        if std::mem::take(&mut inner.is_cut) {
            inner.tell_all(&Heard::Connected);
        }
    }

    /// Nodes that are attached.
    #[must_use]
    pub fn nodes(&self) -> usize {
        let mut inner = self.lock();
        inner.nodes.retain(|_, peer| !peer.inbox.is_closed());
        inner.nodes.len()
    }

    pub(super) fn attach(&self, node: NodeId) -> Port {
        let (inbox, incoming) = mpsc::channel(INBOX);
        let mut inner = self.lock();
        let first = if inner.is_cut {
            Heard::Away
        } else {
            Heard::Connected
        };
        let _ = inbox.try_send(first);
        let peer = Peer {
            rooms: HashSet::new(),
            inbox,
            late: Vec::new(),
        };
        inner.nodes.insert(node, peer);
        Port {
            node,
            bus: self.clone(),
            incoming,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}

impl Inner {
    fn tell_all(&self, heard: &Heard) {
        for peer in self.nodes.values() {
            let _ = peer.inbox.try_send(heard.clone());
        }
    }

    fn carry(&mut self, from: NodeId, subject: Subject, payload: &Bytes) {
        if self.is_cut {
            return;
        }
        if let Some(paused) = &mut self.paused {
            paused.push((from, subject, payload.clone()));
            return;
        }
        for (to, peer) in self.nodes.iter_mut().filter(|(to, _)| **to != from) {
            let is_for_it = match subject {
                Subject::Room(room) => peer.rooms.contains(&room),
                Subject::User(_) | Subject::All => true,
            };
            if !is_for_it {
                continue;
            }
            let hop = Hop {
                from,
                to: *to,
                subject,
            };
            let due = peer.due();
            match self.plan.as_mut().map_or(Fate::Arrives, |plan| plan(&hop)) {
                Fate::Arrives => peer.put(payload.clone()),
                Fate::Lost => {}
                Fate::Twice => {
                    peer.put(payload.clone());
                    peer.put(payload.clone());
                }
                Fate::Late(after) => peer.late.push((after.max(1), payload.clone())),
            }
            for payload in due {
                peer.put(payload);
            }
        }
    }
}

impl Peer {
    fn put(&self, payload: Bytes) {
        if self.inbox.capacity() > 1 {
            let _ = self.inbox.try_send(Heard::Payload(payload));
        } else {
            let _ = self.inbox.try_send(Heard::Missed);
        }
    }

    /// One more message comes by: what waited for that.
    fn due(&mut self) -> Vec<Bytes> {
        for (after, _) in &mut self.late {
            *after -= 1;
        }
        let due = self.late.extract_if(.., |(after, _)| *after == 0);
        due.map(|(_, payload)| payload).collect()
    }
}

/// One node's end.
#[derive(Debug)]
pub(super) struct Port {
    node: NodeId,
    bus: Shared,
    incoming: mpsc::Receiver<Heard>,
}

impl Port {
    pub(super) fn publish(&self, subject: Subject, payload: &Bytes) {
        self.bus.lock().carry(self.node, subject, payload);
    }

    pub(super) fn listen(&self, rooms: &[RoomId]) {
        if let Some(peer) = self.bus.lock().nodes.get_mut(&self.node) {
            peer.rooms.extend(rooms);
        }
    }

    pub(super) fn unlisten(&self, room: RoomId) {
        if let Some(peer) = self.bus.lock().nodes.get_mut(&self.node) {
            peer.rooms.remove(&room);
        }
    }

    pub(super) async fn heard(&mut self) -> Option<Heard> {
        self.incoming.recv().await
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.bus.lock().nodes.remove(&self.node);
    }
}
