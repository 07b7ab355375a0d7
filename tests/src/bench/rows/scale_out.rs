//! One to four nodes on one PostgreSQL and one NATS, each with as many members of one room: what a
//! delivery costs the nodes together, whatever their number.

use std::time::Duration;

use anyhow::{Result, ensure};
use erc_protocol::RoomId;

use super::{Scale, dial, real, runtime};
use crate::bench::frames::SendFrames;
use crate::bench::population::{Population, furnish};
use crate::bench::process::{Server, Window};
use crate::bench::report::{Goal, Report, median};
use crate::bench::swarm::{Kind, LinkId, Swarm};
use crate::nats::NatsServer;
use crate::postgres::{Postgres, fresh_database_at};

const ROW: &str = "scale-out";
const NODES: usize = 4;
/// Stands once in each message.
const NAME: &[u8] = br#""client_id":"#;
/// Messages that are not yet with everybody.
const BACKLOG: usize = 128;

pub(super) fn run(scale: Scale, report: &mut Report) -> Result<()> {
    let (Some(postgres), Some(nats)) = (Postgres::start(), NatsServer::begin()) else {
        report.note(ROW, "not measured: needs PostgreSQL and nats-server");
        return Ok(());
    };
    let each = scale.pick(500, 100);
    let url = fresh_database_at(&postgres.url());
    let rooms: Vec<_> = (1..=NODES).map(|nodes| 0..nodes * each).collect();
    let population = runtime()?.block_on(furnish(&url, NODES * each, &rooms))?;
    let folders: Vec<_> = (0..NODES)
        .map(|_| tempfile::tempdir())
        .collect::<std::io::Result<_>>()?;
    let bus = format!("nats://127.0.0.1:{}", nats.port());
    let nodes: Vec<_> = folders
        .iter()
        .map(|folder| {
            let settings = [("ERC_DATABASE_URL", url.as_str()), ("ERC_BUS", &bus)];
            Server::start_with(folder.path(), &settings)
        })
        .collect::<Result<_>>()?;

    let mut alone = None;
    for (count, room) in (1..=NODES).zip(&population.rooms) {
        let cost = with_nodes(scale, &nodes[..count], &population, *room, each)?;
        let goal = alone.map_or(Goal::None, |alone: f64| Goal::AtMost(alone * 1.15));
        report.add(
            ROW,
            format!("{count} nodes of {each} members: the nodes' CPU of a delivery"),
            (cost, "µs"),
            goal,
            alone,
        );
        alone = alone.or(Some(cost));
    }
    Ok(())
}

/// Microseconds of all nodes for one delivery.
fn with_nodes(
    scale: Scale,
    nodes: &[Server],
    population: &Population,
    room: RoomId,
    each: usize,
) -> Result<f64> {
    let size = nodes.len() * each;
    let mut swarm = Swarm::new()?;
    let links = swarm.connect_all((0..size).map(|person| {
        let node = &nodes[person % nodes.len()];
        dial(node, population, person, Kind::Synced)
    }))?;
    let writers = &links[..nodes.len()];
    for link in &links {
        swarm.keep(*link, true);
    }
    deliver(&mut swarm, writers, (room, size), 20)?;
    let messages = scale.pick(600_000, 50_000) / size;
    let mut costs = Vec::new();
    for _ in 0..scale.rounds {
        let windows: Vec<_> = nodes
            .iter()
            .map(|node| Window::open(node.pid()))
            .collect::<Result<_>>()?;
        deliver(&mut swarm, writers, (room, size), messages)?;
        let mut cpu = 0.0;
        for window in windows {
            cpu += window.close()?.cpu;
        }
        costs.push(cpu / real(messages * size) * 1e6);
    }
    Ok(median(costs))
}

/// Writes at every node in turn until everybody has everything.
fn deliver(
    swarm: &mut Swarm,
    writers: &[LinkId],
    (room, size): (RoomId, usize),
    messages: usize,
) -> Result<()> {
    let (mut frames, mut bytes) = (SendFrames::default(), Vec::new());
    let (mut delivered, mut posted, mut turns, mut refused) = (0, 0, 0_usize, false);
    while delivered < messages * size {
        while posted < messages && posted < delivered / size + BACKLOG {
            let writer = writers[turns % writers.len()];
            turns += 1;
            for _ in 0..16.min(messages - posted) {
                frames.push(&mut bytes, room, 1, "");
                posted += 1;
            }
            swarm.send(writer, &bytes)?;
            bytes.clear();
        }
        let came = swarm.turn(Duration::from_secs(30), |heard| {
            if heard.payload.starts_with(br#"{"type":"new_message""#) {
                delivered += 1;
            } else if heard.payload.starts_with(br#"{"type":"sync""#) {
                // A node that missed something read it from the store, for each of its members.
                let rows = heard.payload.windows(NAME.len());
                delivered += rows.filter(|bytes| *bytes == NAME).count();
            } else if heard.payload.starts_with(br#"{"type":"error""#) {
                refused = true;
            }
        })?;
        ensure!(!refused, "a message was refused");
        ensure!(
            came,
            "{delivered} of {} came, then nothing",
            messages * size
        );
        ensure!(swarm.closed == 0, "a member was thrown out");
    }
    Ok(())
}
