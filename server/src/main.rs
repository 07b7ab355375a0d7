//! `erc-server`: arguments, logs, and off it goes.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::EnvFilter;

/// A password's hash takes 19 MiB, and the libc's allocator would keep them for ever; this one gives
/// back what was not used for some seconds, and wastes little between small things.
#[cfg(unix)]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> anyhow::Result<ExitCode> {
    // The only cryptography provider in the build; without this rustls can't choose.
    let _ = rustls::crypto::ring::default_provider().install_default();
    start_logs();
    let cli = erc_server::cli::Cli::parse();
    tokio::runtime::Runtime::new()?.block_on(erc_server::cli::run(cli))
}

fn start_logs() {
    let filter = EnvFilter::try_from_env("ERC_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    if std::env::var("ERC_LOG_FORMAT").is_ok_and(|format| format == "json") {
        logs.json().init();
    } else {
        logs.init();
    }
}
