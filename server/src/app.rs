//! Everything that the server is made of, in one place.

use std::convert::Infallible;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use erc_protocol::InstanceId;
use tokio::sync::{Semaphore, SemaphorePermit, oneshot};

use crate::analytics;
use crate::auth::password::Passwords;
use crate::auth::token::Tokens;
use crate::blobs::Blobs;
use crate::bus::{self, Bus, Carrier, NodeId, shared::Shared, sweep};
use crate::clock::{self, Clock};
use crate::config::{BusAddress, Config};
use crate::failpoints::Failpoints;
use crate::gateway::Admission;
use crate::hub::{Hub, pulse};
use crate::indexer;
use crate::lifecycle::Lifecycle;
use crate::limits::RateLimits;
use crate::metrics::Metrics;
use crate::ops::committer::{Committer, Watch};
use crate::ops::emoji::News;
use crate::ops::filters::Known;
use crate::store::Db;
use crate::timer::{self, Timer};

/// Catch-ups that read the store at a time: a herd that returns waits here, and those who are in
/// don't notice.
const CATCH_UPS: usize = 16;

/// The parts.
#[derive(Debug)]
pub struct App {
    pub config: Config,
    pub db: Db,
    pub committer: Committer,
    pub hub: Arc<Hub>,
    pub blobs: Blobs,
    pub clock: Clock,
    pub instance: InstanceId,
    pub tokens: Tokens,
    pub passwords: Passwords,
    pub limits: RateLimits,
    pub admission: Admission,
    pub lifecycle: Lifecycle,
    pub metrics: Arc<Metrics>,
    pub timer: Timer,
    pub filters: Known,
    pub emoji: News,
    catch_ups: Semaphore,
    /// Dropped with the app: ends what beats for its connections.
    _alive: oneshot::Sender<Infallible>,
    /// The same for the indexer.
    _indexed: oneshot::Sender<Infallible>,
    /// The same for the timer.
    _due: oneshot::Sender<Infallible>,
}

/// What a test brings along instead of what the server makes itself.
#[derive(Debug)]
pub struct Parts {
    pub failpoints: Failpoints,
    /// A bus in memory, instead of what the settings say.
    pub bus: Option<Shared>,
    /// How often the sweep goes round.
    pub sweep: sweep::Times,
    /// How long somebody whose link broke counts as present.
    pub linger: Duration,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            failpoints: Failpoints::default(),
            bus: None,
            sweep: sweep::Times::default(),
            linger: LINGER,
        }
    }
}

/// Time enough to come back over another network, or after a server's restart.
const LINGER: Duration = Duration::from_secs(8);

/// The parts, shared.
pub type AppState = Arc<App>;

impl App {
    /// Makes the data folder, opens the database and starts the committer.
    pub async fn open(config: Config, clock: Clock, lifecycle: Lifecycle) -> anyhow::Result<App> {
        Self::open_with(config, clock, lifecycle, Parts::default()).await
    }

    /// As [`Self::open`], with parts of the caller's.
    pub async fn open_with(
        config: Config,
        clock: Clock,
        lifecycle: Lifecycle,
        parts: Parts,
    ) -> anyhow::Result<App> {
        make_private_folder(&config.data_dir)?;
        let secret = match &config.secret_key {
            Some(secret) => secret.0.clone().into_bytes(),
            None => own_secret(&config.data_dir.join("secret.key"))?,
        };
        let blobs = Blobs::open(&config.blobs).context("opening the store of files")?;
        let db = Db::open(&config.database_url)
            .await
            .context("opening the database")?;
        let mut tx = db.begin().await?;
        let instance = tx.instance(clock::new_instance(), clock.now()).await?;
        let emoji_rev = tx.emoji_rev().await?;
        tx.commit().await?;
        let carrier = carrier(&config, parts.bus, instance);
        let (bus, tail) = Bus::new(NodeId(clock::new_node()), carrier.is_some());
        let hub = Arc::new(Hub::new(bus, clock.clone(), parts.linger));
        hub.note_emoji(emoji_rev);
        let weak = Arc::downgrade(&hub);
        lifecycle.spawn(
            "sweep",
            sweep::start(&tail, db.clone(), weak.clone(), parts.sweep),
        );
        if let Some(carrier) = carrier {
            lifecycle.spawn("bus", bus::run(tail, weak, carrier));
        }
        let metrics = Arc::new(Metrics::default());
        let (committer, writer) = Committer::start(
            db.clone(),
            hub.clone(),
            clock.clone(),
            Watch {
                metrics: metrics.clone(),
                slow: config.slow,
                failpoints: parts.failpoints,
            },
        );
        lifecycle.spawn("committer", writer);
        let (indexed, unwatched) = oneshot::channel();
        let indexing = indexer::run(db.clone(), metrics.clone(), lifecycle.clone(), unwatched);
        lifecycle.spawn("indexer", indexing);
        let (due, nobody) = oneshot::channel();
        let timer = Timer::default();
        let works = timer::Works {
            db: db.clone(),
            committer: committer.clone(),
            blobs: blobs.clone(),
            clock: clock.clone(),
            hub: hub.clone(),
            metrics: metrics.clone(),
        };
        let works = timer::run(works, timer.clone(), lifecycle.clone(), nobody);
        lifecycle.spawn("timer", works);
        let (alive, gone) = oneshot::channel();
        let pulse = pulse::run(
            Arc::downgrade(&hub),
            committer.clone(),
            lifecycle.clone(),
            gone,
        );
        lifecycle.spawn("pulse", pulse);
        until_draining(&lifecycle, "holes", hub.admit_holes());
        until_draining(&lifecycle, "receipts", hub.tell_receipts());
        Ok(App {
            limits: RateLimits::new(config.rate_limits, &config.rate_quotas, &clock),
            admission: Admission::new(config.connects_per_second),
            config,
            filters: Known::default(),
            emoji: News::default(),
            db,
            committer,
            hub,
            blobs,
            clock,
            instance,
            tokens: Tokens::new(&secret),
            passwords: Passwords::new(),
            lifecycle,
            metrics,
            timer,
            catch_ups: Semaphore::new(CATCH_UPS),
            _alive: alive,
            _indexed: indexed,
            _due: due,
        })
    }

