//! Messages into rooms of many members, as fast as they are taken, each durable before anybody
//! hears it: what a delivery costs the server, against a program that only writes.

use std::time::Duration;

use anyhow::{Result, ensure};
use erc_protocol::RoomId;

use super::{Scale, dial, real, runtime};
use crate::bench::frames::SendFrames;
use crate::bench::population::{Population, furnish, sqlite_url};
use crate::bench::process::{Server, Used, Window};
use crate::bench::report::{Goal, Report, median};
use crate::bench::socket_floor::SocketFloor;
use crate::bench::swarm::{Dial, Kind, LinkId, Swarm};

const ROW: &str = "fan-out";
/// Sockets that write, at most.
const WRITERS: usize = 8;
/// Messages that are not yet with everybody: enough that the server never waits for us, and fewer
/// than a ring holds.
const BACKLOG: usize = 128;
/// Members up to whom server and floor take turns. Beyond, the sockets of both are more than a process
/// may have open on many systems, and the floor comes after.
const TOGETHER: usize = 5_000;
/// The floor writes so many times what the server does.
const FLOOR_TIMES: usize = 3;

pub(super) fn run(scale: Scale, report: &mut Report) -> Result<()> {
    let mut sizes = vec![1, 10, 100, 1_000];
    if !scale.quick {
        sizes.push(10_000);
    }
    let people = sizes.iter().copied().max().unwrap_or(0);
    let data = tempfile::tempdir()?;
    let rooms: Vec<_> = sizes.iter().map(|size| 0..*size).collect();
    let population = runtime()?.block_on(furnish(&sqlite_url(data.path()), people, &rooms))?;
    let server = Server::start(data.path())?;
    let mut alone = 0.0;
    for (size, room) in sizes.iter().zip(&population.rooms) {
        let cost = one_size(scale, report, &server, &population, (*size, *room))?;
        if *size == 1 {
            alone = cost;
            report.tell(
                ROW,
                "a message that only its sender hears",
                (cost * 1e6, "µs"),
            );
        } else {
            // What a message costs before anybody hears it, taken off.
            let delivery = (cost - alone) / real(*size) * 1e6;
            report.tell(
                ROW,
                format!("{size} members: of this, the delivery alone"),
                (delivery, "µs"),
            );
        }
    }
    Ok(())
}

/// The program that only writes, and those who listen to it.
struct Floor {
    floor: SocketFloor,
    swarm: Swarm,
}

impl Floor {
    fn begin(size: usize) -> Result<Self> {
        let mut swarm = Swarm::new()?;
        let mut floor = SocketFloor::start(size)?;
        swarm.connect_all((0..size).map(|_| Dial {
            server: floor.address,
            kind: Kind::Raw,
            token: String::new(),
            hello: String::new(),
            receive_buffer: None,
        }))?;
        floor.wait()?;
        Ok(Self { floor, swarm })
    }

    /// What a delivery costs it: a frame a write, and 16 frames a write. The floor is quick, and the
    /// kernel's clock coarse: it writes more than the server does.
    fn round(
        &mut self,
        (size, messages, payload): (usize, usize, usize),
        (plain, batched): &mut (Vec<f64>, Vec<f64>),
    ) -> Result<()> {
        for (batch, into) in [(1, plain), (16, batched)] {
            let Self { floor, swarm } = self;
            let used = through_the_floor(floor, swarm, size, messages, payload, batch)?;
            into.push(used.cpu / real(messages * size) * 1e6);
        }
        Ok(())
    }
}

/// CPU seconds a message of the server.
fn one_size(
    scale: Scale,
    report: &mut Report,
    server: &Server,
    population: &Population,
    (size, room): (usize, RoomId),
) -> Result<f64> {
    let deliveries = scale.pick(1_000_000, 200_000);
    let messages = (deliveries / size).clamp(40, 20_000);
    let mut swarm = Swarm::new()?;
    let links = swarm.connect_all((0..size).map(|n| dial(server, population, n, Kind::Synced)))?;
    let writers = &links[..size.min(WRITERS)];
    for writer in writers {
        swarm.keep(*writer, true);
    }
    // Warm, and how long a frame is.
    let (_, payload) = through_the_server(server, &mut swarm, (writers, room, size), 20)?;

    let (mut ours, mut generator, mut rate) = (vec![], vec![], vec![]);
    let mut floors = (vec![], vec![]);
    let count = real(messages * size);
    let mut round = |swarm: &mut Swarm, writers: &[LinkId]| {
        let at = (writers, room, size);
        let (used, _) = through_the_server(server, swarm, at, messages)?;
        ours.push(used.cpu / count * 1e6);
        generator.push(used.generator / used.cpu);
        rate.push(count / used.wall);
        anyhow::Ok(())
    };
    let at = (size, messages * FLOOR_TIMES, payload);
    if size > TOGETHER {
        for _ in 0..scale.rounds {
            round(&mut swarm, writers)?;
        }
        drop(swarm);
        let mut floor = Floor::begin(size)?;
        for _ in 0..scale.rounds {
            floor.round(at, &mut floors)?;
        }
    } else {
        let mut floor = Floor::begin(size)?;
        for _ in 0..scale.rounds {
            round(&mut swarm, writers)?;
            floor.round(at, &mut floors)?;
        }
    }
    let (plain, batched) = floors;
    let (ours, plain, batched) = (median(ours), median(plain), median(batched));
    if size > 1 {
        report.add(
            ROW,
            format!("{size} members: CPU of a delivery (s a million)"),
            (ours, "µs"),
            Goal::AtMost((1.3 * plain).min(1.7)),
            Some(plain),
        );
        report.add(
            ROW,
            format!("{size} members: the same, floor with 16 frames a write"),
            (ours, "µs"),
            Goal::None,
            Some(batched),
        );
        report.tell(
            ROW,
            format!("{size} members: deliveries a second"),
            (median(rate), "/s"),
        );
        report.tell(
            ROW,
            format!("{size} members: the generator's CPU to the server's"),
            (median(generator), ""),
        );
    }
    Ok(ours * 1e-6 * real(size))
}

/// What the messages cost, and how long the payload of one is.
fn through_the_server(
    server: &Server,
    swarm: &mut Swarm,
    (writers, room, size): (&[LinkId], RoomId, usize),
    messages: usize,
) -> Result<(Used, usize)> {
    let window = Window::open(server.pid())?;
    let (mut delivered, mut posted, mut payload, mut refused) = (0, 0, 0, false);
    let (mut frames, mut bytes) = (SendFrames::default(), Vec::new());
    let mut turns = 0_usize;
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
            // Only writers' frames are kept; the others get nothing but messages.
            if heard.payload.is_empty() {
                delivered += 1;
            } else if heard.payload.starts_with(br#"{"type":"new_message""#) {
                delivered += 1;
                payload = heard.payload.len();
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
    Ok((window.close()?, payload))
}

fn through_the_floor(
    floor: &mut SocketFloor,
    swarm: &mut Swarm,
    size: usize,
    messages: usize,
    payload: usize,
    batch: usize,
) -> Result<Used> {
    let window = Window::open(floor.pid())?;
    let whole = swarm.frames + (messages * size) as u64;
    floor.go(messages, payload, batch)?;
    swarm.until("the floor", |swarm| Ok(swarm.frames >= whole), |_| {})?;
    floor.wait()?;
    window.close()
}
