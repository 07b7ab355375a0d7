//! A server node: the real parts on a runtime of their own, which ends as a process does when it is
//! killed: between any two steps of any task, with no goodbye.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use erc_server::{
    app::{App, Parts},
    bus::{shared::Shared, sweep::Times},
    clock::Clock,
    config::Config,
    failpoints::{Failpoints, Fault, Point},
    lifecycle::Lifecycle,
};
use tokio::{net::TcpListener, runtime::Runtime};

use super::{plan::NodeFault, tally::Tally};

/// Sweeps are more often than in life, as all waits here are shorter.
fn sweeps() -> Times {
    Times {
        rooms: Duration::from_millis(250),
        users: Duration::from_millis(300),
        jitter: Duration::from_millis(20),
        grace: Duration::from_millis(20),
        ..Times::default()
    }
}

/// A fault that waits for its moment.
#[derive(Debug)]
struct Armed {
    point: Point,
    fault: Fault,
    after: u8,
    times: u8,
}

/// The faults of one node, as its committer asks for them.
#[derive(Debug, Default)]
struct Faults {
    armed: Mutex<Vec<Armed>>,
    is_dead: AtomicBool,
    is_on: AtomicBool,
}

impl Faults {
    fn armed(&self) -> std::sync::MutexGuard<'_, Vec<Armed>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at(&self, point: Point, tally: &Tally) -> Option<Fault> {
        if self.is_dead.load(Ordering::SeqCst) {
            return Some(Fault::Death);
        }
        if !self.is_on.load(Ordering::SeqCst) {
            return None;
        }
        let mut armed = self.armed();
        let found = armed.iter_mut().find(|armed| armed.point == point)?;
        if found.after > 0 {
            found.after -= 1;
            return None;
        }
        let fault = found.fault;
        found.times = found.times.saturating_sub(1);
        armed.retain(|armed| armed.times > 0);
        if fault == Fault::Death {
            self.is_dead.store(true, Ordering::SeqCst);
        }
        tally.count(match (point, fault) {
            (Point::Begun, _) => "transactions failed at their begin",
            (Point::BeforeCommit, Fault::Error) => "transactions failed at their commit",
            (Point::AfterCommit, Fault::Error) => "transactions committed and reported as failed",
            (Point::BeforeCommit, Fault::Death) => "nodes dead before a commit",
            (Point::AfterCommit, Fault::Death) => "nodes dead between commit and publishing",
            (Point::AfterPublish, _) => "nodes dead between publishing and answering",
        });
        Some(fault)
    }
}

/// A node, running or not.
#[derive(Debug)]
pub struct Node {
    folder: PathBuf,
    database_url: String,
    /// Milliseconds; moved by the simulator.
    pub clock: Arc<AtomicI64>,
    faults: Arc<Faults>,
    /// What joins it to the others, if there are any.
    bus: Option<Shared>,
    tally: Arc<Tally>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    runtime: Option<Runtime>,
    app: Arc<App>,
    port: u16,
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Node {
    pub fn new(
        folder: &Path,
        database_url: &str,
        start_ms: i64,
        bus: Option<Shared>,
        tally: Arc<Tally>,
    ) -> Self {
        Self {
            folder: folder.to_owned(),
            database_url: database_url.to_owned(),
            clock: Arc::new(AtomicI64::new(start_ms)),
            faults: Arc::default(),
            bus,
            tally,
            running: None,
        }
    }

    /// Starts it, if it doesn't run. Faults count from now on.
    pub async fn start(&mut self) -> anyhow::Result<()> {
        if self.running.is_some() {
            return Ok(());
        }
        self.faults = Arc::default();
        let config = self.config()?;
        let clock = Clock::Manual(self.clock.clone());
        let (faults, tally) = (self.faults.clone(), self.tally.clone());
        let parts = Parts {
            failpoints: Failpoints::new(move |point| faults.at(point, &tally)),
            bus: self.bus.clone(),
            sweep: sweeps(),
            linger: Duration::ZERO,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("sim-node")
            .enable_all()
            .build()?;
        let starting = runtime.spawn(async move {
            let app = App::open_with(config, clock, Lifecycle::default(), parts).await?;
            let app = Arc::new(app);
            let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
            let port = listener.local_addr()?.port();
            app.lifecycle
                .spawn("http", erc_server::http::serve(app.clone(), listener));
            anyhow::Ok((app, port))
        });
        let (app, port) = tokio::time::timeout(Duration::from_secs(30), starting)
            .await
            .context("a node takes too long to start")???;
        self.faults.is_on.store(true, Ordering::SeqCst);
        self.running = Some(Running {
            runtime: Some(runtime),
            app,
            port,
        });
        Ok(())
    }

    fn config(&self) -> anyhow::Result<Config> {
        std::fs::create_dir_all(&self.folder)?;
        let file = self.folder.join("erc.toml");
        let text = format!(
            "listen = \"127.0.0.1:0\"\ndata_dir = \"{}\"\ndatabase_url = \"{}\"\n\
             registration = \"open\"\nrate_limits = \"off\"\n\
             secret_key = \"one secret for all nodes of a simulation\"\n",
            self.folder.join("data").display(),
            self.database_url,
        );
        std::fs::write(&file, text)?;
        Config::load(Some(&file))
    }

    /// As `kill -9`: nothing is finished, nobody is told.
    pub fn kill(&mut self) {
        self.faults.is_dead.store(true, Ordering::SeqCst);
        if self.running.take().is_some() {
            self.tally.count("nodes killed");
        }
    }

    /// Stops in an orderly way.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        let Some(running) = self.running.take() else {
            return Ok(());
        };
        running.app.lifecycle.drain();
        let stopped =
            tokio::time::timeout(Duration::from_secs(15), running.app.lifecycle.stopped());
        // A peer that takes nothing is not waited for.
        let _ = stopped.await;
        self.tally.count("nodes stopped in an orderly way");
        Ok(())
    }

    /// Whether a fault has ended it; it is then to be killed.
    pub fn has_died(&self) -> bool {
        self.running.is_some() && self.faults.is_dead.load(Ordering::SeqCst)
    }

    /// The app, if it runs.
    pub fn app(&self) -> Option<Arc<App>> {
        let running = self.running.as_ref()?;
        Some(running.app.clone())
    }

    /// Where it listens, if it runs.
    pub fn port(&self) -> Option<u16> {
        self.running.as_ref().map(|running| running.port)
    }

    pub fn arm(&self, fault: NodeFault, after: u8, times: u8) {
        let (point, fault) = match fault {
            NodeFault::FailsAtOnce => (Point::Begun, Fault::Error),
            NodeFault::FailsBefore => (Point::BeforeCommit, Fault::Error),
            NodeFault::FailsAfter => (Point::AfterCommit, Fault::Error),
            NodeFault::DiesBefore => (Point::BeforeCommit, Fault::Death),
            NodeFault::DiesAfter => (Point::AfterCommit, Fault::Death),
            NodeFault::DiesPublished => (Point::AfterPublish, Fault::Death),
        };
        self.faults.armed().push(Armed {
            point,
            fault,
            after,
            times,
        });
    }

    /// No fault strikes any more.
    pub fn disarm(&self) {
        self.faults.armed().clear();
    }
}
