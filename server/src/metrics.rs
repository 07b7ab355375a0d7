//! What an operator watches: figures of this process since its start, in the text format of
//! Prometheus.
//!
//! Counting costs one relaxed addition and never waits, except for histograms and labelled figures,
//! whose locks are held for a moment and never on the way of a frame to a listener. What is known
//! anyway (who is connected, what waits) is not counted but read when somebody asks: [`page()`].
//! Labels come from small fixed sets, never from what clients send.

mod page;
mod process;

use std::sync::atomic::{AtomicU64, Ordering};

use erc_protocol::ErrorCode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;

pub use page::page;

/// A figure with one label.
type By<L> = Family<[(&'static str, L); 1], Counter>;

/// Durations of requests, by method and route.
type Durations = Family<[(&'static str, String); 2], Histogram, fn() -> Histogram>;

/// Seconds from half a millisecond, which is a good answer, to ten seconds.
const SECONDS: [f64; 13] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];
/// Operations in one transaction.
const OPERATIONS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// Everything that is counted.
#[derive(Debug, Default)]
pub struct Metrics {
    pub requests: Requests,
    pub commits: Commits,
    pub sockets: Sockets,
    pub catch_ups: CatchUps,
    /// Errors told to clients, over HTTP and sockets.
    errors: By<String>,
}

impl Metrics {
    /// A client was told this.
    pub fn error(&self, code: ErrorCode) {
        let label = [("code", code.to_string())];
        self.errors.get_or_create(&label).inc();
    }
}

/// HTTP requests, by the template of their route.
#[derive(Debug)]
pub struct Requests {
    answered: Family<[(&'static str, String); 3], Counter>,
    seconds: Durations,
}

impl Default for Requests {
    fn default() -> Self {
        Self {
            answered: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
        }
    }
}

impl Requests {
    /// One was answered.
    pub fn answered(&self, method: &str, route: &str, status: u16, seconds: f64) {
        let (method, route) = (("method", method.to_owned()), ("route", route.to_owned()));
        let labels = [
            method.clone(),
            route.clone(),
            ("status", status.to_string()),
        ];
        self.answered.get_or_create(&labels).inc();
        self.seconds
            .get_or_create(&[method, route])
            .observe(seconds);
    }
}

/// Transactions of the committer.
#[derive(Debug)]
pub struct Commits {
    transactions: AtomicU64,
    carried_out: AtomicU64,
    messages: Counter,
    operations: Histogram,
    seconds: Histogram,
    failed: Counter,
}

impl Default for Commits {
    fn default() -> Self {
        Self {
            transactions: AtomicU64::new(0),
            carried_out: AtomicU64::new(0),
            messages: Counter::default(),
            operations: Histogram::new(OPERATIONS),
            seconds: Histogram::new(SECONDS),
            failed: Counter::default(),
        }
    }
}

impl Commits {
    /// One is durable.
    pub fn committed(&self, operations: usize, messages: usize, seconds: f64) {
        self.transactions.fetch_add(1, Ordering::Relaxed);
        self.carried_out
            .fetch_add(operations as u64, Ordering::Relaxed);
        let operations = u32::try_from(operations).unwrap_or(u32::MAX);
        self.operations.observe(f64::from(operations));
        self.seconds.observe(seconds);
        self.messages.inc_by(messages as u64);
    }

    /// How many are durable.
    pub(crate) fn transactions(&self) -> u64 {
        self.transactions.load(Ordering::Relaxed)
    }

    /// How many operations those carried out.
    pub(crate) fn carried_out(&self) -> u64 {
        self.carried_out.load(Ordering::Relaxed)
    }

    /// One was lost; everybody who waited for it was told.
    pub fn failed(&self) {
        self.failed.inc();
    }
}

/// Sockets and what goes over them.
#[derive(Debug, Default)]
pub struct Sockets {
    opened: Counter,
    closed: By<&'static str>,
    read: Counter,
    frames: Counter,
    bytes: Counter,
    /// Sent away for a while, because too many came at once.
    pub(crate) sent_away: Counter,
}

impl Sockets {
    /// One was opened.
    pub fn opened(&self) {
        self.opened.inc();
    }

    /// One was closed, for this reason.
    pub fn closed(&self, reason: &'static str) {
        self.closed.get_or_create(&[("reason", reason)]).inc();
    }

    /// A frame was read.
    pub fn read(&self) {
        self.read.inc();
    }

    /// So many bytes were written, and with them so many frames were done.
    pub fn wrote(&self, frames: u64, bytes: usize) {
        self.frames.inc_by(frames);
        self.bytes.inc_by(bytes as u64);
    }
}

/// Rooms that were caught up from the store.
#[derive(Debug, Default)]
pub struct CatchUps {
    batches: By<&'static str>,
    /// Connections that fell behind the ring of a room.
    pub(crate) behind: Counter,
}

impl CatchUps {
    /// A batch with every change.
    pub fn whole(&self) {
        self.add("whole");
    }

    /// A batch that left a hole.
    pub fn limited(&self) {
        self.add("limited");
    }

    /// A head without rows.
    pub fn head(&self) {
        self.add("head");
    }

    fn add(&self, kind: &'static str) {
        self.batches.get_or_create(&[("kind", kind)]).inc();
    }
}
