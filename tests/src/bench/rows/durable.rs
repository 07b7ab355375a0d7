//! Messages a second, each acknowledged when it is durable, beside the bare loop on the same disk.

use std::time::Duration;

use anyhow::{Result, ensure};
use erc_protocol::RoomId;

use super::{Scale, dial, real, runtime};
use crate::bench::durability_floor::DurabilityFloor;
use crate::bench::frames::SendFrames;
use crate::bench::population::{furnish, sqlite_url};
use crate::bench::process::{Server, Used, Window};
use crate::bench::report::{Goal, Report, median};
use crate::bench::swarm::{Kind, LinkId, Swarm};

const ROW: &str = "durable";
/// Frames that a writer has under way: as many as the server takes from one connection.
const UNDER_WAY: usize = 64;
/// Frames sent at a time.
const BURST: usize = 16;
/// Batches of the floor: the server's own are between the first and the last.
const BATCHES: [usize; 3] = [1, 64, 256];

/// One arrangement of writers.
struct Case {
    name: &'static str,
    /// For each writer the rooms that they write to, in turn.
    rooms_of: Vec<Vec<usize>>,
    rooms: Vec<std::ops::Range<usize>>,
}

impl Case {
    /// A few writers in one room, who also hear each other.
    fn one_room() -> Self {
        Self {
            name: "1 room, 4 writers in it",
            rooms_of: vec![vec![0]; 4],
            rooms: std::iter::once(0..4).collect(),
        }
    }

    /// Writers with rooms of their own, who hear only themselves.
    fn many(name: &'static str, writers: usize, rooms: usize) -> Self {
        let mine = |writer| (0..rooms).filter(|n| n % writers == writer).collect();
        Self {
            name,
            rooms_of: (0..writers).map(mine).collect(),
            rooms: (0..rooms).map(|n| n % writers..n % writers + 1).collect(),
        }
    }
}

pub(super) fn run(scale: Scale, report: &mut Report) -> Result<()> {
    let messages = scale.pick(60_000, 10_000);
    for case in [
        Case::one_room(),
        Case::many("10 rooms, a writer in each", 10, 10),
        Case::many("1,000 rooms, 16 writers", 16, 1_000),
    ] {
        let folder = tempfile::tempdir()?;
        let floor = DurabilityFloor::make(folder.path(), case.rooms.len());
        let mut floor = runtime()?.block_on(floor)?;
        one_case(scale, report, &mut floor, &case, messages)?;
    }
    Ok(())
}

fn one_case(
    scale: Scale,
    report: &mut Report,
    floor: &mut DurabilityFloor,
    case: &Case,
    messages: usize,
) -> Result<()> {
    let data = tempfile::tempdir()?;
    let writers = case.rooms_of.len();
    let population =
        runtime()?.block_on(furnish(&sqlite_url(data.path()), writers, &case.rooms))?;
    let server = Server::start(data.path())?;
    let mut swarm = Swarm::new()?;
    let links =
        swarm.connect_all((0..writers).map(|n| dial(&server, &population, n, Kind::Synced)))?;
    for link in &links {
        swarm.keep(*link, true);
    }
    let rooms: Vec<Vec<RoomId>> = case
        .rooms_of
        .iter()
        .map(|places| places.iter().map(|n| population.rooms[*n]).collect())
        .collect();
    write(&server, &mut swarm, &links, &rooms, messages / 10)?;

    let (mut rate, mut cpu, mut generator) = (vec![], vec![], vec![]);
    let mut floors = BATCHES.map(|_| (vec![], vec![]));
    for _ in 0..scale.rounds {
        let used = write(&server, &mut swarm, &links, &rooms, messages)?;
        rate.push(real(messages) / used.wall);
        cpu.push(used.cpu / real(messages) * 1e6);
        generator.push(used.generator / used.cpu);
        for (batch, (rates, cpus)) in BATCHES.into_iter().zip(&mut floors) {
            let count = if batch == 1 { messages / 20 } else { messages };
            let written = floor.write(count, batch)?;
            rates.push(written.rate);
            cpus.push(written.cpu * 1e6);
        }
    }
    let (rate, cpu) = (median(rate), median(cpu));
    let name = case.name;
    report.add(
        ROW,
        format!("{name}: messages"),
        (rate, "/s"),
        Goal::AtLeast(30_000.0),
        None,
    );
    report.add(
        ROW,
        format!("{name}: CPU of a message"),
        (cpu, "µs"),
        Goal::AtMost(40.0),
        None,
    );
    for (batch, (rates, cpus)) in BATCHES.into_iter().zip(floors) {
        let (bare, bare_cpu) = (median(rates), median(cpus));
        let goal = if batch == 1 {
            Goal::None
        } else {
            Goal::AtLeast(0.7 * bare)
        };
        let what = format!("{name}: against {batch} rows a transaction");
        report.add(ROW, what, (rate, "/s"), goal, Some(bare));
        if batch > 1 {
            let what = format!("{name}: CPU against {batch} rows a transaction");
            report.add(ROW, what, (cpu, "µs"), Goal::None, Some(bare_cpu));
        }
    }
    report.tell(
        ROW,
        format!("{name}: the generator's CPU to the server's"),
        (median(generator), ""),
    );
    Ok(())
}

/// Every writer keeps as many frames under way as the server takes, until all are acknowledged.
fn write(
    server: &Server,
    swarm: &mut Swarm,
    links: &[LinkId],
    rooms: &[Vec<RoomId>],
    messages: usize,
) -> Result<Used> {
    let window = Window::open(server.pid())?;
    let mut posted = vec![0_usize; links.len()];
    let mut acked = vec![0_usize; links.len()];
    let each = messages / links.len();
    let (mut frames, mut bytes, mut refused) = (SendFrames::default(), Vec::new(), false);
    while acked.iter().any(|acked| *acked < each) {
        for (n, link) in links.iter().enumerate() {
            while posted[n] < each && posted[n] + BURST <= acked[n] + UNDER_WAY {
                for _ in 0..BURST.min(each - posted[n]) {
                    let room = rooms[n][posted[n] % rooms[n].len()];
                    frames.push(&mut bytes, room, 1, "");
                    posted[n] += 1;
                }
                swarm.send(*link, &bytes)?;
                bytes.clear();
            }
        }
        let came = swarm.turn(Duration::from_secs(30), |heard| {
            if heard.payload.starts_with(br#"{"type":"ack""#) {
                if let Some(n) = links.iter().position(|link| *link == heard.link) {
                    acked[n] += 1;
                }
            } else if heard.payload.starts_with(br#"{"type":"error""#) {
                refused = true;
            }
        })?;
        ensure!(!refused, "a message was refused");
        ensure!(came, "acknowledgements stopped coming");
    }
    window.close()
}
