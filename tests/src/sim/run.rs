//! Carries a plan out: makes its world, does its steps one after the other, and tells the first
//! thing that is wrong.

mod act;
mod check;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, Once, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use erc_protocol::{
    RoomId, RoomKind, ServerRole, Timestamp, UserId, api::rooms::CreateRoomRequest, room::History,
};
use erc_server::{
    app::App,
    bus::shared::Shared,
    ops::{Actor, accounts, rooms},
};
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::{
    database::Database,
    device::{Device, Making},
    ledger::Ledger,
    node::Node,
    plan::{Plan, Step},
    rows::{Cache, Truth},
    tally::Tally,
    typed::Typed,
};
use crate::server::PASSWORD;

/// When a simulation begins: 2026-01-01T00:00:00Z.
const START_MS: i64 = 1_767_225_600_000;
/// How often the clocks are moved on.
const TICK: Duration = Duration::from_millis(10);

/// What a plan failed with.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The number of the step, from 0.
    pub step: usize,
    pub wrong: Vec<String>,
}

/// Somebody of the community.
#[derive(Debug, Clone)]
struct Somebody {
    id: UserId,
    name: String,
}

/// A world, running.
struct Sim<'a> {
    plan: &'a Plan,
    database: Database,
    bus: Shared,
    nodes: Vec<Node>,
    users: Vec<Somebody>,
    devices: Vec<Device>,
    /// Whether somebody is signed in there.
    signed_in: Vec<bool>,
    /// To which node each device goes.
    routes: Vec<usize>,
    /// One a user, to be signed in afresh.
    mirrors: Vec<Device>,
    rooms: Vec<RoomId>,
    ledger: Ledger,
    typed: Typed,
    /// The latest look at each device's store, and at the server.
    seen: BTreeMap<usize, Cache>,
    seen_truth: Truth,
    written: usize,
    /// What devices' clocks are ahead of, or behind.
    now: Arc<AtomicI64>,
    tally: Arc<Tally>,
    /// Moves the clocks on, as long as the world is there.
    _ticking: JoinSet<()>,
    /// Removed with the world.
    folder: TempDir,
}

/// Panics of tasks, which would otherwise only be printed.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn watch_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let is_ours = std::thread::current()
                .name()
                .is_some_and(|name| name.starts_with("sim-") || name == "erc-store");
            if is_ours {
                let mut panics = PANICS.lock().unwrap_or_else(PoisonError::into_inner);
                panics.push(format!("a task panicked: {info}"));
            }
            before(info);
        }));
    });
}

/// Runs a plan to its end, on a runtime of its own.
pub fn run(plan: &Plan, tally: &Arc<Tally>) -> Result<(), Failure> {
    let broken = |what: String| Failure {
        step: 0,
        wrong: vec![what],
    };
    watch_panics();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("simulator")
        .enable_all()
        .build()
        .map_err(|error| broken(error.to_string()))?;
    let result = runtime.block_on(Box::pin(carry_out(plan, tally)));
    runtime.shutdown_timeout(Duration::from_secs(1));
    let panics = std::mem::take(&mut *PANICS.lock().unwrap_or_else(PoisonError::into_inner));
    match result {
        Ok(()) if panics.is_empty() => {
            tally.count("plans");
            Ok(())
        }
        Ok(()) => Err(Failure {
            step: plan.steps.len(),
            wrong: panics,
        }),
        Err(mut failure) => {
            failure.wrong.extend(panics);
            Err(failure)
        }
    }
}

async fn carry_out(plan: &Plan, tally: &Arc<Tally>) -> Result<(), Failure> {
    let mut sim = Sim::begin(plan, tally.clone())
        .await
        .map_err(|error| failed(0, &error.context("making the world")))?;
    let done = sim.go_through().await;
    let Sim {
        nodes,
        devices,
        mirrors,
        database,
        ..
    } = sim;
    drop((nodes, devices, mirrors));
    if let Err(error) = database.drop().await {
        tracing::warn!(%error, "a database was left behind");
    }
    done
}

/// An error that is none of the oracle's.
fn failed(step: usize, error: &anyhow::Error) -> Failure {
    Failure {
        step,
        wrong: vec![format!("{error:#}")],
    }
}

/// Where worlds are made: in memory, if there is such a place, because a simulation waits for the
/// disk at every message otherwise.
fn folder() -> anyhow::Result<TempDir> {
    let memory = Path::new("/dev/shm");
    Ok(if memory.is_dir() {
        tempfile::Builder::new()
            .prefix("erc-sim")
            .tempdir_in(memory)?
    } else {
        tempfile::tempdir()?
    })
}

impl<'a> Sim<'a> {
    async fn begin(plan: &'a Plan, tally: Arc<Tally>) -> anyhow::Result<Self> {
        let folder = folder()?;
        let database = Database::make(folder.path(), plan.world.on_postgres).await?;
        let now = Arc::new(AtomicI64::new(START_MS));
        let bus = Shared::default();
        let has_bus = plan.world.nodes > 1;
        let mut nodes: Vec<Node> = (0..plan.world.nodes.max(1))
            .map(|number| {
                let folder = folder.path().join(format!("node-{number}"));
                Node::new(
                    &folder,
                    &database.url,
                    START_MS,
                    has_bus.then(|| bus.clone()),
                    tally.clone(),
                )
            })
            .collect();
        for node in &mut nodes {
            node.start().await?;
        }
        let clocks = nodes
            .iter()
            .map(|node| node.clock.clone())
            .chain([now.clone()]);
        let clocks = tick(clocks.collect());
        let mut sim = Sim {
            plan,
            database,
            bus,
            nodes,
            users: Vec::new(),
            devices: Vec::new(),
            signed_in: Vec::new(),
            routes: Vec::new(),
            mirrors: Vec::new(),
            rooms: Vec::new(),
            ledger: Ledger::default(),
            typed: Typed::default(),
            seen: BTreeMap::new(),
            seen_truth: Truth::default(),
            written: 0,
            now: now.clone(),
            tally,
            _ticking: clocks,
            folder,
        };
        sim.furnish().await?;
        let root = sim.folder.path().to_owned();
        sim.sign_in_all(&root, &now).await?;
        Ok(sim)
    }

