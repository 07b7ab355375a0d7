//! Searching a million messages: how fast the index takes them in, and how long an answer takes, for
//! words that all of them have, that one of them has, and that none has.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use erc_server::indexer;
use erc_server::store::Db;
use serde_json::{Value, json};

use super::{Scale, real, runtime};
use crate::bench::population::{furnish, sqlite_url, write_history};
use crate::bench::process::Server;
use crate::bench::report::{Goal, Report};
use crate::bench::swarm::find;

const ROW: &str = "search";

pub(super) fn run(scale: Scale, report: &mut Report) -> Result<()> {
    let count = scale.pick(1_000_000, 20_000);
    let requests = scale.pick(200, 40);
    let data = tempfile::tempdir()?;
    let url = sqlite_url(data.path());
    let runtime = runtime()?;
    let population = runtime.block_on(furnish(&url, 2, &[0..2, 0..1]))?;
    let sender = population.people[0].0;
    runtime.block_on(write_history(&url, &population.rooms, sender, count / 2))?;
    let began = Instant::now();
    runtime.block_on(async {
        let db = Db::open(&url).await?;
        indexer::now(&db).await?;
        db.close().await;
        anyhow::Ok(())
    })?;
    let rate = real(count) / began.elapsed().as_secs_f64();
    report.add(
        ROW,
        format!("{count} messages taken into the index"),
        (rate, "a second"),
        Goal::AtLeast(5_000.0),
        None,
    );
    let server = Server::start(data.path())?;
    let mut http = Http {
        stream: TcpStream::connect(server.address())?,
        token: population.token(0),
    };
    // The second person is in one of the two rooms: half of what the index finds is not theirs.
    let mut theirs = Http {
        stream: TcpStream::connect(server.address())?,
        token: population.token(1),
    };
    let middle = count / 4;
    let queries = [
        ("that all have", "extension cord".to_owned(), 25),
        ("in a phrase", "\"half past six\"".to_owned(), 25),
        ("that two have", middle.to_string(), 1),
        ("that none has", "zebra".to_owned(), 0),
        ("of two letters", "at of".to_owned(), 25),
        ("before a day", "school before:2023-11-15".to_owned(), 1),
        ("best first", "sort:relevance school".to_owned(), 25),
    ];
    for (name, query, least) in queries {
        let (sort, query) = match query.strip_prefix("sort:relevance ") {
            Some(query) => ("relevance", query.to_owned()),
            None => ("newest", query),
        };
        let body = json!({ "query": query, "sort": sort });
        let mut times = Vec::with_capacity(requests);
        for n in 0..requests {
            let http = if n % 2 == 0 { &mut http } else { &mut theirs };
            let began = Instant::now();
            let answer = search(http, &body)?;
            times.push(began.elapsed().as_secs_f64() * 1e3);
            let hits = answer["hits"].as_array().context("no hits")?.len();
            ensure!(hits >= least, "{query}: {hits} hits");
            ensure!(answer["coverage"]["complete"] == true || sort == "relevance");
        }
        times.sort_by(f64::total_cmp);
        let p95 = times[times.len() * 95 / 100];
        report.add(
            ROW,
            format!("95 of 100 answers for words {name}, of {count}"),
            (p95, "ms"),
            Goal::AtMost(50.0),
            None,
        );
    }
    Ok(())
}

/// One connection that is kept.
struct Http {
    stream: TcpStream,
    token: String,
}

fn search(http: &mut Http, body: &Value) -> Result<Value> {
    let body = body.to_string();
    let request = format!(
        "POST /chat/search HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        http.token,
        body.len()
    );
    http.stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 65_536];
    loop {
        let count = http.stream.read(&mut buffer)?;
        ensure!(count > 0, "the server closed");
        bytes.extend_from_slice(&buffer[..count]);
        let Some(head) = find(&bytes, b"\r\n\r\n") else {
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
            return Ok(serde_json::from_slice(&bytes[head + 4..])?);
        }
    }
}
