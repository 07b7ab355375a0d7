//! The command line: the client, and commands for scripts.
//!
//! Exit codes are part of the contract: 0 done, 1 refused, 2 usage, 3 offline, 4 not signed in.

mod account;
mod args;
mod client;
mod documents;
mod export;
mod failure;
mod login;
mod output;
mod rooms;
mod search;
mod send;
mod tail;

use std::process::ExitCode;

use clap::Parser as _;
use erc_client_core::Home;

use args::{Cli, Command};

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| {
            let result = runtime.block_on(run(cli));
            // A question that hangs at the end must not keep the shell waiting.
            runtime.shutdown_background();
            result
        });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if output::is_closed(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error);
            ExitCode::from(failure::exit_code(&error))
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Some(Command::Man { command }) => return documents::man(command.as_deref()),
        Some(Command::Completions { shell }) => return documents::completions(shell),
        _ => {}
    }
    let root = cli.home.clone().unwrap_or_else(Home::default_path);
    let home = Home::open(&root)?;
    let chosen = cli.account.as_deref();
    match cli.command {
        None => {
            account::log_to_file(&root);
            client::run(home, chosen, cli.ascii).await
        }
        Some(Command::Login(args)) => login::login(&home, args).await,
        Some(Command::Logout { forget }) => login::logout(&home, chosen, forget).await,
        Some(Command::Accounts { json }) => login::accounts(&home, json),
        Some(Command::Rooms { json }) => rooms::run(&home, chosen, json).await,
        Some(Command::Send(args)) => send::run(&home, chosen, args).await,
        Some(Command::Tail(args)) => tail::run(&home, chosen, args).await,
        Some(Command::Search(args)) => search::run(&home, chosen, &args).await,
        Some(Command::Export(args)) => export::run(&home, chosen, args).await,
        Some(Command::Man { .. } | Command::Completions { .. }) => Ok(()),
    }
}
