//! Group commit: one writer gathers what has arrived into one transaction.
//!
//! Started by [`Committer::start`], owned by the lifecycle. It takes operations in the order of
//! their submission, runs each in its own part of one transaction (a failed one undoes only
//! itself), commits, publishes the changes in order, and only then answers. An answer is a promise
//! that survives `kill -9`. It ends when its queue is closed and empty: what was submitted is
//! carried out. The queue is bounded: when it is full, submitting waits.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use erc_protocol::{Message, Timestamp};
use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use super::change::{Change, Committed};
use super::error::{Error, Result};
use super::send::{self, Send};
use crate::clock::Clock;
use crate::failpoints::{Failpoints, Fault, Point};
use crate::hub::Hub;
use crate::store::{self, Db, Tx};

/// Operations that wait, at most.
const QUEUE: usize = 4_096;
/// Operations in one transaction, at most: beyond some hundred, a batch gains nothing more.
const BATCH: usize = 256;

/// What an operation did.
#[derive(Debug)]
pub struct Done<T> {
    /// The answer.
    pub value: T,
    /// What listeners learn, in order.
    pub changes: Vec<Change>,
}

impl<T> Done<T> {
    /// An answer and its changes.
    pub const fn new(value: T, changes: Vec<Change>) -> Self {
        Self { value, changes }
    }

    /// An answer that changes nothing.
    pub const fn unchanged(value: T) -> Self {
        Self {
            value,
            changes: Vec::new(),
        }
    }
}

/// The answer to come.
#[derive(Debug)]
pub struct Receipt<T>(oneshot::Receiver<Result<T>>);

impl<T> Future for Receipt<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0)
            .poll(cx)
            .map(|answer| answer.unwrap_or_else(|_| Err(shutting_down())))
    }
}

fn shutting_down() -> Error {
    Error::Store(store::Error::Unavailable("the server is stopping".into()))
}

/// Where operations are submitted. Clones share the queue.
#[derive(Debug, Clone)]
pub struct Committer {
    queue: mpsc::Sender<Entry>,
}

enum Entry {
    Send(SendEntry),
    Work(Box<dyn Work>),
}

struct SendEntry {
    send: Send,
    reply: oneshot::Sender<Result<Message>>,
}

/// An operation of any answer type.
trait Work: std::marker::Send {
    fn run(self: Box<Self>, tx: &mut Tx, now: Timestamp) -> BoxFuture<'_, Box<dyn Outcome>>;
    fn refuse(self: Box<Self>, error: Error);
}

/// An operation that was run and waits for the commit.
trait Outcome: std::marker::Send {
    fn is_ok(&self) -> bool;
    fn changes(&mut self) -> Vec<Change>;
    /// Tells the caller; `lost` if the transaction was.
    fn answer(self: Box<Self>, lost: Option<Error>);
}

struct Job<T, F> {
    work: F,
    reply: oneshot::Sender<Result<T>>,
}

struct Ran<T> {
    result: Result<Done<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T, F> Work for Job<T, F>
where
    T: std::marker::Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx, Timestamp) -> BoxFuture<'t, Result<Done<T>>>
        + std::marker::Send
        + 'static,
{
    fn run(self: Box<Self>, tx: &mut Tx, now: Timestamp) -> BoxFuture<'_, Box<dyn Outcome>> {
        Box::pin(async move {
            let result = (self.work)(tx, now).await;
            Box::new(Ran {
                result,
                reply: self.reply,
            }) as Box<dyn Outcome>
        })
    }

    fn refuse(self: Box<Self>, error: Error) {
        let _ = self.reply.send(Err(error));
    }
}

impl<T: std::marker::Send> Outcome for Ran<T> {
    fn is_ok(&self) -> bool {
        self.result.is_ok()
    }

    fn changes(&mut self) -> Vec<Change> {
        self.result
            .as_mut()
            .map(|done| std::mem::take(&mut done.changes))
            .unwrap_or_default()
    }

    fn answer(self: Box<Self>, lost: Option<Error>) {
        let result = match lost {
            Some(error) => Err(error),
            None => self.result.map(|done| done.value),
        };
        // The caller may have gone; what is done is done.
        let _ = self.reply.send(result);
    }
}

impl Committer {
    /// Begins; the future is the writer and is spawned by the lifecycle.
    pub fn start(
        db: Db,
        hub: Arc<Hub>,
        clock: Clock,
        failpoints: Failpoints,
    ) -> (Self, impl Future<Output = ()>) {
        let (queue, entries) = mpsc::channel(QUEUE);
        let writer = Writer {
            db,
            hub,
            clock,
            failpoints,
        };
        (Self { queue }, writer.write(entries))
    }

    /// Submits an operation. Waits only for a place in the queue; operations are carried out in
    /// the order of submission.
    pub async fn submit<T, F>(&self, work: F) -> Result<Receipt<T>>
    where
        T: std::marker::Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx, Timestamp) -> BoxFuture<'t, Result<Done<T>>>
            + std::marker::Send
            + 'static,
    {
        let (reply, receipt) = oneshot::channel();
        self.push(Entry::Work(Box::new(Job { work, reply })))
            .await?;
        Ok(Receipt(receipt))
    }

    /// Submits a message: sends that stand together share their statements.
    pub async fn submit_send(&self, send: Send) -> Result<Receipt<Message>> {
        let (reply, receipt) = oneshot::channel();
        self.push(Entry::Send(SendEntry { send, reply })).await?;
        Ok(Receipt(receipt))
    }

    async fn push(&self, entry: Entry) -> Result<()> {
        self.queue.send(entry).await.map_err(|_| shutting_down())
    }
}

