//! Does what is due: sends scheduled messages, rings reminders, closes polls, deletes messages that go
//! by themselves, ends statuses, opens the doors again, takes away what is left of erased accounts, a
//! step at a time, deletes pictures that nobody shows any more.
//!
//! Started by the app, owned by the lifecycle. One task; it sleeps until the next thing is due, and
//! looks again soon after something was committed on this node. It looks at times all the same: what
//! another node kept is done by whoever comes first, and wall clocks jump. What is due and not done
//! when it ends is found by the next one, on this node or on another. Ends when the server drains, or
//! when nobody holds the app any more.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use erc_protocol::{MessageId, RoomId, Timestamp};
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep};

use crate::blobs::Blobs;
use crate::clock::Clock;
use crate::hub::Hub;
use crate::lifecycle::Lifecycle;
use crate::metrics::Metrics;
use crate::ops::committer::Committer;
use crate::ops::{Error, Result, emoji, erasure, expiry, polls, presence, raid, schedule};
use crate::seldom::Seldom;
use crate::store::Db;

/// It sleeps no longer than this.
const LONGEST: Duration = Duration::from_secs(30);
/// How often it looks whether anything was committed, and at the clock: what is due may be due earlier
/// by that.
const GLANCE: Duration = Duration::from_secs(1);
/// How long it waits when the store fails it.
const PAUSE: Duration = Duration::from_secs(1);
/// Rows that are done at a time.
const BATCH: i64 = 64;

static FAILED: Seldom = Seldom::new();

/// How the task is told that there is something new. Clones tell the same one.
#[derive(Debug, Clone, Default)]
pub struct Timer(Arc<Notify>);

impl Timer {
    /// Something may be due earlier than was known.
    pub fn wake(&self) {
        self.0.notify_one();
    }
}

/// What the task works with.
#[derive(Debug, Clone)]
pub struct Works {
    pub db: Db,
    pub committer: Committer,
    /// Where pictures are deleted that nobody shows any more.
    pub blobs: Blobs,
    pub clock: Clock,
    /// Knows who is there, for `@here`.
    pub hub: Arc<Hub>,
    /// Knows whether anything was committed.
    pub metrics: Arc<Metrics>,
}

/// Runs until `gone` is dropped or the server drains.
pub async fn run(
    works: Works,
    timer: Timer,
    lifecycle: Lifecycle,
    gone: oneshot::Receiver<Infallible>,
) {
    let working = async {
        loop {
            let seen = works.metrics.commits.transactions();
            let next = match works.run_due().await {
                Ok(next) => next,
                Err(error) => {
                    if let Some(left_out) = FAILED.take(Instant::now().into_std()) {
                        tracing::warn!(%error, left_out, "what is due has to wait");
                    }
                    sleep(PAUSE).await;
                    continue;
                }
            };
            tokio::select! {
                () = works.pause(next, seen) => {}
                () = timer.0.notified() => {}
            }
        }
    };
    tokio::select! {
        () = working => {}
        () = lifecycle.draining() => {}
        _ = gone => {}
    }
}

impl Works {
    /// Waits until this time by the wall clock, whatever that does meanwhile, or until more was
    /// committed than these transactions.
    async fn pause(&self, next: Option<Timestamp>, seen: u64) {
        let latest = Instant::now() + LONGEST;
        while Instant::now() < latest && self.metrics.commits.transactions() == seen {
            let ms = next.map_or(i64::MAX, |next| next.0.saturating_sub(self.clock.now().0));
            let Some(ms) = u64::try_from(ms).ok().filter(|ms| *ms > 0) else {
                return;
            };
            sleep(Duration::from_millis(ms).min(GLANCE)).await;
        }
    }

    /// Does everything that is due now, and says when the next thing is. Some of each in turn: many
    /// of one kind don't keep the others waiting.
    pub async fn run_due(&self) -> Result<Option<Timestamp>> {
        while self.run_scheduled().await?
            | self.run_polls().await?
            | self.run_presence().await?
            | self.run_reads().await?
            | self.run_expired().await?
            | self.run_raid().await?
            | self.run_emoji().await?
            | erasure::step(&self.db, &self.committer).await?
        {}
        let mut tx = self.db.snapshot().await?;
        let next = [
            tx.next_scheduled().await?,
            tx.next_presence_due().await?,
            tx.next_expiry().await?,
            tx.next_raid_end().await?,
            tx.next_poll_end().await?,
            tx.next_emoji_clearing().await?,
        ];
        Ok(next.into_iter().flatten().min())
    }

    /// Whether there was something to send or to ring.
    async fn run_scheduled(&self) -> Result<bool> {
        let now = self.clock.now();
        let rows = self.db.snapshot().await?.scheduled_due(now, BATCH).await?;
        let mut receipts = Vec::with_capacity(rows.len());
        for row in &rows {
            receipts.push(schedule::due(&self.committer, &self.hub, row).await?);
        }
        let mut failure = None;
        for receipt in receipts {
            match receipt.await {
                // The row says why, or is its owner's again.
                Ok(()) | Err(Error::Refused(_)) => {}
                Err(error) => failure = Some(error),
            }
        }
        failure.map_or(Ok(!rows.is_empty()), Err)
    }

    /// Whether there were polls whose time was over.
    async fn run_polls(&self) -> Result<bool> {
        let now = self.clock.now();
        let ended = self.db.snapshot().await?.polls_due(now, BATCH).await?;
        for poll in &ended {
            polls::due(&self.committer, *poll).await?.await?;
        }
        Ok(!ended.is_empty())
    }

    /// Whether something of somebody's presence was over.
    async fn run_presence(&self) -> Result<bool> {
        let now = self.clock.now();
        let users = self.db.snapshot().await?.presence_due(now, BATCH).await?;
        for user in &users {
            presence::due(&self.committer, &self.hub, *user).await?;
        }
        Ok(!users.is_empty())
    }

    /// Whether the doors were closed for long enough.
    async fn run_raid(&self) -> Result<bool> {
        let until = self.db.snapshot().await?.next_raid_end().await?;
        let is_over = until.is_some_and(|until| until <= self.clock.now());
        if is_over {
            raid::over(&self.committer).await?;
        }
        Ok(is_over)
    }

    /// Whether there were pictures of emoji that were to be deleted.
    async fn run_emoji(&self) -> Result<bool> {
        let now = self.clock.now();
        let rows = self.db.snapshot().await?.emoji_to_clear(now).await?;
        for row in &rows {
            emoji::clear(&self.committer, &self.blobs, row.id).await?;
        }
        Ok(!rows.is_empty())
    }

    /// Whether there was reading that messages waited for.
    async fn run_reads(&self) -> Result<bool> {
        let rows = self.db.snapshot().await?.reads_kept(BATCH).await?;
        for row in &rows {
            expiry::was_read(&self.committer, *row).await?.await?;
        }
        Ok(!rows.is_empty())
    }

    /// Whether there were messages whose time had come. One transaction after the other: what others
    /// write comes between.
    async fn run_expired(&self) -> Result<bool> {
        let now = self.clock.now();
        let rows = self.db.snapshot().await?.expired(now, BATCH).await?;
        let mut rooms: BTreeMap<RoomId, Vec<MessageId>> = BTreeMap::new();
        for (room, id) in &rows {
            rooms.entry(*room).or_default().push(*id);
        }
        for (room, ids) in rooms {
            expiry::due(&self.committer, room, ids).await?.await?;
        }
        Ok(!rows.is_empty())
    }
}
