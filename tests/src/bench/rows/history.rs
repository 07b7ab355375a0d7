//! A page of fifty messages in a room of a million: at its beginning, middle and end, against a room
//! of ten thousand; beside what SQLite and JSON take for the same page.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use anyhow::{Context as _, Result, ensure};
use erc_protocol::RoomId;

use super::{Scale, real, runtime};
use crate::bench::page_floor::PageFloor;
use crate::bench::population::{furnish, sqlite_url, write_history};
use crate::bench::process::{Server, Window, cpu_seconds};
use crate::bench::report::{Goal, Report, median};
use crate::bench::swarm::find;

const ROW: &str = "history";

pub(super) fn run(scale: Scale, report: &mut Report) -> Result<()> {
    let (long, short) = (scale.pick(1_000_000, 50_000), scale.pick(10_000, 1_000));
    let requests = scale.pick(2_000, 200);
    let data = tempfile::tempdir()?;
    let url = sqlite_url(data.path());
    let runtime = runtime()?;
    let population = runtime.block_on(furnish(&url, 1, &[0..1, 0..1]))?;
    let (big, small) = (population.rooms[0], population.rooms[1]);
    let sender = population.people[0].0;
    runtime.block_on(write_history(&url, &[big], sender, long))?;
    runtime.block_on(write_history(&url, &[small], sender, short))?;
    let server = Server::start(data.path())?;
    server.settle()?;
    let mut http = Http {
        stream: TcpStream::connect(server.address())?,
        token: population.token(0),
        bytes: Vec::new(),
    };
    let places = [
        (small, short / 2, format!("in the middle of {short}")),
        (big, 60, format!("at the beginning of {long}")),
        (big, long / 2, format!("in the middle of {long}")),
        (big, long + 1, format!("at the end of {long}")),
    ];
    for (room, before, _) in &places {
        page(&mut http, *room, *before)?;
    }
    let floor = PageFloor::open(data.path())?;
    let mut costs = vec![vec![]; places.len()];
    let mut bare = Vec::new();
    for _ in 0..scale.rounds {
        let cpu = cpu_seconds(std::process::id())?;
        for n in 0..requests {
            let page = floor.page(big, long / 2 - n % 10)?;
            ensure!(page.len() > 50 * 200, "not a whole page");
        }
        bare.push((cpu_seconds(std::process::id())? - cpu) / real(requests) * 1e3);
        for ((room, before, _), costs) in places.iter().zip(&mut costs) {
            let window = Window::open(server.pid())?;
            for n in 0..requests {
                // Not the same page each time: a place near by.
                page(&mut http, *room, before.saturating_sub(n % 10).max(52))?;
            }
            costs.push(window.close()?.cpu / real(requests) * 1e3);
        }
    }
    let costs: Vec<_> = costs.into_iter().map(median).collect();
    let bare = median(bare);
    for ((.., name), cost) in places.into_iter().zip(&costs) {
        report.add(
            ROW,
            format!("CPU of a page of 50 {name}"),
            (*cost, "ms"),
            Goal::AtMost(0.3),
            Some(bare),
        );
    }
    let longest = costs[2] / costs[0];
    report.tell(
        ROW,
        format!("a room of {long} against one of {short}"),
        (longest, "×"),
    );
    Ok(())
}

/// One connection that is kept.
struct Http {
    stream: TcpStream,
    token: String,
    bytes: Vec<u8>,
}

fn page(http: &mut Http, room: RoomId, before: usize) -> Result<()> {
    let Http {
        stream,
        token,
        bytes,
    } = http;
    let request = format!(
        "GET /chat/rooms/{room}/messages?limit=50&before_seq={before} HTTP/1.1\r\nHost: bench\r\n\
         Authorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    bytes.clear();
    let mut buffer = vec![0; 65_536];
    loop {
        let count = stream.read(&mut buffer)?;
        ensure!(count > 0, "the server closed");
        bytes.extend_from_slice(&buffer[..count]);
        let Some(head) = find(bytes, b"\r\n\r\n") else {
            continue;
        };
        let text = std::str::from_utf8(&bytes[..head])?.to_ascii_lowercase();
        ensure!(text.starts_with("http/1.1 200"), "{text}");
        let length: usize = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .context("no length")?
            .trim()
            .parse()?;
        if bytes.len() >= head + 4 + length {
            // A page of fifty of these messages can't be shorter.
            ensure!(length > 50 * 200, "not a whole page");
            return Ok(());
        }
    }
}
