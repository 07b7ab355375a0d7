//! A lane's writer: batches become transactions.

use std::sync::Arc;

use erc_protocol::Timestamp;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::super::change::Committed;
use super::super::error::{Error, Result};
use super::super::send::{self, Accepted, MessageIds, Signed};
use super::Watch;
use super::entry::{Entry, Outcome, SendEntry, Sent, Work};
use crate::clock::Clock;
use crate::failpoints::{Failpoints, Fault, Point};
use crate::hub::Hub;
use crate::seldom::Seldom;
use crate::store::{self, Db, Tx};

/// Operations in one transaction, at most: beyond some hundred, a batch gains nothing more.
const BATCH: usize = 256;
/// Batches that are committed and wait to be told; when there are as many, committing waits.
const PIPELINE: usize = 4;
/// How often sends that met another writer are tried.
const TRIES: usize = 4;

static LOST: Seldom = Seldom::new();

/// Why a batch has no answers.
enum Lost {
    /// The database's error: nothing happened.
    Error(store::Error),
    /// The commit itself failed: it happened, or it did not.
    Doubt(store::Error),
    /// A test says that this process is dead.
    Death,
}

impl From<store::Error> for Lost {
    fn from(error: store::Error) -> Self {
        Self::Error(error)
    }
}

/// One lane's.
pub(super) struct Writer {
    db: Db,
    hub: Arc<Hub>,
    clock: Clock,
    watch: Watch,
    ids: MessageIds,
}

impl Writer {
    pub(super) fn new(db: Db, hub: Arc<Hub>, clock: Clock, watch: Watch) -> Self {
        Self {
            db,
            hub,
            clock,
            watch,
            ids: MessageIds::default(),
        }
    }

    /// The same for another lane.
    pub(super) fn another(&self) -> Self {
        let (db, hub) = (self.db.clone(), self.hub.clone());
        Self::new(db, hub, self.clock.clone(), self.watch.clone())
    }

    /// Works until the queue is closed and empty. What is committed is told by a second task, in
    /// order, while this one goes on with the next batch.
    pub(super) async fn write(self, entries: mpsc::Receiver<Entry>) {
        let (told, committed) = mpsc::channel(PIPELINE);
        let publisher = Publisher {
            hub: self.hub.clone(),
            failpoints: self.watch.failpoints.clone(),
        };
        let publishing = tokio::spawn(publisher.run(committed));
        self.commit_all(entries, told).await;
        if let Err(error) = publishing.await {
            tracing::error!(%error, "the publisher failed");
        }
    }

    async fn commit_all(
        mut self,
        mut entries: mpsc::Receiver<Entry>,
        committed: mpsc::Sender<Vec<Box<dyn Outcome>>>,
    ) {
        let mut batch = Vec::with_capacity(BATCH);
        while entries.recv_many(&mut batch, BATCH).await > 0 {
            let mut rest = std::mem::take(&mut batch);
            while !rest.is_empty() {
                let later = rest.split_off(self.part(&rest));
                let mut ran = Vec::with_capacity(rest.len());
                let began = Instant::now();
                match self.carry_out(rest, &mut ran).await {
                    Ok(()) => {
                        self.count(&ran, began);
                        if committed.send(ran).await.is_err() {
                            return lie_dead(entries, Vec::new(), later).await;
                        }
                    }
                    Err(Lost::Error(error)) => self.give_up(ran, &error),
                    Err(Lost::Doubt(error)) => {
                        let changes = ran.iter_mut().flat_map(|outcome| outcome.changes());
                        self.hub.bus().doubt(changes);
                        self.give_up(ran, &error);
                    }
                    Err(Lost::Death) => return lie_dead(entries, ran, later).await,
                }
                rest = later;
            }
            batch = rest;
        }
    }

    /// How many of these are one transaction. Where there are several writers, an operation that
    /// is not a send has one of its own: it holds the locks of one operation at a time, so that
    /// lanes never wait for each other in a circle.
    fn part(&self, entries: &[Entry]) -> usize {
        match &self.db {
            Db::Sqlite { .. } => entries.len(),
            Db::Postgres { .. } => entries
                .iter()
                .take_while(|entry| entry.is_send())
                .count()
                .max(1),
        }
    }

    fn count(&self, ran: &[Box<dyn Outcome>], began: Instant) {
        let operations = ran.len();
        let messages = ran.iter().filter(|outcome| outcome.is_new_message());
        self.watch.metrics.commits.committed(
            operations,
            messages.count(),
            began.elapsed().as_secs_f64(),
        );
        if let Some(took_ms) = self.watch.slow.since(began) {
            tracing::warn!(took_ms, operations, "a slow transaction");
        }
    }

    /// Tells those who asked that their batch was lost.
    fn give_up(&self, ran: Vec<Box<dyn Outcome>>, error: &store::Error) {
        self.watch.metrics.commits.failed();
        if let Some(left_out) = LOST.take(Instant::now().into_std()) {
            let operations = ran.len();
            tracing::error!(%error, operations, left_out, "a batch was lost; clients try again");
        }
        for outcome in ran {
            outcome.answer(Some(lost_again(error)));
        }
    }

