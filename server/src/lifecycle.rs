//! Start and two-stage stop. Every task of the server is named and tracked here.
//!
//! `drain`: no new connections, those that are in are told to come back later, running requests
//! end. `drop_rest`: what is left is dropped.

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

/// How much later each connection that is sent away makes the last one come back: 500 a second.
const RETURN: Duration = Duration::from_millis(2);
/// How long draining may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The server's life.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle {
    drain: CancellationToken,
    /// Over how long those who are sent away are asked to come back.
    spread: Arc<OnceLock<Duration>>,
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

    /// As [`Self::spawn`], for a task of which there are thousands: it has no span, which would cost
    /// more memory than the task.
    pub fn spawn_one_of_many<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.tasks.spawn(task)
    }

    /// A guard that counts as a task: [`Self::stopped`] waits for it.
    pub fn guard(&self) -> tokio_util::task::task_tracker::TaskTrackerToken {
        self.tasks.token()
    }

    /// Begins to stop with this many connections, which are sent away to come back one after the
    /// other.
    pub fn drain_all(&self, connections: usize) {
        let connections = u32::try_from(connections).unwrap_or(u32::MAX);
        let _ = self.spread.set(RETURN.saturating_mul(connections));
        self.drain();
    }

    /// Begins to stop.
    pub fn drain(&self) {
        self.drain.cancel();
    }

    /// Over how long those who are sent away come back: nobody waits when there are few, and many
    /// come one after the other.
    #[must_use]
    pub fn spread(&self) -> Duration {
        self.spread.get().copied().unwrap_or_default()
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
