//! A thousand members who don't read, in a busy room: what they cost the server, and the others.

use anyhow::Result;

use super::pace::{Pace, at_a_pace};
use super::{Scale, dial, real, runtime};
use crate::bench::population::{furnish, sqlite_url};
use crate::bench::process::{Server, Window, memory};
use crate::bench::report::{Goal, Report};
use crate::bench::swarm::{Dial, Kind, Swarm};

const ROW: &str = "slow-readers";
const READERS: usize = 50;
/// Messages a second: a very busy room, and well below saturation.
const RATE: f64 = 100.0;

pub(super) fn run(scale: Scale, report: &mut Report) -> Result<()> {
    let deaf = scale.pick(1_000, 100);
    let messages = scale.pick(2_000, 300);
    let data = tempfile::tempdir()?;
    let everybody = 0..READERS + deaf;
    let rooms = std::slice::from_ref(&everybody);
    let population =
        runtime()?.block_on(furnish(&sqlite_url(data.path()), READERS + deaf, rooms))?;
    let server = Server::start(data.path())?;
    let mut swarm = Swarm::new()?;
    let all = swarm.connect_all((0..READERS + deaf).map(|n| Dial {
        receive_buffer: (n >= READERS).then_some(4_096),
        ..dial(&server, &population, n, Kind::Synced)
    }))?;
    let pace = Pace {
        writers: &all[..4],
        observer: all[READERS - 1],
        room: population.rooms[0],
        rate: RATE,
        messages,
    };
    // Everybody reads, first.
    let quiet = at_a_pace(&mut swarm, &pace)?;
    let before = memory(server.pid())?;
    for link in &all[READERS..] {
        swarm.set_deaf(*link, true)?;
    }
    let window = Window::open(server.pid())?;
    let beside = at_a_pace(&mut swarm, &pace)?;
    let used = window.close()?;
    let after = memory(server.pid())?;
    let each = (after as f64 - before as f64) / 1_024.0 / real(deaf);
    report.add(
        ROW,
        format!("{deaf} don't read {messages} messages: more memory for each"),
        (each, "KiB"),
        Goal::AtMost(32.0),
        None,
    );
    report.tell(
        ROW,
        "the server's CPU meanwhile",
        (used.cpu / used.wall * 100.0, "% of a core"),
    );
    for (what, now, then) in [
        ("acknowledged", beside.ack, quiet.ack),
        ("delivered", beside.delivery, quiet.delivery),
    ] {
        let what = format!("the others: {what}, 99 of 100, against all reading");
        // "No effect": within what one run differs from another.
        report.add(
            ROW,
            what,
            (now.p99, "ms"),
            Goal::AtMost(1.5 * then.p99),
            Some(then.p99),
        );
    }
    report.tell(
        ROW,
        "connections that the server let go",
        (real(swarm.closed), ""),
    );
    Ok(())
}
