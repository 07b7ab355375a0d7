//! `erc-server emoji …`

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use erc_protocol::{CustomEmoji, emoji as names, limit};
use serde_json::json;

use super::stats::when;
use super::table::{safe, table};
use super::user::{Answer, answer};
use crate::app::App;
use crate::ops::{Error, Result, emoji};

#[derive(Debug, Subcommand)]
pub(super) enum EmojiCommand {
    /// Add an emoji: a PNG, a GIF or a WebP, at most 256 KiB and 512×512 pixels.
    Add {
        /// Small letters, digits and '_'; in messages it is written :name:.
        name: String,
        /// The picture.
        file: PathBuf,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// List them.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take an emoji away. Reactions with it stay, as text.
    Rm {
        /// Its name.
        name: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(app: App, command: EmojiCommand) -> anyhow::Result<()> {
    let (told, json) = match command {
        EmojiCommand::Add { name, file, json } => {
            let picture = read(&file)?;
            let added = emoji::add(&app, None, &name, picture.into()).await;
            (added.map(|one| said(&one, "is there for everybody")), json)
        }
        EmojiCommand::List { json } => (list(&app).await, json),
        EmojiCommand::Rm { name, json } => (remove(&app, &name).await, json),
    };
    answer(app, told, json).await
}

/// A file, unless it is far too large to be a picture that is taken.
fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let about = || format!("the picture {}", file.display());
    let size = std::fs::metadata(file).with_context(about)?.len();
    let most = limit::EMOJI_BYTES as u64;
    anyhow::ensure!(size <= most, "{} has more than {most} bytes", about());
    std::fs::read(file).with_context(about)
}

fn said(one: &CustomEmoji, what: &str) -> Answer {
    (json!(one), format!("{} {what}", names::code(&one.name)))
}

async fn list(app: &App) -> Result<Answer> {
    let list = emoji::list(app).await?;
    let rows: Vec<_> = list
        .emoji
        .iter()
        .map(|one| {
            let by = one.created_by_name.as_deref().unwrap_or("the shell");
            [
                one.name.clone(),
                safe(by),
                when(one.created_at.0),
                format!("{}×{}", one.width, one.height),
                one.size.to_string(),
                one.content_type.clone(),
            ]
        })
        .collect();
    let head = ["name", "added by", "added", "pixels", "bytes", "kind"];
    Ok((json!(list), table(head, &rows)))
}

async fn remove(app: &App, name: &str) -> Result<Answer> {
    let name = name.trim_matches(':');
    let list = emoji::list(app).await?;
    let found = list.emoji.into_iter().find(|one| one.name == name);
    let one = found.ok_or_else(|| Error::not_found("emoji"))?;
    emoji::remove(app, None, one.id).await?;
    Ok(said(&one, "is taken away"))
}
