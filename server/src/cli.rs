//! The command line.

mod first_start;
mod serve;
mod user;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use erc_protocol::ServerRole;

use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::lifecycle::Lifecycle;

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
        ERC_REGISTRATION     who may sign up: open, invite or closed (invite)\n  \
        ERC_RATE_LIMITS      on, or off for load tests (on)\n  \
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
    User(UserCommand),
    /// Make an invite to sign up.
    Invite {
        /// How many people may use it.
        #[arg(long, default_value_t = 1)]
        uses: i64,
        /// Hours until it is void.
        #[arg(long, default_value_t = 168)]
        hours: i64,
    },
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Add a user.
    Add(AddUser),
    /// Give a user a new password and sign them out everywhere.
    Password {
        /// User name.
        name: String,
        /// Read the password from standard input, its first line.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

#[derive(Debug, Args)]
struct AddUser {
    /// User name.
    name: String,
    /// Read the password from standard input, its first line.
    #[arg(long, required = true)]
    password_stdin: bool,
    /// owner, admin, moderator, member or guest.
    #[arg(long, default_value_t = ServerRole::Member)]
    role: ServerRole,
    /// The name that others see; the user name if absent.
    #[arg(long)]
    display_name: Option<String>,
}

/// Runs a command to its end.
pub async fn run(cli: Cli) -> anyhow::Result<()> {
    let config = Config::load(cli.config.as_deref())?;
    let app = App::open(config, Clock::System, Lifecycle::default()).await?;
    match cli.command {
        Command::Serve => serve::serve(app).await,
        Command::User(UserCommand::Add(add)) => user::add(app, add).await,
        Command::User(UserCommand::Password { name, .. }) => user::password(app, &name).await,
        Command::Invite { uses, hours } => user::invite(app, uses, hours).await,
    }
}

/// Ends a command: what was submitted is carried out.
async fn close(app: App) {
    let App {
        committer,
        db,
        lifecycle,
        ..
    } = app;
    drop(committer);
    lifecycle.drain();
    lifecycle.stopped().await;
    db.close().await;
}
