//! Ten thousand clients whose server ends and comes back, with a few messages more than they have:
//! they return with the backoff of the real clients, and catch up by their cursors; once as a server
//! lets them in that is installed, and without that limit.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use erc_protocol::{EmojiRev, RoomId, UserId, UserRev, sync::Cursor, sync::Resume};
use erc_server::clock::{self, Clock};
use erc_server::store::Db;

use super::{Scale, dial, neighbourhood, real, runtime};
use crate::bench::population::{Population, furnish, sqlite_url, write_history};
use crate::bench::process::{Server, Used, Window, memory, peak_memory};
use crate::bench::report::{Goal, Report, percentile};
use crate::bench::swarm::{Dial, Heard, Kind, Swarm, find};

const ROW: &str = "herd";
/// Messages that everybody missed in each room.
const MISSED: usize = 3;
/// The clients' backoff: full jitter up to this, doubled with each failure.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_mins(1);
/// The clients give a connection up after this.
const PATIENCE: Duration = Duration::from_secs(15);

pub(super) fn run(scale: Scale, report: &mut Report) -> Result<()> {
    let people = scale.pick(10_000, 1_000);
    let data = tempfile::tempdir()?;
    let url = sqlite_url(data.path());
    let runtime = runtime()?;
    let rooms = neighbourhood(people);
    let population = runtime.block_on(furnish(&url, people, &rooms))?;
    runtime.block_on(write_history(
        &url,
        &population.rooms,
        population.people[0].0,
        5,
    ))?;
    let mut places = vec![vec![]; people];
    for (room, range) in population.rooms.iter().zip(rooms) {
        for person in range {
            places[person].push(*room);
        }
    }
    let mut server = Server::start(data.path())?;
    let mut swarm = Swarm::new()?;
    swarm.connect_all((0..people).map(|n| dial(&server, &population, n, Kind::Synced)))?;
    while swarm.turn(Duration::from_secs(1), |_| {})? {}
    server.settle()?;
    let idle = memory(server.pid())?;

    for (gently, how) in [
        (true, "stopped"),
        (false, "killed"),
        (true, "stopped, at the usual rate"),
    ] {
        let heads = runtime.block_on(Heads::read(&url, &population))?;
        let stopping = Instant::now();
        if gently {
            drain(&mut server, &mut swarm)?;
            report.tell(
                ROW,
                format!("{people} connections: SIGTERM until it has ended"),
                (stopping.elapsed().as_secs_f64(), "s"),
            );
        } else {
            server.stop(false)?;
        }
        swarm.until("the end of all", |swarm| Ok(swarm.live == 0), |_| {})?;
        runtime.block_on(write_history(
            &url,
            &population.rooms,
            population.people[0].0,
            MISSED,
        ))?;
        if how.ends_with("rate") {
            server.set("ERC_CONNECTS_PER_SECOND", "500");
        }
        server.restart()?;
        let window = Window::open(server.pid())?;
        let dial = |person: usize| Dial {
            hello: heads.hello(person, &population, &places[person]),
            ..dial(&server, &population, person, Kind::Synced)
        };
        let mut herd = Herd::new(people);
        herd.come_back(&mut swarm, dial)?;
        let used = window.close()?;
        for (person, rooms) in places.iter().enumerate() {
            ensure!(
                herd.caught_up[person] >= rooms.len() * MISSED,
                "person {person} missed something"
            );
        }
        let name = format!("{people} return after it was {how}");
        tell(report, &name, &mut herd, used);
        report.add(
            ROW,
            format!("{name}: memory peak against idle"),
            (peak_memory(server.pid())? as f64 / 1_048_576.0, "MiB"),
            Goal::AtMost(2.0 * idle as f64 / 1_048_576.0),
            Some(idle as f64 / 1_048_576.0),
        );
    }
    Ok(())
}

/// What came of it.
fn tell(report: &mut Report, name: &str, herd: &mut Herd, used: Used) {
    report.add(
        ROW,
        format!("{name}: errors shown"),
        (real(herd.errors), ""),
        Goal::AtMost(0.0),
        None,
    );
    let each = used.cpu / real(herd.took.len()) * 1e6;
    for (what, figure) in [
        ("tries that failed", (real(herd.failed), "")),
        ("tries that were told when to come", (real(herd.told), "")),
        ("all are up to date after", (used.wall, "s")),
        (
            "from a client's first try, 99 of 100 after",
            (percentile(&mut herd.took, 0.99), "s"),
        ),
        ("CPU for each", (each, "µs")),
    ] {
        report.tell(ROW, format!("{name}: {what}"), figure);
    }
}

/// Stops the server while everybody hears goodbye.
fn drain(server: &mut Server, swarm: &mut Swarm) -> Result<()> {
    std::thread::scope(|scope| {
        let stop = scope.spawn(|| server.stop(true));
        while !stop.is_finished() {
            swarm.turn(Duration::from_millis(20), |_| {})?;
        }
        stop.join().expect("stopping does not panic")
    })
}

