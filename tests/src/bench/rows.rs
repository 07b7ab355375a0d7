//! The rows of the table, one file each. A row gets what it needs to know of the run, makes what it
//! measures, and adds its figures to the report.

mod client;
mod cold_start;
mod durable;
mod fan_out;
mod herd;
mod history;
mod idle;
mod latency;
mod pace;
mod scale_out;
mod search;
mod slow;

use anyhow::Result;

use super::population::Population;
use super::process::Server;
use super::report::Report;
use super::swarm::{Dial, Kind};

/// How large a run is.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// A fraction of the sizes, for a look at whether it works.
    pub quick: bool,
    /// How often server and floor take turns.
    pub rounds: usize,
}

impl Scale {
    /// The first, or in a quick run the second.
    pub const fn pick(&self, full: usize, quick: usize) -> usize {
        if self.quick { quick } else { full }
    }
}

type Row = fn(Scale, &mut Report) -> Result<()>;

/// Every row by its name, in the order of the table.
pub const ROWS: &[(&str, Row)] = &[
    ("idle", idle::run),
    ("fan-out", fan_out::run),
    ("durable", durable::run),
    ("latency", latency::run),
    ("slow-readers", slow::run),
    ("herd", herd::run),
    ("history", history::run),
    ("search", search::run),
    ("client", client::run),
    ("scale-out", scale_out::run),
    ("cold-start", cold_start::run),
];

/// Members of a room of [`neighbourhood`].
const NEIGHBOURS: usize = 50;
/// Rooms of a person there.
const ROOMS_EACH: usize = 4;

/// Rooms of fifty that overlap, so that everybody (but the first and last few) is in four.
fn neighbourhood(people: usize) -> Vec<std::ops::Range<usize>> {
    let step = NEIGHBOURS.div_ceil(ROOMS_EACH);
    (0..=(people - NEIGHBOURS) / step)
        .map(|n| n * step..n * step + NEIGHBOURS)
        .collect()
}

/// How a person connects.
fn dial(server: &Server, population: &Population, person: usize, kind: Kind) -> Dial {
    Dial {
        server: server.address(),
        kind,
        token: population.token(person),
        hello: format!(r#"{{"client":"bench","device":"d{person}"}}"#),
        receive_buffer: None,
    }
}

const fn real(count: usize) -> f64 {
    count as f64
}

/// A runtime for what is asynchronous: making the population.
fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?)
}