    /// Users and rooms.
    async fn furnish(&mut self) -> anyhow::Result<()> {
        let app = self.nodes[0].app().context("the first node runs")?;
        for number in 0..self.plan.world.users.max(1) {
            let name = format!("user{number}");
            let role = ServerRole::Member;
            let user = accounts::add_user(&app, &name, None, PASSWORD, role).await?;
            self.users.push(Somebody { id: user.id, name });
        }
        for (number, setup) in self.plan.world.rooms.iter().enumerate() {
            let mut members = setup.members.iter().map(|user| self.user(*user).id);
            let owner = members.next().unwrap_or(self.users[0].id);
            let request = CreateRoomRequest {
                name: format!("room {number}"),
                topic: String::new(),
                kind: RoomKind::Group,
                is_private: setup.is_private,
                history: Some(if setup.has_history {
                    History::Shared
                } else {
                    History::Joined
                }),
                member_ids: members.collect(),
                client_id: None,
            };
            let made = rooms::create(&app, actor(owner), request).await?.await?;
            self.rooms.push(made.room.id);
        }
        Ok(())
    }

    async fn sign_in_all(&mut self, root: &Path, now: &Arc<AtomicI64>) -> anyhow::Result<()> {
        let mut whose = self.plan.world.devices.clone();
        let count = whose.len();
        whose.extend(0..self.users.len());
        for (number, user) in whose.into_iter().enumerate() {
            let is_mirror = number >= count;
            let user = user % self.users.len();
            let kind = if is_mirror { "mirror" } else { "device" };
            let mut device = Device::new(Making {
                name: format!("{kind}-{number}"),
                user,
                username: &self.users[user].name,
                folder: root,
                seed: self.plan.seed.wrapping_add(number as u64),
                now: now.clone(),
                tally: self.tally.clone(),
            })
            .await?;
            let node = number % self.nodes.len();
            device.link.lead_to(self.nodes[node].port().unwrap_or(0));
            device.sign_in().await?;
            if is_mirror {
                device.close().await?;
                self.mirrors.push(device);
            } else {
                self.routes.push(node);
                self.signed_in.push(true);
                self.devices.push(device);
            }
        }
        Ok(())
    }

    fn user(&self, number: usize) -> &Somebody {
        &self.users[number % self.users.len()]
    }

    fn user_of(&self, device: usize) -> &Somebody {
        self.user(self.devices[device].user)
    }

    fn room(&self, number: usize) -> RoomId {
        self.rooms
            .get(number % self.rooms.len().max(1))
            .copied()
            .unwrap_or(RoomId(0))
    }

    /// The steps, one after the other.
    async fn go_through(&mut self) -> Result<(), Failure> {
        let plan = self.plan;
        for (number, step) in plan.steps.iter().enumerate() {
            self.tally.count("steps");
            self.look_after();
            let done = match step {
                Step::Check { check } => self.check(*check).await,
                step => self.act(*step).await.map(|()| Vec::new()),
            };
            let mut wrong = done.map_err(|error| failed(number, &error))?;
            wrong.extend(self.watch(number).map_err(|error| failed(number, &error))?);
            if !wrong.is_empty() {
                return Err(Failure {
                    step: number,
                    wrong,
                });
            }
        }
        Ok(())
    }

    /// Buries what has died, and leads links to nodes that run.
    fn look_after(&mut self) {
        for node in &mut self.nodes {
            if node.has_died() {
                node.kill();
            }
        }
        for device in &mut self.devices {
            if device.has_died() {
                device.kill();
            }
        }
        let ports: Vec<Option<u16>> = self.nodes.iter().map(Node::port).collect();
        let any = ports.iter().flatten().next().copied().unwrap_or(0);
        for (device, route) in self.devices.iter().zip(&self.routes) {
            let port = ports[route % ports.len()];
            device.link.lead_to(port.unwrap_or(any));
        }
        for mirror in &self.mirrors {
            mirror.link.lead_to(any);
        }
    }

    /// Looks at one store after the other, and at what may never go back.
    fn watch(&mut self, turn: usize) -> anyhow::Result<Vec<String>> {
        let number = turn % self.devices.len();
        let device = &self.devices[number];
        let path: PathBuf = device.store();
        if !path.exists() {
            self.seen.remove(&number);
            return Ok(Vec::new());
        }
        let now = Cache::read(&path)?;
        let wrong = self
            .seen
            .get(&number)
            .map_or_else(Vec::new, |before| super::oracle::of_time(before, &now));
        let name = device.name.clone();
        self.seen.insert(number, now);
        Ok(wrong
            .into_iter()
            .map(|what| format!("{name}: {what}"))
            .collect())
    }
}

/// Time goes by.
fn tick(clocks: Vec<Arc<AtomicI64>>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut ticks = tokio::time::interval(TICK);
        loop {
            ticks.tick().await;
            for clock in &clocks {
                clock.fetch_add(
                    i64::try_from(TICK.as_millis()).unwrap_or(0),
                    Ordering::SeqCst,
                );
            }
        }
    });
    tasks
}

/// Somebody who does something straight at a node.
fn actor(user: UserId) -> Actor {
    Actor {
        user,
        session: erc_server::clock::new_session_id(),
        since: Timestamp(0),
    }
}

/// The same, of a running app.
type Running = Arc<App>;
