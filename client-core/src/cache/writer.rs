//! The thread that writes. Started by [`super::Store::open`]; owns the only writing connection;
//! each job is one transaction, answered after its commit. Ends when the store is closed (or the
//! last handle is dropped), after the jobs that are queued. A full queue makes callers wait.

use std::thread::JoinHandle;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use crate::{
    error::{Error, Result},
    failpoints::{Failpoints, Point},
};

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// Jobs that may wait.
const QUEUE: usize = 64;

#[derive(Debug, Clone)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    failpoints: Failpoints,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(
        mut conn: Connection,
        failpoints: Failpoints,
    ) -> Result<(Self, JoinHandle<()>)> {
        conn.set_prepared_statement_cache_capacity(128);
        let (jobs, mut queue) = mpsc::channel::<Job>(QUEUE);
        let thread = std::thread::Builder::new()
            .name("erc-store".to_owned())
            .spawn(move || {
                while let Some(job) = queue.blocking_recv() {
                    job(&mut conn);
                }
            })
            .map_err(|e| Error::Storage(format!("can't start the store's thread: {e}")))?;
        Ok((Self { jobs, failpoints }, thread))
    }

    /// Runs a transaction: all of it or, on an error, nothing. Runs even if the caller goes away.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        let failpoints = self.failpoints.clone();
        let job: Job = Box::new(move |conn| {
            // A caller that went away doesn't want the answer; the work is done all the same.
            let _ = answer.send(transact(conn, &failpoints, work));
        });
        self.jobs.send(job).await.map_err(|_| closed())?;
        result.await.map_err(|_| closed())?
    }
}

fn transact<T>(
    conn: &mut Connection,
    failpoints: &Failpoints,
    work: impl FnOnce(&Transaction<'_>) -> Result<T>,
) -> Result<T> {
    let pass = |point| {
        if failpoints.is_dead(point) {
            Err(closed())
        } else {
            Ok(())
        }
    };
    pass(Point::Begun)?;
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = work(&tx)?;
    pass(Point::BeforeCommit)?;
    tx.commit()?;
    pass(Point::AfterCommit)?;
    Ok(value)
}

pub(crate) fn closed() -> Error {
    Error::Storage("the account is closed".to_owned())
}
