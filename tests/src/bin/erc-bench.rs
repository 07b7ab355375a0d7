//! One honest measurement: messages a second through the real server, durable when acknowledged,
//! beside the floor that the same disk sets (`rusqlite`, WAL, `synchronous = FULL`), as a ratio.
//!
//! Server and floor take turns, so that a slow moment of the machine hits both. Every number is
//! the median of the rounds.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use clap::Parser;
use erc_protocol::{
    RoomId,
    gateway::{ClientFrame, ClientPacket, ServerFrame, ServerPacket},
};
use erc_tests::{
    rest::Person,
    server::TestServer,
    socket::{Wire, send_frame},
};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message as Raw;

/// About what people write.
const TEXT: &str = "Shall we meet on Thursday at half past six in front of the old school? \
                    Bring the long extension cord, please.";

#[derive(Parser)]
struct Arguments {
    /// Messages in a round.
    #[arg(long, default_value_t = 20_000)]
    messages: usize,
    /// Sockets that write at once.
    #[arg(long, default_value_t = 16)]
    writers: usize,
    /// Frames that a writer has under way.
    #[arg(long, default_value_t = 64)]
    window: usize,
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

fn main() -> Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Runtime::new()?;
    let server = TestServer::start();
    let seats = runtime.block_on(seats(&server, arguments.writers));

    let (mut sent, mut single, mut batched, mut alone) = (vec![], vec![], vec![], vec![]);
    for round in 1..=arguments.rounds {
        eprintln!("round {round} of {}", arguments.rounds);
        single.push(floor(server.data(), arguments.messages.min(2_000), 1)?);
        batched.push(floor(server.data(), arguments.messages, 64)?);
        sent.push(runtime.block_on(through_the_server(&seats, &arguments))?);
        alone.push(runtime.block_on(one_at_a_time(&seats[0], 300))?);
    }
    let (sent, single, batched) = (median(sent), median(single), median(batched));
    let alone_us = 1e6 / median(alone);
    if arguments.json {
        let report = json!({
            "server_messages_per_second": sent.round(),
            "floor_one_per_transaction": single.round(),
            "floor_64_per_transaction": batched.round(),
            "server_to_floor_one": sent / single,
            "server_to_floor_64": sent / batched,
            "acknowledged_alone_us": alone_us.round(),
            "messages": arguments.messages,
            "writers": arguments.writers,
            "window": arguments.window,
            "rounds": arguments.rounds,
            "optimised": !cfg!(debug_assertions),
        });
        println!("{report:#}");
    } else {
        println!(
            "messages/s, each durable when acknowledged ({} writers, {} under way each{})",
            arguments.writers,
            arguments.window,
            if cfg!(debug_assertions) {
                "; NOT an optimised build"
            } else {
                ""
            }
        );
        println!("  the server                          {sent:>10.0}");
        println!(
            "  floor: rusqlite, 1 a transaction    {single:>10.0}   server/floor {:.2}",
            sent / single
        );
        println!(
            "  floor: rusqlite, 64 a transaction   {batched:>10.0}   server/floor {:.2}",
            sent / batched
        );
        println!(
            "  one message at a time: acknowledged after {:.2} ms",
            alone_us / 1e3
        );
    }
    Ok(())
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

fn rate(count: usize, took: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52 messages")]
    let count = count as f64;
    count / took.as_secs_f64()
}

/// Rows of the same size into a table of the same kind, on the same disk.
fn floor(beside: &Path, messages: usize, a_transaction: usize) -> Result<f64> {
    let folder = tempfile::tempdir_in(beside)?;
    let mut db = rusqlite::Connection::open(folder.path().join("floor.db"))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.execute_batch(
        "CREATE TABLE messages (id INTEGER PRIMARY KEY, room_id INTEGER NOT NULL,
           seq INTEGER NOT NULL, rev INTEGER NOT NULL, sender_id INTEGER NOT NULL,
           client_id BLOB NOT NULL, content TEXT NOT NULL, created_at INTEGER NOT NULL,
           UNIQUE (room_id, seq), UNIQUE (sender_id, client_id)) STRICT;
         CREATE INDEX by_rev ON messages (room_id, rev);",
    )?;
    let begun = Instant::now();
    let mut seq: i64 = 0;
    for left in (0..messages).step_by(a_transaction) {
        let tx = db.transaction()?;
        {
            let mut insert = tx.prepare_cached(
                "INSERT INTO messages (room_id, seq, rev, sender_id, client_id, content, created_at)
                 VALUES (1, ?1, ?1, 1, ?2, ?3, 1700000000000)",
            )?;
            for _ in 0..a_transaction.min(messages - left) {
                seq += 1;
                insert.execute((seq, erc_tests::ids::client_id().0.as_bytes(), TEXT))?;
            }
        }
        tx.commit()?;
    }
    Ok(rate(messages, begun.elapsed()))
}

/// Each writer is somebody else in a room of their own, so that what is measured is the way in;
/// of the way out there is only each writer's own echo.
async fn seats(server: &TestServer, count: usize) -> Vec<(Person, RoomId)> {
    let mut seats = Vec::new();
    for number in 0..count {
        let name = format!("writer{number}");
        server.add_user(&name);
        let person = Person::sign_in(&server.url(), &name).await;
        let room = person.create_room(&name).await;
        seats.push((person, room));
    }
    seats
}

async fn through_the_server(seats: &[(Person, RoomId)], arguments: &Arguments) -> Result<f64> {
    let each = arguments.messages / seats.len();
    let mut sockets = Vec::new();
    for (person, room) in seats {
        sockets.push((Wire::brief(person).await, *room));
    }
    let begun = Instant::now();
    let writing = sockets
        .into_iter()
        .map(|(wire, room)| tokio::spawn(write(wire, room, each, arguments.window)));
    for writer in writing.collect::<Vec<_>>() {
        writer.await??;
    }
    Ok(rate(each * seats.len(), begun.elapsed()))
}

async fn write(wire: Wire, room: RoomId, count: usize, window: usize) -> Result<()> {
    let (mut sink, mut stream) = wire.into_socket().split();
    let (mut posted, mut acknowledged) = (0, 0);
    while acknowledged < count {
        while posted < count && posted - acknowledged < window {
            posted += 1;
            let packet = ClientPacket {
                id: Some(posted as u64),
                frame: ClientFrame::SendMessage(send_frame(room, TEXT)),
            };
            sink.feed(Raw::Text(packet.encode().into())).await?;
        }
        sink.flush().await?;
        let frame = stream.next().await.context("the server closed")??;
        if let Raw::Text(text) = frame {
            match ServerPacket::decode(&text)?.frame {
                ServerFrame::Ack(_) => acknowledged += 1,
                ServerFrame::Error(error) => anyhow::bail!("refused: {error}"),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Messages a second of somebody who waits for each answer.
async fn one_at_a_time((person, room): &(Person, RoomId), count: usize) -> Result<f64> {
    let wire = Wire::brief(person).await;
    let begun = Instant::now();
    write(wire, *room, count, 1).await?;
    Ok(rate(count, begun.elapsed()))
}