struct Writer {
    db: Db,
    hub: Arc<Hub>,
    clock: Clock,
    failpoints: Failpoints,
}

/// Why a batch has no answers.
enum Lost {
    /// The database's error.
    Error(store::Error),
    /// A test says that this process is dead.
    Death,
}

impl From<store::Error> for Lost {
    fn from(error: store::Error) -> Self {
        Self::Error(error)
    }
}

impl Writer {
    async fn write(self, mut entries: mpsc::Receiver<Entry>) {
        let mut batch = Vec::with_capacity(BATCH);
        while entries.recv_many(&mut batch, BATCH).await > 0 {
            let mut ran: Vec<Box<dyn Outcome>> = Vec::with_capacity(batch.len());
            let lost = match self.carry_out(&mut batch, &mut ran).await {
                Ok(()) => None,
                Err(Lost::Error(error)) => {
                    tracing::error!(%error, "a batch was lost");
                    Some(error)
                }
                Err(Lost::Death) => return lie_dead(entries, batch, ran).await,
            };
            if lost.is_none() {
                for outcome in &mut ran {
                    for change in outcome.changes() {
                        self.hub.publish(Committed::new(change));
                    }
                }
                if self.failpoints.at(Point::AfterPublish).is_some() {
                    return lie_dead(entries, batch, ran).await;
                }
            }
            for outcome in ran {
                outcome.answer(lost.as_ref().map(lost_again));
            }
            for entry in batch.drain(..) {
                refuse(entry, lost.as_ref().map_or_else(shutting_down, lost_again));
            }
        }
    }

    fn pass(&self, point: Point) -> std::result::Result<(), Lost> {
        match self.failpoints.at(point) {
            None => Ok(()),
            Some(Fault::Error) => Err(Lost::Error(store::Error::Unavailable(
                "a failure on purpose".into(),
            ))),
            Some(Fault::Death) => Err(Lost::Death),
        }
    }

    /// Runs the batch in one transaction and commits it. On an error nothing happened, or, if the
    /// commit itself failed, perhaps all of it: what was run is in `ran`, what was not is still in
    /// `batch`.
    async fn carry_out(
        &self,
        batch: &mut Vec<Entry>,
        ran: &mut Vec<Box<dyn Outcome>>,
    ) -> std::result::Result<(), Lost> {
        let mut tx = self.db.begin().await?;
        self.pass(Point::Begun)?;
        let now = self.clock.now();
        let mut rest = std::mem::take(batch).into_iter().peekable();
        let result: store::Result<()> = async {
            while let Some(entry) = rest.next() {
                match entry {
                    Entry::Send(first) => {
                        let mut group = vec![first];
                        while let Some(Entry::Send(next)) =
                            rest.next_if(|entry| matches!(entry, Entry::Send(_)))
                        {
                            group.push(next);
                        }
                        run_sends(&mut tx, group, ran, now).await?;
                    }
                    Entry::Work(work) => run_work(&mut tx, work, ran, now).await?,
                }
            }
            Ok(())
        }
        .await;
        batch.extend(rest);
        result?;
        self.pass(Point::BeforeCommit)?;
        tx.commit().await?;
        self.pass(Point::AfterCommit)
    }
}

/// What a dead process does: nothing, until the last one who could ask has gone.
async fn lie_dead(
    mut entries: mpsc::Receiver<Entry>,
    _batch: Vec<Entry>,
    _ran: Vec<Box<dyn Outcome>>,
) {
    let mut unanswered = Vec::new();
    while let Some(entry) = entries.recv().await {
        unanswered.push(entry);
    }
}

/// Every operation of a lost batch is told the same.
fn lost_again(error: &store::Error) -> Error {
    match error {
        store::Error::Unavailable(why) => Error::Store(store::Error::Unavailable(why.clone())),
        other => Error::Internal(other.to_string()),
    }
}

fn refuse(entry: Entry, error: Error) {
    match entry {
        Entry::Send(entry) => {
            let _ = entry.reply.send(Err(error));
        }
        Entry::Work(work) => work.refuse(error),
    }
}

async fn run_work(
    tx: &mut Tx,
    work: Box<dyn Work>,
    ran: &mut Vec<Box<dyn Outcome>>,
    now: Timestamp,
) -> store::Result<()> {
    if let Err(error) = tx.savepoint().await {
        work.refuse(lost_again(&error));
        return Err(error);
    }
    let outcome = work.run(tx, now).await;
    let settled = if outcome.is_ok() {
        tx.release().await
    } else {
        tx.undo().await
    };
    ran.push(outcome);
    settled
}

async fn run_sends(
    tx: &mut Tx,
    group: Vec<SendEntry>,
    ran: &mut Vec<Box<dyn Outcome>>,
    now: Timestamp,
) -> store::Result<()> {
    let (sends, replies): (Vec<_>, Vec<_>) = group
        .into_iter()
        .map(|entry| (entry.send, entry.reply))
        .unzip();
    match send::send_all(tx, &sends, now).await {
        Ok(results) => {
            for (result, reply) in results.into_iter().zip(replies) {
                ran.push(Box::new(Ran { result, reply }));
            }
            Ok(())
        }
        Err(error) => {
            for reply in replies {
                let _ = reply.send(Err(lost_again(&error)));
            }
            Err(error)
        }
    }
}
