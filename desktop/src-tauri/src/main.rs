//! The desktop app's entry: logs to standard error, one TLS provider, then the window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use tracing_subscriber::EnvFilter;

fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_env("ERC_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    // Fails only if another provider was installed before, and nothing ran before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    erc_desktop::run()?;
    Ok(())
}
