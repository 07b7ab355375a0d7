//! A device: the real client-core on a runtime of its own, with a folder that outlives it. Ending
//! the runtime ends it as the death of its process does, between any two steps; its store also
//! dies between any two transactions, or in one.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use erc_client_core::{
    Account, Error, Home,
    clock::{Clock, Source},
    failpoints::{Failpoints, Point},
    home::SignIn,
    view::Connection,
};
use erc_protocol::Timestamp;
use jiff::tz::TimeZone;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::{link::Link, plan::WritePoint, tally::Tally};
use crate::{ids, server::PASSWORD, wait::DEADLINE};

/// Waits are so much shorter than in life.
const HURRY: u32 = 20;

/// A device's wall clock: the simulator's, ahead or behind.
#[derive(Debug)]
struct Wall {
    now: Arc<AtomicI64>,
    ahead: Arc<AtomicI64>,
}

impl Source for Wall {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::SeqCst) + self.ahead.load(Ordering::SeqCst))
    }

    fn zone(&self) -> TimeZone {
        TimeZone::UTC
    }

    fn operation_id(&self) -> Uuid {
        ids::client_id().0
    }

    fn random_id(&self) -> Uuid {
        ids::client_id().0
    }

    fn pace(&self, wait: Duration) -> Duration {
        wait / HURRY
    }
}

/// When a device's program dies.
#[derive(Debug, Default)]
struct Death {
    is_dead: AtomicBool,
    /// At which transaction, and where in it.
    planned: Mutex<Option<(u8, Point)>>,
}

impl Death {
    fn strikes(&self, point: Point, tally: &Tally) -> bool {
        if self.is_dead.load(Ordering::SeqCst) {
            return true;
        }
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((after, at)) = planned.as_mut() else {
            return false;
        };
        if *at != point {
            return false;
        }
        if *after > 0 {
            *after -= 1;
            return false;
        }
        *planned = None;
        self.is_dead.store(true, Ordering::SeqCst);
        tally.count(match point {
            Point::Begun => "clients dead before a transaction",
            Point::BeforeCommit => "clients dead before a commit",
            Point::AfterCommit => "clients dead after a commit",
        });
        true
    }
}

/// A program that runs.
#[derive(Debug)]
struct Running {
    tasks: Tasks,
    account: Account,
}

/// What a program runs on; gone with it at once, also where nothing may wait.
#[derive(Debug)]
struct Tasks(Option<Runtime>);

impl Tasks {
    fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let runtime = self.0.as_ref().expect("taken only when dropped");
        runtime.spawn(task)
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// A device of somebody.
#[derive(Debug)]
pub struct Device {
    pub name: String,
    pub user: usize,
    pub link: Link,
    /// Milliseconds that its clock is ahead of the simulator's.
    pub ahead: Arc<AtomicI64>,
    username: String,
    home: PathBuf,
    now: Arc<AtomicI64>,
    death: Arc<Death>,
    tally: Arc<Tally>,
    running: Option<Running>,
}

/// What a device is made of.
#[derive(Debug)]
pub struct Making<'a> {
    pub name: String,
    pub user: usize,
    pub username: &'a str,
    pub folder: &'a Path,
    pub seed: u64,
    pub now: Arc<AtomicI64>,
    pub tally: Arc<Tally>,
}

