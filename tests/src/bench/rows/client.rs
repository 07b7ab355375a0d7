//! The terminal client with a thousand rooms and a million messages in its cache: first frame,
//! memory, catching up, silence.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use erc_protocol::{UserId, search::grams};
use rusqlite::functions::FunctionFlags;

use super::{Scale, real, runtime};
use crate::bench::population::{furnish, set_password, sqlite_url, write_history};
use crate::bench::process::{Server, cpu_seconds, memory, sleeps};
use crate::bench::report::{Goal, Report, median};
use crate::client::Client;
use crate::programs;
use crate::server::PASSWORD;
use crate::terminal::Terminal;

const ROW: &str = "client";

pub(super) fn run(scale: Scale, report: &mut Report) -> Result<()> {
    if !programs::folder().join("erc").is_file() {
        report.note(ROW, "not measured: the program erc is not built");
        return Ok(());
    }
    let (rooms, each) = (scale.pick(1_000, 100), scale.pick(1_000, 100));
    let data = tempfile::tempdir()?;
    let home = tempfile::tempdir()?;
    let url = sqlite_url(data.path());
    let runtime = runtime()?;
    let ranges: Vec<_> = (0..rooms).map(|_| 0..2).collect();
    let population = runtime.block_on(furnish(&url, 2, &ranges))?;
    let (me, friend) = (population.people[0].0, population.people[1].0);
    runtime.block_on(set_password(&url, me, PASSWORD))?;
    runtime.block_on(write_history(&url, &population.rooms, friend, each))?;

    let mut server = Server::start(data.path())?;
    let address = format!("http://{}", server.address());
    let made = runtime.block_on(async {
        let client = Client::sign_in_at(home.path(), &address, "person0").await;
        client.live().await;
        client.account.close().await;
        anyhow::Ok(())
    });
    made?;
    server.stop(true)?;
    fill(&cache_of(home.path())?, &data.path().join("erc.db"))?;

    let size = format!("{rooms} rooms, {} messages cached", rooms * each);
    first_frame(home.path(), &size, scale, report)?;

    // A month later.
    let missed = scale.pick(30, 10);
    runtime.block_on(write_history(&url, &population.rooms, friend, missed))?;
    server.restart()?;
    // In that month everything was indexed as it came.
    server.settle()?;
    let begun = Instant::now();
    let cpu = cpu_seconds(std::process::id())?;
    runtime.block_on(async {
        let client = Client::reopen(home.path());
        client.live().await;
        client.account.close().await;
    });
    report.add(
        ROW,
        format!(
            "client-core is live again, {} messages missed",
            rooms * missed
        ),
        (begun.elapsed().as_secs_f64(), "s"),
        Goal::AtMost(2.0),
        None,
    );
    report.tell(
        ROW,
        "its CPU for that",
        (cpu_seconds(std::process::id())? - cpu, "s"),
    );
    silence(home.path(), scale, report)?;
    report.note(
        ROW,
        "the window's first paint and scrolling are not measured here",
    );
    Ok(())
}

/// From its own disk, with no server to be found.
fn first_frame(home: &Path, size: &str, scale: Scale, report: &mut Report) -> Result<()> {
    let (mut first, mut size_of) = (vec![], vec![]);
    for _ in 0..scale.rounds.max(5) {
        let begun = Instant::now();
        let erc = Terminal::erc(home, &[]);
        while !erc.contents().contains("Room of 2") {
            anyhow::ensure!(
                begun.elapsed() < Duration::from_secs(30),
                "nothing was shown"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
        first.push(begun.elapsed().as_secs_f64() * 1e3);
        std::thread::sleep(Duration::from_secs(2));
        size_of.push(memory(erc.pid())? as f64 / 1_048_576.0);
    }
    report.add(
        ROW,
        format!("first frame of erc, {size}"),
        (median(first), "ms"),
        Goal::AtMost(100.0),
        None,
    );
    report.add(
        ROW,
        "its memory two seconds later",
        (median(size_of), "MiB"),
        Goal::AtMost(60.0),
        None,
    );
    Ok(())
}

/// What it costs to sit there.
fn silence(home: &Path, scale: Scale, report: &mut Report) -> Result<()> {
    let erc = Terminal::erc(home, &[]);
    erc.wait_for("Room of 2");
    // Until what comes in the background has come.
    std::thread::sleep(Duration::from_secs(scale.pick(60, 10) as u64));
    let seconds = scale.pick(60, 10);
    let (cpu, slept) = (cpu_seconds(erc.pid())?, sleeps(erc.pid())?);
    std::thread::sleep(Duration::from_secs(seconds as u64));
    report.tell(
        ROW,
        format!("erc, connected and silent for {seconds} s: woke up"),
        (
            f64::from(u32::try_from(sleeps(erc.pid())? - slept)?) / real(seconds),
            "a second",
        ),
    );
    report.tell(
        ROW,
        "its CPU meanwhile",
        (
            (cpu_seconds(erc.pid())? - cpu) / real(seconds) * 100.0,
            "% of a core",
        ),
    );
    Ok(())
}

/// The cache of the only account of this home.
fn cache_of(home: &Path) -> Result<PathBuf> {
    let mut folders = vec![home.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with("store.db") {
                return Ok(path);
            }
        }
    }
    anyhow::bail!("the client has no cache")
}

/// Gives the cache what its owner would have got by reading every room to its beginning: the
/// server's rows, as the sync engine stores them.
fn fill(cache: &Path, server: &Path) -> Result<()> {
    let db = rusqlite::Connection::open(cache)?;
    db.pragma_update(None, "synchronous", "OFF")?;
    // The cache's triggers call it, for what is searched.
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    db.create_scalar_function("erc_grams", 2, flags, |call| {
        let content: String = call.get(0)?;
        Ok(grams::line(&content, UserId(call.get(1)?)))
    })?;
    db.execute(
        "ATTACH ?1 AS server",
        [server
            .to_str()
            .context("a temporary folder has a plain name")?],
    )?;
    db.execute_batch(
        "BEGIN;
         INSERT INTO main.messages (room_id, seq, message_id, sender_id, sender_name, content,
             message_type, created_at, rev, client_id)
         SELECT m.room_id, m.seq, m.id, m.sender_id, 'Person 1', m.content, m.kind, m.created_at,
             m.rev, lower(substr(hex(m.client_id), 1, 8) || '-' || substr(hex(m.client_id), 9, 4)
             || '-' || substr(hex(m.client_id), 13, 4) || '-' || substr(hex(m.client_id), 17, 4)
             || '-' || substr(hex(m.client_id), 21))
         FROM server.messages m ORDER BY m.room_id, m.seq
         ON CONFLICT DO NOTHING;
         DELETE FROM main.holes;
         UPDATE main.rooms SET rev = r.rev, seq = r.last_seq, last_seq = r.last_seq,
             room_rev = r.state_rev, name = r.name, member_count = r.member_count,
             last_message_at = r.last_message_at, members_complete = 0
         FROM server.rooms r WHERE r.id = main.rooms.room_id;
         COMMIT;",
    )?;
    Ok(())
}
