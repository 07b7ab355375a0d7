//! The command line.

mod audit;
mod backup;
mod doctor;
mod emoji;
mod first_start;
mod invite;
mod man;
mod migrate_store;
mod raid;
mod repair;
mod room;
mod serve;
mod stats;
mod table;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::{App, make_private_folder};
use crate::clock::Clock;
use crate::config::Config;
use crate::lifecycle::Lifecycle;
use crate::store::Alone;

/// Real-time chat that a community runs for itself.
#[derive(Debug, Parser)]
#[command(
    name = "erc-server",
    version,
    about,
    after_help = "Settings come from a TOML file (--config) and from the environment, which wins:\n  \
        ERC_LISTEN           address and port to listen on (127.0.0.1:8000)\n  \
        ERC_DATA_DIR         folder for the database and the secret (./data)\n  \
        ERC_DATABASE_URL     sqlite:PATH or postgres://… (SQLite in the data folder)\n  \
        ERC_BUS              nats://… if several nodes share a PostgreSQL (none)\n  \
        ERC_BLOBS            folder or s3://BUCKET… for files (files in the data folder)\n  \
        ERC_METRICS_LISTEN   address and port for /metrics, kept private (nowhere)\n  \
        ERC_SLOW_MS          what takes longer is logged; 0 for nothing (250)\n  \
        ERC_REGISTRATION     who may sign up: open, invite or closed (invite)\n  \
        ERC_RATE_LIMITS      on, or off for load tests (on)\n  \
        ERC_RATE_QUOTAS      other quotas than the usual, such as send=600/100\n  \
        ERC_CONNECTS_PER_SECOND  sockets let in a second (500)\n  \
        ERC_SECRET_KEY       signs access tokens (made and kept in the data folder)\n  \
        ERC_SERVER_NAME      what the server calls itself (ERC Chat)\n  \
        ERC_ALLOWED_ORIGINS  origins of web pages that may use it, or * (none but its own)\n  \
        ERC_TRUST_PROXY      true behind a proxy that sets X-Forwarded-For (false)\n  \
        ERC_LOG              log filter, such as info or erc_server=debug (info)\n  \
        ERC_LOG_FORMAT       text or json (text)"
)]
pub struct Cli {
    /// Settings file.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve,
    /// Manage users; also while the server runs.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Manage rooms; also while the server runs.
    #[command(subcommand)]
    Room(room::RoomCommand),
    /// Manage invites to sign up; also while the server runs. Alone it makes one.
    Invite(invite::Invite),
    /// Close the doors for a while because strangers pour in; also while the server runs.
    #[command(subcommand)]
    Raid(raid::RaidCommand),
    /// Manage the community's own emoji; also while the server runs, which finds it within seconds.
    #[command(subcommand)]
    Emoji(emoji::EmojiCommand),
    /// Show what moderators, administrators and operators did; also while the server runs.
    Audit(audit::Audit),
    /// Show the database's figures; also while the server runs.
    Stats {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Look for what is wrong with settings, disk, database and files, and say what to do; also
    /// while the server runs. Ends with 1 if something is broken.
    Doctor {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write everything into one file: database, files, key, settings; also while the server runs,
    /// which waits for nothing. Schedule it, and keep copies on another machine.
    Backup(backup::Backup),
    /// Make a server from a backup, of whichever database, where none is yet. The server must be
    /// stopped.
    Restore(backup::Restore),
    /// Copy everything into an empty database of another kind (SQLite to PostgreSQL or back), and
    /// files into another store; then compare every row. The server must be stopped.
    MigrateStore(migrate_store::MigrateStore),
    /// Look for rows that contradict each other. Ends with 1 if any are left.
    Repair {
        /// Only say what would be done; this is the default.
        #[arg(long, conflicts_with = "apply")]
        dry_run: bool,
        /// Put right what can be computed from other rows. The server must be stopped.
        #[arg(long)]
        apply: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print the manual page of the program, or of a command.
    Man {
        /// The command, such as: room add.
        command: Vec<String>,
    },
}

/// Runs a command to its end.
pub async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let file = cli.config.as_deref();
    let config = || Config::load(file);
    match cli.command {
        Command::Serve => {
            let config = config()?;
            let _alone = alone(&config)?;
            serve::serve(open(config).await?).await?;
        }
        Command::User(command) => {
            let config = config()?;
            user::run(async || open(config).await, command).await?;
        }
        Command::Room(command) => room::run(open(config()?).await?, command).await?,
        Command::Invite(arguments) => invite::run(open(config()?).await?, arguments).await?,
        Command::Raid(command) => raid::run(open(config()?).await?, command).await?,
        Command::Emoji(command) => emoji::run(open(config()?).await?, command).await?,
        Command::Audit(arguments) => audit::run(open(config()?).await?, arguments).await?,
        Command::Man { command } => man::man(&command)?,
        Command::Stats { json } => stats::stats(&config()?, json).await?,
        // It looks at settings that nothing else could start with.
        Command::Doctor { json } => return doctor::doctor(file, json).await,
        Command::Repair { apply, json, .. } => {
            return repair::repair(&config()?, apply, json).await;
        }
        Command::Backup(arguments) => backup::backup(file, arguments).await?,
        Command::Restore(arguments) => backup::restore(file, arguments).await?,
        Command::MigrateStore(arguments) => migrate_store::migrate(arguments).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn open(config: Config) -> anyhow::Result<App> {
    Box::pin(App::open(config, Clock::System, Lifecycle::default())).await
}

/// A second server on one embedded database would tell its clients other things than the first.
fn alone(config: &Config) -> anyhow::Result<Alone> {
    make_private_folder(&config.data_dir)?;
    Ok(Alone::with(&config.database_url)?)
}

/// Ends a command: what was submitted is carried out, and told to the nodes that run.
async fn close(app: App) {
    if !app.close().await {
        tracing::error!("the command is done, but something of it did not end in time");
    }
}