    /// Ends what was begun, where nobody else holds it: what was submitted is carried out, and told
    /// to other nodes. `false` if something had to be left.
    pub async fn close(self) -> bool {
        let (lifecycle, db) = (self.lifecycle.clone(), self.db.clone());
        lifecycle.drain();
        // Tasks end with the last holder of what they serve.
        drop(self);
        let has_ended = lifecycle.stopped().await;
        db.close().await;
        has_ended
    }

    /// Looks at everything that somebody listens to on this node, now: what other nodes committed
    /// before is known when it returns, whatever the bus did. For tests; the sweep does it by itself.
    pub async fn sweep(&self) -> crate::store::Result<()> {
        sweep::now(&self.db, &self.hub).await
    }

    /// Takes everything that is committed now into the index of messages. For tests; the indexer
    /// does it by itself.
    pub async fn index(&self) -> crate::store::Result<()> {
        indexer::now(&self.db).await
    }

    /// Counts everything that is committed now into the figures. For tests; it is done by itself.
    pub async fn count(&self) -> crate::store::Result<()> {
        analytics::now(&self.db).await
    }

    /// Does everything that is due now. For tests; the timer does it by itself.
    pub async fn run_due(&self) -> crate::ops::Result<()> {
        let works = timer::Works {
            db: self.db.clone(),
            committer: self.committer.clone(),
            blobs: self.blobs.clone(),
            clock: self.clock.clone(),
            hub: self.hub.clone(),
            metrics: self.metrics.clone(),
        };
        works.run_due().await.map(|_| ())
    }

    /// Catch-ups that read the store now.
    #[must_use]
    pub fn catch_ups_running(&self) -> usize {
        CATCH_UPS - self.catch_ups.available_permits()
    }

    /// Waits for a turn to read a catch-up from the store.
    pub async fn catch_up_turn(&self) -> SemaphorePermit<'_> {
        self.catch_ups
            .acquire()
            .await
            .expect("the semaphore is never closed")
    }
}

/// Runs something for as long as the server doesn't drain.
fn until_draining(
    lifecycle: &Lifecycle,
    name: &'static str,
    task: impl Future<Output = ()> + Send + 'static,
) {
    let draining = lifecycle.clone();
    lifecycle.spawn(name, async move {
        tokio::select! {
            () = task => {}
            () = draining.draining() => {}
        }
    });
}

fn carrier(config: &Config, shared: Option<Shared>, instance: InstanceId) -> Option<Carrier> {
    if let Some(shared) = shared {
        return Some(Carrier::Shared(shared));
    }
    match &config.bus {
        BusAddress::InProcess => None,
        BusAddress::Nats(url) => Some(Carrier::Nats(bus::Nats {
            url: url.0.clone(),
            instance,
        })),
    }
}

/// Makes a folder that only its owner may look into, unless it is there.
pub(crate) fn make_private_folder(path: &Path) -> anyhow::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("making the data folder {}", path.display()))
}

/// The secret in this file; made, readable by its owner only, if there is none.
fn own_secret(path: &Path) -> anyhow::Result<Vec<u8>> {
    let about = || format!("the secret in {}", path.display());
    match std::fs::read(path) {
        Ok(secret) => {
            anyhow::ensure!(secret.len() >= 32, "{} is too short", about());
            Ok(secret)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let secret = clock::secret();
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(path)
                .with_context(about)?;
            file.write_all(&secret)
                .and_then(|()| file.sync_all())
                .with_context(about)?;
            Ok(secret.to_vec())
        }
        Err(error) => Err(error).with_context(about),
    }
}
