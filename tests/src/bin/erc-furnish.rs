//! Furnishes a server for the demo, and plays the friend who answers.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use erc_tests::community;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Registers people, makes rooms and writes messages.
    Community {
        #[command(flatten)]
        at: At,
        /// About how many messages.
        #[arg(long, default_value_t = 3000)]
        messages: usize,
        /// The same seed tells the same story.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Is Bo, who answers, until it is killed.
    Friend {
        #[command(flatten)]
        at: At,
    },
}

#[derive(clap::Args)]
struct At {
    /// The server's address.
    #[arg(long)]
    server: String,
    /// A file with everybody's password.
    #[arg(long)]
    password_file: PathBuf,
}

impl At {
    fn password(&self) -> Result<String> {
        let text = std::fs::read_to_string(&self.password_file)
            .with_context(|| self.password_file.display().to_string())?;
        Ok(text.trim().to_owned())
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    match Arguments::parse().command {
        Command::Community { at, messages, seed } => {
            community::furnish(&at.server, &at.password()?, messages, seed).await
        }
        Command::Friend { at } => community::friend(&at.server, &at.password()?).await,
    }
}
