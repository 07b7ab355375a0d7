//! Measures the built server against the goals of `docs/performance.md`, beside the floors that the
//! same machine sets, and prints one table.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::{Parser, Subcommand};
use erc_tests::bench::{
    machine::Machine,
    report::Report,
    rows::{ROWS, Scale},
    socket_floor,
};

#[derive(Parser)]
struct Arguments {
    /// Rows to run; all if none is named.
    rows: Vec<String>,
    /// Small sizes: shows that it works, not how fast.
    #[arg(long)]
    quick: bool,
    /// How often server and floor take turns; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Where the JSON goes.
    #[arg(long, default_value = "bench.json")]
    json: PathBuf,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Subcommand)]
enum Part {
    /// The child process that writes to sockets and does nothing else.
    #[command(hide = true)]
    SocketFloor { sockets: usize },
}

fn main() -> Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = Arguments::parse();
    if let Some(Part::SocketFloor { sockets }) = arguments.part {
        return socket_floor::run(sockets);
    }
    for row in &arguments.rows {
        let names: Vec<_> = ROWS.iter().map(|(name, _)| *name).collect();
        ensure!(
            names.contains(&row.as_str()),
            "there is no row {row}; there are {}",
            names.join(", ")
        );
    }
    let scale = Scale {
        quick: arguments.quick,
        rounds: arguments.rounds.max(1),
    };
    let machine = Machine::here();
    let mut report = Report::default();
    for (name, run) in ROWS {
        if arguments.rows.is_empty() || arguments.rows.iter().any(|row| row == name) {
            eprintln!("== {name}");
            if let Err(error) = run(scale, &mut report) {
                report.note(name, format!("failed: {error:#}"));
            }
        }
    }
    println!("{}", report.table(&machine));
    std::fs::write(&arguments.json, format!("{:#}\n", report.json(&machine)))?;
    eprintln!("written to {}", arguments.json.display());
    Ok(())
}
