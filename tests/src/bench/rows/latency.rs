//! How long a message takes at a third of what the server can do, alone and while a hundred members
//! don't read.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::pace::{Latency, Pace, at_a_pace};
use super::{Scale, dial, real, runtime};
use crate::bench::frames::SendFrames;
use crate::bench::population::{furnish, sqlite_url};
use crate::bench::process::Server;
use crate::bench::report::{Goal, Report, median};
use crate::bench::swarm::{Dial, Kind, LinkId, Swarm};

const ROW: &str = "latency";
/// Members who read.
const READERS: usize = 100;
/// Members who don't.
const DEAF: usize = 100;

pub(super) fn run(scale: Scale, report: &mut Report) -> Result<()> {
    let data = tempfile::tempdir()?;
    let everybody = 0..READERS + DEAF;
    let rooms = std::slice::from_ref(&everybody);
    let population =
        runtime()?.block_on(furnish(&sqlite_url(data.path()), READERS + DEAF, rooms))?;
    let room = population.rooms[0];
    let server = Server::start(data.path())?;
    let mut swarm = Swarm::new()?;
    let links =
        swarm.connect_all((0..READERS).map(|n| dial(&server, &population, n, Kind::Synced)))?;

    let writers = &links[..8];
    let most = scale.pick(3_000, 500);
    let mut saturation = Vec::new();
    for _ in 0..scale.rounds {
        saturation.push(flat_out(&mut swarm, writers, room, most)?);
    }
    let rate = median(saturation) / 3.0;
    let pace = Pace {
        writers,
        observer: links[READERS - 1],
        room,
        rate,
        messages: scale.pick(6_000, 500),
    };
    report.tell(
        ROW,
        format!("the pace: a third of saturation, {READERS} readers"),
        (rate, "/s"),
    );
    server.settle()?;
    let quiet = rounds(scale, &mut swarm, &pace)?;
    tell(report, &format!("{READERS} readers"), quiet, None);

    swarm.connect_all((READERS..READERS + DEAF).map(|n| Dial {
        receive_buffer: Some(4_096),
        ..dial(&server, &population, n, Kind::Synced)
    }))?;
    for link in READERS..READERS + DEAF {
        swarm.set_deaf(link, true)?;
    }
    // They are caught up first, as far as they take it: that costs as much as if they read.
    let coming = at_a_pace(&mut swarm, &pace)?;
    report.tell(
        ROW,
        format!("while {DEAF} come at once: acknowledged, 99 of 100"),
        (coming.ack.p99, "ms"),
    );
    server.settle()?;
    let beside = rounds(scale, &mut swarm, &pace)?;
    tell(
        report,
        &format!("{DEAF} more don't read"),
        beside,
        Some(quiet),
    );
    Ok(())
}

fn rounds(scale: Scale, swarm: &mut Swarm, pace: &Pace<'_>) -> Result<Latency> {
    let mut all = Vec::new();
    for _ in 0..scale.rounds {
        all.push(at_a_pace(swarm, pace)?);
    }
    let middle = |of: fn(&Latency) -> f64| median(all.iter().map(of).collect());
    let mut latency = all[0];
    latency.ack.p50 = middle(|l| l.ack.p50);
    latency.ack.p99 = middle(|l| l.ack.p99);
    latency.delivery.p50 = middle(|l| l.delivery.p50);
    latency.delivery.p99 = middle(|l| l.delivery.p99);
    Ok(latency)
}

fn tell(report: &mut Report, when: &str, latency: Latency, without: Option<Latency>) {
    for (what, spread, most, quiet) in [
        ("acknowledged", latency.ack, 10.0, without.map(|l| l.ack)),
        (
            "delivered",
            latency.delivery,
            15.0,
            without.map(|l| l.delivery),
        ),
    ] {
        let goal = quiet.map_or(Goal::None, |quiet| Goal::AtMost(3.0 * quiet.p50));
        let against = quiet.map(|quiet| quiet.p50);
        report.add(
            ROW,
            format!("{when}: {what}, median"),
            (spread.p50, "ms"),
            goal,
            against,
        );
        let against = quiet.map(|quiet| quiet.p99);
        let what = format!("{when}: {what}, 99 of 100");
        report.add(ROW, what, (spread.p99, "ms"), Goal::AtMost(most), against);
    }
}

/// Messages a second when everybody always has some under way.
fn flat_out(
    swarm: &mut Swarm,
    writers: &[LinkId],
    room: erc_protocol::RoomId,
    messages: usize,
) -> Result<f64> {
    const BACKLOG: usize = 128;
    let (begun, before) = (Instant::now(), swarm.frames);
    let (mut frames, mut bytes, mut posted) = (SendFrames::default(), Vec::new(), 0);
    // Each is heard by all, and acknowledged to its writer.
    let each = READERS + 1;
    loop {
        let heard = usize::try_from(swarm.frames - before)?;
        if heard >= messages * each {
            return Ok(real(messages) / begun.elapsed().as_secs_f64());
        }
        while posted < messages && posted < heard / each + BACKLOG {
            bytes.clear();
            frames.push(&mut bytes, room, 1, "");
            swarm.send(writers[posted % writers.len()], &bytes)?;
            posted += 1;
        }
        ensure!(
            swarm.turn(Duration::from_secs(30), |_| {})?,
            "messages stopped coming"
        );
    }
}
