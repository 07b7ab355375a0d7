//! The simulator by hand: many plans one after the other, or one again.
//!
//! ```text
//! erc-sim --minutes 60                  # fresh seeds for an hour
//! erc-sim --seed 17                     # that plan
//! erc-sim --replay tests/sim/plans/x.json --times 20
//! ```
//!
//! A plan that fails is made smaller and kept in `tests/output`; the run goes on and ends with a
//! failure.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Parser;
use erc_tests::{
    ids,
    programs::repository,
    sim::{
        draw::{self, Taste},
        plan::Plan,
        run::{Failure, run},
        shrink::{Patience, shrink},
        tally::Tally,
    },
};

#[derive(Parser)]
#[command(about = "Runs seeded plans of everything that can go wrong, and says what did")]
struct Options {
    /// How long fresh plans are drawn.
    #[arg(long, default_value_t = 1)]
    minutes: u64,
    /// The first seed; the plans after it have the following ones. With `--times 1` that plan only.
    #[arg(long)]
    seed: Option<u64>,
    /// A plan in a file, instead of drawn ones.
    #[arg(long)]
    replay: Option<PathBuf>,
    /// How many plans at most, or how often a plan is replayed.
    #[arg(long)]
    times: Option<u64>,
    /// Nodes, at most.
    #[arg(long, default_value_t = 3)]
    nodes: usize,
    /// Steps of a plan, at most.
    #[arg(long, default_value_t = 90)]
    steps: usize,
    /// How many of a hundred plans are on `PostgreSQL` (at `ERC_TEST_POSTGRES_URL`).
    #[arg(long, default_value_t = 0)]
    postgres: u8,
    /// Minutes spent on making a failing plan smaller.
    #[arg(long, default_value_t = 3)]
    shrink: u64,
    /// Make a plan of a file smaller, too.
    #[arg(long)]
    smaller: bool,
    /// End at the first plan that fails.
    #[arg(long)]
    stop: bool,
    /// Print what went wrong in the programs, too (as `RUST_LOG` does).
    #[arg(long)]
    log: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    if options.log {
        tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
            .with_writer(std::io::stderr)
            .init();
    }
    let tally = Arc::new(Tally::default());
    let begun = Instant::now();
    let end = begun + Duration::from_secs(60 * options.minutes);
    let most = options.times.unwrap_or(u64::MAX);
    let first = options.seed.unwrap_or_else(|| ids::seed() >> 16);
    let mut failed: u64 = 0;
    for number in 0..most {
        if Instant::now() > end {
            break;
        }
        let plan = match &options.replay {
            Some(path) => match Plan::load(path) {
                Ok(plan) => plan,
                Err(error) => {
                    eprintln!("{error:#}");
                    return ExitCode::FAILURE;
                }
            },
            None => draw::plan(
                first.wrapping_add(number),
                Taste {
                    nodes: options.nodes,
                    steps: options.steps,
                    on_postgres: options.postgres,
                },
            ),
        };
        if let Err(failure) = run(&plan, &tally) {
            failed += 1;
            tell(&plan, &failure);
            if options.replay.is_none() || options.smaller {
                keep(&plan, failure, options.shrink);
            }
            if options.stop {
                break;
            }
        }
    }
    println!("{tally}{failed:>10}  plans failed");
    println!("in {} s, from seed {first}", begun.elapsed().as_secs());
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn tell(plan: &Plan, failure: &Failure) {
    println!(
        "plan {} failed at step {} of {}:",
        plan.seed,
        failure.step + 1,
        plan.steps.len()
    );
    for what in &failure.wrong {
        println!("    {what}");
    }
}

fn keep(plan: &Plan, failure: Failure, minutes: u64) {
    let folder = repository().join("tests/output");
    let path = |kind: &str| folder.join(format!("sim-{}{kind}.json", plan.seed));
    save(plan, &path(""));
    if minutes == 0 {
        return;
    }
    let patience = Patience {
        tries: 3,
        time: Duration::from_secs(60 * minutes),
    };
    let (small, failure) = shrink(plan, failure, patience);
    save(&small, &path("-small"));
    tell(&small, &failure);
}

fn save(plan: &Plan, path: &Path) {
    match plan.save(path) {
        Ok(()) => println!(
            "replay it with: cargo run -p erc-tests --bin erc-sim -- --replay {} --times 20",
            path.display()
        ),
        Err(error) => println!("it could not be kept: {error:#}"),
    }
}
