//! What happened on the bus since the start, for operators.

use std::sync::atomic::{AtomicU64, Ordering};

/// A figure that only rises.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// One more.
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How many so far.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The figures of one node.
#[derive(Debug, Default)]
pub struct Counters {
    /// Messages handed to the carrier.
    pub sent: Count,
    /// Messages of other nodes that were understood.
    pub heard: Count,
    /// Payloads that no node of ours makes, or that a newer one does.
    pub broken: Count,
    /// Messages not sent: the queue was full, or the carrier was away.
    pub dropped: Count,
    /// Times that the carrier said it had left something out, because we were too slow.
    pub missed: Count,
    /// Times that the carrier came, or came back.
    pub connected: Count,
    /// Rooms and users whose newest change only the sweep told.
    pub healed: Count,
}
