//! From `exec` to `listening on`, on a database that is there.

use anyhow::Result;

use super::{Scale, runtime};
use crate::bench::population::{furnish, sqlite_url, write_history};
use crate::bench::process::{Server, cpu_seconds};
use crate::bench::report::{Goal, Report, median};

const ROW: &str = "cold-start";

pub(super) fn run(scale: Scale, report: &mut Report) -> Result<()> {
    let messages = scale.pick(100_000, 10_000);
    let data = tempfile::tempdir()?;
    let url = sqlite_url(data.path());
    let runtime = runtime()?;
    let population = runtime.block_on(furnish(&url, 100, std::slice::from_ref(&(0..100))))?;
    let (room, sender) = (population.rooms[0], population.people[0].0);
    runtime.block_on(write_history(&url, &[room], sender, messages))?;
    let mut server = Server::start(data.path())?;
    for (gently, how) in [(true, "stopped"), (false, "killed")] {
        let (mut took, mut cpu) = (vec![], vec![]);
        for _ in 0..scale.rounds.max(5) {
            server.stop(gently)?;
            server.restart()?;
            took.push(server.start_took.as_secs_f64() * 1e3);
            cpu.push(cpu_seconds(server.pid())? * 1e3);
        }
        report.add(
            ROW,
            format!("start on {messages} messages, after it was {how}"),
            (median(took), "ms"),
            Goal::AtMost(100.0),
            None,
        );
        report.tell(ROW, "of this, CPU", (median(cpu), "ms"));
    }
    Ok(())
}
