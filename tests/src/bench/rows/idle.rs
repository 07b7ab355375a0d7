//! Memory of ten thousand clients that are there and silent, each in some rooms.

use std::time::Duration;

use anyhow::Result;

use super::{Scale, dial, neighbourhood, real, runtime};
use crate::bench::population::{furnish, sqlite_url};
use crate::bench::process::{Server, Window, memory, sleeps};
use crate::bench::report::{Goal, Report};
use crate::bench::swarm::{Kind, Swarm};

pub(super) fn run(scale: Scale, report: &mut Report) -> Result<()> {
    const ROW: &str = "idle";
    let people = scale.pick(10_000, 1_000);
    let data = tempfile::tempdir()?;
    let rooms = neighbourhood(people);
    let population = runtime()?.block_on(furnish(&sqlite_url(data.path()), people, &rooms))?;
    let server = Server::start(data.path())?;
    let mut swarm = Swarm::new()?;
    let begun = memory(server.pid())?;

    // The first come and go, so that what is kept for everybody (code, pools) is not counted.
    let some = people / 100;
    swarm.connect_all((0..some).map(|n| dial(&server, &population, n, Kind::Synced)))?;
    settle(&mut swarm)?;
    let before = memory(server.pid())?;
    let window = Window::open(server.pid())?;
    swarm.connect_all((some..people).map(|n| dial(&server, &population, n, Kind::Synced)))?;
    let used = window.close()?;
    settle(&mut swarm)?;
    let after = memory(server.pid())?;
    let each = (after.saturating_sub(before)) as f64 / 1_024.0 / real(people - some);
    let whole = after as f64 / 1_024.0 / 1_024.0;
    report.add(
        ROW,
        format!("memory a connection, {people} of them"),
        (each, "KiB"),
        Goal::AtMost(3.0),
        None,
    );
    let goal = if scale.quick {
        Goal::None
    } else {
        Goal::AtMost(60.0)
    };
    report.add(
        ROW,
        "the server's memory, all in all",
        (whole, "MiB"),
        goal,
        None,
    );
    report.tell(
        ROW,
        "the server's memory before anybody came",
        (begun as f64 / 1_024.0 / 1_024.0, "MiB"),
    );
    report.tell(
        ROW,
        "CPU to take one in (upgrade, hello, catch-up)",
        (used.cpu * 1e6 / real(people - some), "µs"),
    );
    let seconds = scale.pick(30, 5);
    let (window, slept) = (Window::open(server.pid())?, sleeps(server.pid())?);
    let until = std::time::Instant::now() + Duration::from_secs(seconds as u64);
    while std::time::Instant::now() < until {
        swarm.turn(Duration::from_millis(100), |_| {})?;
    }
    let used = window.close()?;
    report.tell(
        ROW,
        format!("CPU while all are silent, over {seconds} s"),
        (used.cpu / used.wall * 100.0, "% of a core"),
    );
    report.tell(
        ROW,
        "times the server woke up meanwhile",
        (
            (sleeps(server.pid())? - slept) as f64 / used.wall,
            "a second",
        ),
    );
    assert_eq!(swarm.live, people, "somebody was thrown out");
    Ok(())
}

/// Takes what still comes, until a second is silent.
fn settle(swarm: &mut Swarm) -> Result<()> {
    while swarm.turn(Duration::from_secs(1), |_| {})? {}
    Ok(())
}
