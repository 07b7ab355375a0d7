//! `erc-server backup` and `erc-server restore`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::doctor;
use super::stats::{amount, when};
use crate::backup::{self, Order, Passphrase, Restored};
use crate::clock::Clock;
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// A file to be made, or a folder, in which a file is made that is called by the time.
    to: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    force: bool,
    /// Afterwards leave only the newest N backups in the folder, this one counted.
    #[arg(long, value_name = "N")]
    keep: Option<usize>,
    /// Seal the backup by the passphrase in the first line of this file; - is standard input.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Leave out the key that signs access tokens.
    #[arg(long)]
    without_secret: bool,
    /// Tell as JSON what was made.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The backup.
    from: PathBuf,
    /// The passphrase of a sealed backup, in the first line of this file; - is standard input.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Only read and check all of it.
    #[arg(long)]
    check: bool,
    /// End all sessions: those that were ended since the backup was made would be open again.
    #[arg(long, conflicts_with = "check")]
    end_sessions: bool,
    /// Tell as JSON what is in it.
    #[arg(long)]
    json: bool,
}

fn passphrase(file: Option<&Path>) -> anyhow::Result<Option<Passphrase>> {
    file.map(Passphrase::read).transpose()
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
pub(super) async fn backup(file: Option<&Path>, arguments: Backup) -> anyhow::Result<()> {
    let order = Order {
        to: arguments.to,
        settings: Config::portable(file)?,
        passphrase: passphrase(arguments.passphrase_file.as_deref())?,
        without_secret: arguments.without_secret,
        force: arguments.force,
        keep: arguments.keep,
        now: Clock::System.now(),
    };
    let is_open = order.passphrase.is_none() && !order.without_secret;
    let made = backup::make(&Config::load(file)?, order).await?;
    if arguments.json {
        let told = serde_json::json!({
            "path": made.path,
            "bytes": made.bytes,
            "manifest": made.manifest,
            "removed": made.removed,
        });
        println!("{told:#}");
        return Ok(());
    }
    println!("{} ({})", made.path.display(), amount(made.bytes));
    println!("{}", contents(&made.manifest));
    for id in &made.manifest.files.damaged {
        println!("the file {id} is damaged in the store of files: restore it from an older backup");
    }
    for name in &made.removed {
        println!("removed {name}");
    }
    if is_open {
        println!("it holds the key that signs access tokens: keep it where only you can read it");
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
pub(super) async fn restore(file: Option<&Path>, arguments: Restore) -> anyhow::Result<()> {
    let passphrase = passphrase(arguments.passphrase_file.as_deref())?;
    let from = &arguments.from;
    let Restored {
        manifest,
        mut remarks,
    } = if arguments.check {
        backup::check(from, passphrase.as_ref()).await?
    } else {
        let config = Config::load(file)?;
        let end_sessions = arguments.end_sessions.then(|| Clock::System.now());
        let mut restored =
            backup::restore(&config, from, passphrase.as_ref(), end_sessions).await?;
        restored.remarks.extend(doctor::of_database(&config).await);
        restored
    };
    if arguments.json {
        let told = serde_json::json!({
            "restored": !arguments.check,
            "manifest": manifest,
            "remarks": remarks,
        });
        println!("{told:#}");
        return Ok(());
    }
    println!("{}", contents(&manifest));
    remarks.push(if arguments.check {
        "the backup is whole; nothing was restored".into()
    } else {
        "restored. Start the server; clients load again what they show".into()
    });
    for remark in remarks {
        println!("{remark}");
    }
    Ok(())
}

fn contents(manifest: &backup::Manifest) -> String {
    let rows = |table: &str| manifest.database.rows.get(table).copied().unwrap_or(0);
    format!(
        "of {}: {} users, {} rooms, {} messages, {} files ({}); by erc-server {} from {}",
        when(manifest.made_at.0),
        rows("users"),
        rows("rooms"),
        rows("messages"),
        manifest.files.count,
        amount(manifest.files.bytes),
        manifest.program,
        manifest.taken_from
    )
}