/// How everything stood when the server went.
struct Heads {
    instance: erc_protocol::InstanceId,
    users: HashMap<UserId, UserRev>,
    rooms: HashMap<RoomId, Cursor>,
}

impl Heads {
    async fn read(url: &str, population: &Population) -> Result<Self> {
        let db = Db::open(url).await?;
        let mut tx = db.begin().await?;
        let instance = tx
            .instance(clock::new_instance(), Clock::System.now())
            .await?;
        let (mut users, mut rooms) = (HashMap::new(), HashMap::new());
        for (user, _) in &population.people {
            users.extend(tx.user(*user).await?.map(|row| (row.id, row.user_rev)));
        }
        for room in &population.rooms {
            let cursor = |row: erc_server::store::RoomRow| Cursor {
                rev: row.rev,
                seq: row.last_seq,
            };
            rooms.extend(tx.room(*room).await?.map(|row| (row.id, cursor(row))));
        }
        drop(tx);
        db.close().await;
        Ok(Self {
            instance,
            users,
            rooms,
        })
    }

    fn hello(&self, person: usize, population: &Population, places: &[RoomId]) -> String {
        let resume = Resume {
            instance: self.instance,
            user_rev: self.users[&population.people[person].0],
            rooms: places
                .iter()
                .map(|room| (*room, self.rooms[room]))
                .collect(),
            emoji_rev: EmojiRev::ZERO,
        };
        serde_json::json!({ "client": "bench", "device": format!("d{person}"), "resume": resume })
            .to_string()
    }
}

/// Clients on their way back.
struct Herd {
    /// When each tries (again); none while it is trying or is there.
    next: Vec<Option<Instant>>,
    begun: Vec<Option<Instant>>,
    tries: Vec<u32>,
    there: Vec<bool>,
    caught_up: Vec<usize>,
    first_try: Vec<Option<Instant>>,
    took: Vec<f64>,
    failed: usize,
    /// Told when to come again.
    told: usize,
    errors: usize,
}

impl Herd {
    fn new(people: usize) -> Self {
        let now = Instant::now();
        // They noticed at once, and most have failed twice by now.
        let tries = 2;
        Self {
            next: (0..people).map(|_| Some(now + wait(tries))).collect(),
            begun: vec![None; people],
            tries: vec![tries; people],
            there: vec![false; people],
            caught_up: vec![0; people],
            first_try: vec![None; people],
            took: Vec::with_capacity(people),
            failed: 0,
            told: 0,
            errors: 0,
        }
    }

    fn come_back(&mut self, swarm: &mut Swarm, dial: impl Fn(usize) -> Dial) -> Result<()> {
        let begun = Instant::now();
        while self.there.iter().any(|there| !there) {
            ensure!(
                begun.elapsed() < Duration::from_mins(5),
                "not all came back"
            );
            let now = Instant::now();
            for person in 0..self.next.len() {
                if self.next[person].is_some_and(|at| at <= now) {
                    self.next[person] = None;
                    self.begun[person] = Some(now);
                    self.first_try[person].get_or_insert(now);
                    swarm.redial(person, dial(person))?;
                }
            }
            let Self {
                caught_up, errors, ..
            } = self;
            swarm.turn(Duration::from_millis(5), |heard| {
                listen(heard, caught_up, errors);
            })?;
            let now = Instant::now();
            for person in 0..self.next.len() {
                self.look_after(swarm, person, now);
            }
        }
        Ok(())
    }

    fn look_after(&mut self, swarm: &mut Swarm, person: usize, now: Instant) {
        if swarm.is_live(person) {
            if !std::mem::replace(&mut self.there[person], true) {
                let first = self.first_try[person].unwrap_or(now);
                self.took.push(now.duration_since(first).as_secs_f64());
            }
        } else if let Some(begun) = self.begun[person] {
            if now.duration_since(begun) > PATIENCE {
                swarm.hang_up(person);
            }
            if swarm.is_closed(person) {
                if std::mem::take(&mut self.there[person]) {
                    // Thrown out again: that is what people see.
                    self.errors += 1;
                }
                self.begun[person] = None;
                if let Some(seconds) = swarm.retry_after(person) {
                    self.told += 1;
                    self.next[person] = Some(now + Duration::from_secs(seconds));
                } else {
                    self.failed += 1;
                    self.tries[person] += 1;
                    self.next[person] = Some(now + wait(self.tries[person]));
                }
            }
        }
    }
}

fn listen(heard: Heard<'_>, caught_up: &mut [usize], errors: &mut usize) {
    if heard.payload.starts_with(br#"{"type":"error""#) {
        *errors += 1;
    }
    let mut rest = heard.payload;
    while let Some(at) = find(rest, br#""message_id":"#) {
        caught_up[heard.link] += 1;
        rest = &rest[at + 1..];
    }
}

fn wait(failures: u32) -> Duration {
    let most = LONGEST.min(FIRST * 2_u32.saturating_pow(failures.min(7)));
    most.mul_f64(rand::random::<f64>())
}
