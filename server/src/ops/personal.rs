//! Everything that is held of a user, for themselves: as one JSON document, of one moment, written
//! into a file without a name and read from there, so that neither memory nor the database is held
//! while somebody downloads slowly.

mod sections;

use std::os::unix::fs::OpenOptionsExt as _;

use erc_protocol::{ErrorBody, ErrorCode, Timestamp, UserId, limit};
use futures_util::TryStreamExt as _;
use serde_json::json;
use tokio::fs::File;
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _, BufWriter};

use super::Actor;
use super::committer::{Done, Lane};
use super::error::{Error, Result};
use crate::app::App;
use crate::clock;
use crate::store::Tx;

pub use sections::{NOT_TOLD, SECTIONS};

/// The document, ready to be read.
#[derive(Debug)]
pub struct Archive {
    pub file: File,
    pub bytes: u64,
}

/// Makes it. At most once in a while: [`finished`] says that it arrived.
pub async fn make(app: &App, actor: Actor) -> Result<Archive> {
    take_turn(app, actor.user).await?;
    let mut tx = app.db.snapshot().await?;
    let failed = |error: std::io::Error| Error::Internal(format!("writing an archive: {error}"));
    let file = nameless(app).await.map_err(failed)?;
    let mut out = BufWriter::new(file);
    write(app, &mut tx, actor.user, &mut out).await?;
    out.flush().await.map_err(failed)?;
    let mut file = out.into_inner();
    let bytes = file.stream_position().await.map_err(failed)?;
    file.rewind().await.map_err(failed)?;
    Ok(Archive { file, bytes })
}

/// A file that goes with whoever holds it.
async fn nameless(app: &App) -> std::io::Result<File> {
    let name = format!("personal-{}", clock::new_session_id());
    let path = app.config.data_dir.join(name);
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).create_new(true).mode(0o600);
    tokio::task::spawn_blocking(move || {
        let file = options.open(&path)?;
        std::fs::remove_file(&path)?;
        Ok(File::from_std(file))
    })
    .await
    .map_err(std::io::Error::other)?
}

/// Until it has arrived, it may soon be asked for again.
async fn take_turn(app: &App, user: UserId) -> Result<()> {
    let receipt = app
        .committer
        .submit(Lane::User(user), move |tx, now| {
            Box::pin(async move {
                tx.users_for_update(&[user]).await?;
                let free_at = tx.personal_export(user).await?;
                if let Some(free_at) = free_at.filter(|at| *at > now) {
                    return Err(Error::Refused(too_soon(free_at, now)));
                }
                let soon = now.plus_ms(limit::PERSONAL_EXPORT_RETRY_S * 1_000);
                tx.set_personal_export(user, soon).await?;
                Ok(Done::unchanged(()))
            })
        })
        .await?;
    receipt.await
}

fn too_soon(free_at: Timestamp, now: Timestamp) -> ErrorBody {
    let seconds = u64::try_from(free_at.0 - now.0)
        .unwrap_or(0)
        .div_ceil(1_000);
    // Whatever clocks do.
    let seconds = seconds.min(limit::PERSONAL_EXPORT_EVERY_S.unsigned_abs());
    let minutes = seconds.div_ceil(60);
    let why = format!("your data can be had once in an hour: again in {minutes} minutes");
    let mut body = ErrorBody::new(ErrorCode::RateLimited, why);
    body.retry_after = Some(seconds);
    body
}

/// It was read to its end.
pub async fn finished(app: &App, actor: Actor) -> Result<()> {
    let user = actor.user;
    let receipt = app
        .committer
        .submit(Lane::User(user), move |tx, now| {
            Box::pin(async move {
                let later = now.plus_ms(limit::PERSONAL_EXPORT_EVERY_S * 1_000);
                tx.set_personal_export(user, later).await?;
                Ok(Done::unchanged(()))
            })
        })
        .await?;
    receipt.await
}

async fn write(app: &App, tx: &mut Tx, user: UserId, out: &mut BufWriter<File>) -> Result<()> {
    let head = [
        ("format", json!("erc-personal-data")),
        ("version", json!(1)),
        ("made_at", json!(app.clock.now())),
        ("server_name", json!(app.config.server_name)),
        ("user_id", json!(user)),
    ];
    let mut separator = "{\n";
    for (name, value) in head {
        put(out, &format!("{separator}  \"{name}\": {value}")).await?;
        separator = ",\n";
    }
    for section in SECTIONS {
        put(out, &format!(",\n  \"{}\": [", section.name)).await?;
        let mut separator = "\n    ";
        let mut rows = tx.personal(section, user);
        while let Some(row) = rows.try_next().await? {
            put(out, &format!("{separator}{row}")).await?;
            separator = ",\n    ";
        }
        drop(rows);
        put(out, "]").await?;
    }
    put(out, "\n}\n").await
}

async fn put(out: &mut BufWriter<File>, text: &str) -> Result<()> {
    out.write_all(text.as_bytes())
        .await
        .map_err(|error| Error::Internal(format!("writing an archive: {error}")))
}