    fn pass(&self, point: Point) -> std::result::Result<(), Lost> {
        match self.watch.failpoints.at(point) {
            None => Ok(()),
            Some(Fault::Error) => Err(Lost::Error(store::Error::Unavailable(
                "a failure on purpose".into(),
            ))),
            Some(Fault::Death) => Err(Lost::Death),
        }
    }

    /// Everything in one transaction; all of it ends up in `ran`. On an error nothing happened, or,
    /// if the commit itself failed, perhaps all of it.
    async fn carry_out(
        &mut self,
        entries: Vec<Entry>,
        ran: &mut Vec<Box<dyn Outcome>>,
    ) -> std::result::Result<(), Lost> {
        let sends = entries.iter().filter(|entry| entry.is_send()).count();
        let begun = async {
            self.ids.reserve(&self.db, sends * send::IDS_EACH).await?;
            self.db.begin().await
        };
        let mut tx = match begun.await {
            Ok(tx) => tx,
            Err(error) => {
                for entry in entries {
                    entry.refuse(lost_again(&error));
                }
                return Err(error.into());
            }
        };
        self.pass(Point::Begun)?;
        let now = self.clock.now();
        let mut failed: Option<store::Error> = None;
        let mut rest = entries.into_iter().peekable();
        while let Some(entry) = rest.next() {
            if let Some(error) = &failed {
                entry.refuse(lost_again(error));
                continue;
            }
            let result = match entry {
                Entry::Send(first) => {
                    let mut group = vec![*first];
                    while let Some(Entry::Send(next)) = rest.next_if(Entry::is_send) {
                        group.push(*next);
                    }
                    self.run_sends(&mut tx, group, ran, now).await
                }
                Entry::Work(work) => run_work(&mut tx, work, ran, now).await,
            };
            failed = result.err();
        }
        if let Some(error) = failed {
            return Err(error.into());
        }
        self.pass(Point::BeforeCommit)?;
        let committed = tx.commit().await.map_err(store::Error::of_commit);
        committed.map_err(Lost::Doubt)?;
        self.pass(Point::AfterCommit).map_err(|lost| match lost {
            Lost::Error(error) => Lost::Doubt(error),
            lost => lost,
        })
    }

    /// Sends that meet another writer (a deadlock, or the same message through another node) are
    /// undone and tried again.
    async fn run_sends(
        &mut self,
        tx: &mut Tx,
        group: Vec<SendEntry>,
        ran: &mut Vec<Box<dyn Outcome>>,
        now: Timestamp,
    ) -> store::Result<()> {
        let (sends, replies): (Vec<_>, Vec<_>) = group
            .into_iter()
            .map(|entry| (entry.send, entry.reply))
            .unzip();
        match self.try_sends(tx, &sends, now).await {
            Ok(results) => {
                for (result, reply) in results.into_iter().zip(replies) {
                    ran.push(Box::new(Sent { result, reply }));
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

    async fn try_sends(
        &mut self,
        tx: &mut Tx,
        sends: &[Signed],
        now: Timestamp,
    ) -> store::Result<Vec<Result<Accepted>>> {
        let alone = matches!(tx, Tx::Postgres(_));
        let mut tries = 0;
        loop {
            tries += 1;
            match send::send_all(tx, &mut self.ids, sends, now).await {
                Err(error) if alone && error.met_another_writer() && tries < TRIES => {
                    tracing::debug!(%error, tries, "sends met another writer");
                    let ids = sends.len() * send::IDS_EACH;
                    self.ids.reserve(&self.db, ids).await?;
                    *tx = self.db.begin().await?;
                }
                result => return result,
            }
        }
    }
}

/// Tells of what a lane has committed: first those who listen, then those who asked.
struct Publisher {
    hub: Arc<Hub>,
    failpoints: Failpoints,
}

impl Publisher {
    /// Ends when the writer does and everything is told; or, for tests, when this process is dead:
    /// then it leaves what it never answered.
    async fn run(
        self,
        mut committed: mpsc::Receiver<Vec<Box<dyn Outcome>>>,
    ) -> Vec<Box<dyn Outcome>> {
        while let Some(mut ran) = committed.recv().await {
            let changes = ran.iter_mut().flat_map(|outcome| outcome.changes());
            self.hub.publish(changes.map(Committed::new));
            if self.failpoints.at(Point::AfterPublish).is_some() {
                return ran;
            }
            for outcome in ran {
                outcome.answer(None);
            }
        }
        Vec::new()
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

/// Every operation of a lost batch is told the same.
fn lost_again(error: &store::Error) -> Error {
    match error {
        store::Error::Unavailable(why) => Error::Store(store::Error::Unavailable(why.clone())),
        store::Error::Contention(why) => Error::Store(store::Error::Contention(why.clone())),
        other => Error::Internal(other.to_string()),
    }
}

/// What a dead process does: nothing, until the last one who could ask has gone.
async fn lie_dead(
    mut entries: mpsc::Receiver<Entry>,
    _ran: Vec<Box<dyn Outcome>>,
    mut unanswered: Vec<Entry>,
) {
    while let Some(entry) = entries.recv().await {
        unanswered.push(entry);
    }
}
