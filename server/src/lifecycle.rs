//! Start and two-stage stop. Every task of the server is named and tracked here.
//!
//! `drain`: no new connections, those that are in are told to come back later, running requests
//! end. `drop_rest`: what is left is dropped.

use std::future::Future;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

/// How long draining may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The server's life.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle {
    drain: CancellationToken,
    tasks: TaskTracker,
}

impl Lifecycle {
    /// Runs a task until it ends.
    pub fn spawn<F>(&self, name: &'static str, task: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.tasks
            .spawn(task.instrument(tracing::info_span!("task", name)))
    }

    /// A guard that counts as a task: [`Self::stopped`] waits for it.
    pub fn guard(&self) -> tokio_util::task::task_tracker::TaskTrackerToken {
        self.tasks.token()
    }

    /// Begins to stop.
    pub fn drain(&self) {
        self.drain.cancel();
    }

    /// Whether the server is stopping.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.drain.is_cancelled()
    }

    /// Ends when the server begins to stop.
    pub fn draining(&self) -> WaitForCancellationFuture<'_> {
        self.drain.cancelled()
    }

    /// Waits until every task has ended, but not for ever; `false` if some had to be left.
    pub async fn stopped(&self) -> bool {
        self.tasks.close();
        tokio::time::timeout(PATIENCE, self.tasks.wait())
            .await
            .is_ok()
    }
}

/// Ends at the first SIGTERM or SIGINT.
pub async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
