//! Does what is due: sends scheduled messages, rings reminders, takes away what is left of erased
//! accounts, a step at a time.
//!
//! Started by the app, owned by the lifecycle. One task; it sleeps until the next thing is due, and
//! is woken when this node keeps something new. It looks at times all the same: what another node
//! kept is done by whoever comes first, and wall clocks jump. What is due and not done when it
//! ends is found by the next one, on this node or on another. Ends when the server drains, or when
//! nobody holds the app any more.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use erc_protocol::Timestamp;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep};

use crate::clock::Clock;
use crate::hub::Hub;
use crate::lifecycle::Lifecycle;
use crate::ops::committer::Committer;
use crate::ops::{Error, Result, erasure, schedule};
use crate::seldom::Seldom;
use crate::store::Db;

/// It sleeps no longer than this.
const LONGEST: Duration = Duration::from_secs(30);
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
    pub clock: Clock,
    /// Knows who is there, for `@here`.
    pub hub: Arc<Hub>,
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
            let pause = match works.run_due().await {
                Ok(next) => works.until(next),
                Err(error) => {
                    if let Some(left_out) = FAILED.take(Instant::now().into_std()) {
                        tracing::warn!(%error, left_out, "what is due has to wait");
                    }
                    PAUSE
                }
            };
            tokio::select! {
                () = sleep(pause) => {}
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
    fn until(&self, next: Option<Timestamp>) -> Duration {
        let Some(next) = next else { return LONGEST };
        let ms = next.0.saturating_sub(self.clock.now().0);
        // A millisecond more: what is due then is due when it is looked for.
        let ms = u64::try_from(ms).unwrap_or(0).saturating_add(1);
        Duration::from_millis(ms).min(LONGEST)
    }

    /// Does everything that is due now, and says when the next thing is.
    pub async fn run_due(&self) -> Result<Option<Timestamp>> {
        loop {
            let now = self.clock.now();
            let rows = self.db.snapshot().await?.scheduled_due(now, BATCH).await?;
            let erases = erasure::step(&self.db, &self.committer).await?;
            if rows.is_empty() && !erases {
                break;
            }
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
            if let Some(error) = failure {
                return Err(error);
            }
        }
        Ok(self.db.snapshot().await?.next_scheduled().await?)
    }
}
