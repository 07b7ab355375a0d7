//! Group commit: a lane gathers what has arrived into one transaction.
//!
//! Started by [`Committer::start`], its writers owned by the lifecycle. A lane takes operations in
//! the order of their submission, carries them out, commits, publishes the changes in order, and
//! only then answers. An answer is a promise that survives `kill -9`. Operations that speak of the
//! same [`Lane`] never overtake each other. SQLite has one writer, so it has one lane and a whole
//! batch is one transaction; PostgreSQL has [`LANES`], and there only sends share a transaction.
//! A lane ends when its queue is closed and empty: what was submitted is carried out. The queues
//! are bounded: when one is full, submitting waits.

mod entry;
mod writer;

use std::future::Future;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use erc_protocol::{Message, MessageId, RoomId, Timestamp, UserId};
use futures_util::future::{BoxFuture, join_all};
use tokio::sync::{mpsc, oneshot};
use tracing::Span;

use super::error::{Error, Result};
use super::send::Send;
use crate::clock::Clock;
use crate::failpoints::Failpoints;
use crate::hub::Hub;
use crate::metrics::Metrics;
use crate::slow::Slow;
use crate::store::{self, Db, Tx};

pub use entry::{Done, Receipt};
use entry::{Entry, Job, SendEntry};
use writer::Writer;

/// Operations that wait in a lane, at most.
const QUEUE: usize = 4_096;
/// Lanes where the database takes several writers. Each holds a connection while it works.
pub const LANES: usize = 8;

/// What an operation is about: those about the same are carried out in the order of submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// A room, its members and its messages.
    Room(RoomId),
    /// A message whose room is not known yet.
    Message(MessageId),
    /// A user, their sessions and their read marks.
    User(UserId),
    /// A refresh token whose session is not known yet.
    Token(u64),
    /// Nothing that is there already: any lane does.
    New,
}

/// What looks on while the lanes work.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    pub metrics: Arc<Metrics>,
    pub slow: Slow,
    /// A test's hand in it.
    pub failpoints: Failpoints,
}

/// Where operations are submitted. Clones share the lanes.
#[derive(Debug, Clone)]
pub struct Committer {
    lanes: Arc<[mpsc::Sender<Entry>]>,
}

impl Committer {
    /// Begins; the future is the writers' and is spawned by the lifecycle.
    pub fn start(
        db: Db,
        hub: Arc<Hub>,
        clock: Clock,
        watch: Watch,
    ) -> (Self, impl Future<Output = ()>) {
        let lanes = match &db {
            Db::Sqlite { .. } => 1,
            Db::Postgres { .. } => LANES,
        };
        let writer = Writer::new(db, hub, clock, watch);
        let (lanes, writers): (Vec<_>, Vec<_>) = (0..lanes)
            .map(|_| {
                let (queue, entries) = mpsc::channel(QUEUE);
                (queue, writer.another().write(entries))
            })
            .unzip();
        let lanes = lanes.into();
        (Self { lanes }, async {
            join_all(writers).await;
        })
    }

    /// Submits an operation. Waits only for a place in the queue.
    pub async fn submit<T, F>(&self, lane: Lane, work: F) -> Result<Receipt<T>>
    where
        T: std::marker::Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx, Timestamp) -> BoxFuture<'t, Result<Done<T>>>
            + std::marker::Send
            + 'static,
    {
        let (reply, receipt) = oneshot::channel();
        let span = Span::current();
        let job = Box::new(Job { work, reply, span });
        self.push(lane, Entry::Work(job)).await?;
        Ok(Receipt(receipt))
    }

    /// Submits a message: sends that stand together share their statements.
    pub async fn submit_send(&self, send: Send) -> Result<Receipt<Message>> {
        let (reply, receipt) = oneshot::channel();
        let lane = Lane::Room(send.room);
        self.push(
            lane,
            Entry::Send(Box::new(SendEntry {
                send: send.into(),
                reply,
            })),
        )
        .await?;
        Ok(Receipt(receipt))
    }

    async fn push(&self, lane: Lane, entry: Entry) -> Result<()> {
        self.queue(lane)
            .send(entry)
            .await
            .map_err(|_| shutting_down())
    }

    fn queue(&self, lane: Lane) -> &mpsc::Sender<Entry> {
        let mut hash = DefaultHasher::new();
        lane.hash(&mut hash);
        let count = self.lanes.len() as u64;
        let place = usize::try_from(hash.finish() % count).unwrap_or(0);
        &self.lanes[place]
    }

    /// Operations that wait now, in all lanes.
    #[must_use]
    pub fn waiting(&self) -> usize {
        let waiting = |lane: &mpsc::Sender<Entry>| lane.max_capacity() - lane.capacity();
        self.lanes.iter().map(waiting).sum()
    }
}

fn shutting_down() -> Error {
    Error::Store(store::Error::Unavailable("the server is stopping".into()))
}