impl Device {
    /// What its clock says. Milliseconds.
    pub fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst) + self.ahead.load(Ordering::SeqCst)
    }

    pub async fn new(making: Making<'_>) -> anyhow::Result<Self> {
        Ok(Self {
            link: Link::new(&making.name, making.seed, making.tally.clone()).await?,
            home: making.folder.join(&making.name),
            name: making.name,
            user: making.user,
            ahead: Arc::default(),
            username: making.username.to_owned(),
            now: making.now,
            death: Arc::default(),
            tally: making.tally,
            running: None,
        })
    }

    fn key(&self) -> String {
        let host = self.link.url();
        let host = host.trim_start_matches("http://");
        format!("{}@{host}", self.username)
    }

    /// The file of its store.
    pub fn store(&self) -> PathBuf {
        let folder = self.key().replace(':', "_");
        self.home.join("accounts").join(folder).join("store.db")
    }

    /// What its clock says.
    pub fn time(&self) -> Timestamp {
        let ahead = self.ahead.load(Ordering::SeqCst);
        Timestamp(self.now.load(Ordering::SeqCst) + ahead)
    }

    fn begin(&mut self) -> anyhow::Result<(Home, Tasks)> {
        self.death = Arc::default();
        let clock = Clock::from_source(Wall {
            now: self.now.clone(),
            ahead: self.ahead.clone(),
        });
        let (death, tally) = (self.death.clone(), self.tally.clone());
        let failpoints = Failpoints::new(move |point| death.strikes(point, &tally));
        let home = Home::with_parts(&self.home, clock, failpoints)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("sim-device")
            .enable_all()
            .build()?;
        Ok((home, Tasks(Some(runtime))))
    }

    /// Signs in from whatever folder there is, and starts. The link must be well.
    pub async fn sign_in(&mut self) -> anyhow::Result<()> {
        self.kill();
        let (home, tasks) = self.begin()?;
        let (server, username) = (self.link.url(), self.username.clone());
        let device_name = self.name.clone();
        let signing_in = tasks.spawn(async move {
            let begun = tokio::time::Instant::now();
            loop {
                let sign_in = SignIn {
                    server: server.clone(),
                    username: username.clone(),
                    password: PASSWORD.to_owned(),
                    device_name: device_name.clone(),
                };
                match home.sign_in(sign_in).await {
                    Err(Error::InUse { .. }) if begun.elapsed() < DEADLINE => {
                        tokio::time::sleep(Duration::from_millis(2)).await;
                    }
                    other => break other,
                }
            }
        });
        let account = tokio::time::timeout(DEADLINE, signing_in)
            .await
            .context("signing in takes too long")???;
        self.run(tasks, account).await
    }

    /// Starts the program, if it doesn't run and somebody is signed in.
    pub async fn start(&mut self) -> anyhow::Result<()> {
        if self.running.is_some() || !self.store().exists() {
            return Ok(());
        }
        self.begin_program().await
    }

    async fn begin_program(&mut self) -> anyhow::Result<()> {
        let (home, tasks) = self.begin()?;
        let key = self.key();
        let begun = std::time::Instant::now();
        let account = loop {
            // The dead program's tasks may take a moment to be gone, and its lock with them.
            match home.open_account(&key) {
                Err(Error::InUse { .. }) if begun.elapsed() < DEADLINE => {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                other => break other?,
            }
        };
        if let Some(notice) = account.notice() {
            anyhow::bail!("{}: {}", self.name, notice.as_str());
        }
        self.run(tasks, account).await
    }

    async fn run(&mut self, tasks: Tasks, account: Account) -> anyhow::Result<()> {
        let starting = account.clone();
        tasks.spawn(async move { starting.start() }).await?;
        self.running = Some(Running { tasks, account });
        Ok(())
    }

    /// As `kill -9`.
    pub fn kill(&mut self) {
        self.death.is_dead.store(true, Ordering::SeqCst);
        self.running = None;
    }

    /// The program dies by itself, at a transaction of its store.
    pub fn kill_at(&self, after: u8, point: WritePoint) {
        let point = match point {
            WritePoint::Begun => Point::Begun,
            WritePoint::BeforeCommit => Point::BeforeCommit,
            WritePoint::AfterCommit => Point::AfterCommit,
        };
        let mut planned = self
            .death
            .planned
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *planned = Some((after, point));
    }

    /// No death is planned any more.
    pub fn spare(&self) {
        let mut planned = self
            .death
            .planned
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *planned = None;
    }

    /// Ends the program in an orderly way.
    pub async fn close(&mut self) -> anyhow::Result<()> {
        if let Some(account) = self.account() {
            self.call(DEADLINE, async move { account.close().await })
                .await
                .context("closing takes too long")?;
        }
        self.running = None;
        Ok(())
    }

    /// Signs out; with `forget` the cache goes too.
    pub async fn sign_out(&mut self, forget: bool) -> anyhow::Result<()> {
        let Some(account) = self.account() else {
            return Ok(());
        };
        let done = self.call(DEADLINE, async move { account.sign_out(forget).await });
        done.await.context("signing out takes too long")?.ok();
        self.close().await
    }

    /// Starts without a cache, as a new machine does; the session stays.
    pub async fn start_anew(&mut self) -> anyhow::Result<()> {
        self.close().await?;
        let store = self.store();
        for suffix in ["", "-wal", "-shm"] {
            let mut file = store.clone().into_os_string();
            file.push(suffix);
            let gone = std::fs::remove_file(&file);
            if suffix.is_empty() {
                gone?;
            }
        }
        self.begin_program().await
    }

    /// Whether its program has died by itself.
    pub fn has_died(&self) -> bool {
        self.running.is_some() && self.death.is_dead.load(Ordering::SeqCst)
    }

    pub fn account(&self) -> Option<Account> {
        let running = self.running.as_ref()?;
        Some(running.account.clone())
    }

    /// How it stands with its server.
    pub fn connection(&self) -> Option<Connection> {
        let account = self.account()?;
        Some(account.connection().borrow().clone())
    }

    /// Does something in the program, which may take so long; then it goes on by itself. `None`
    /// if it isn't done, or died in the middle.
    pub async fn call<T: Send + 'static>(
        &self,
        patience: Duration,
        what: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let doing = self.running.as_ref()?.tasks.spawn(what);
        tokio::time::timeout(patience, doing).await.ok()?.ok()
    }
}
