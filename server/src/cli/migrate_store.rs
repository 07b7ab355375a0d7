//! `erc-server migrate-store`: from an embedded SQLite to PostgreSQL or back, and files from one
//! store to another.

use std::io::Write as _;

use anyhow::{Context as _, ensure};
use clap::Args;
use futures_util::TryStreamExt as _;

use super::stats::amount;
use crate::blobs::{Blobs, Place};
use crate::store::{Alone, Copied, Db, Schema, Step, copy};

/// Rows between two lines of progress.
const OFTEN: u64 = 50_000;

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub(super) struct MigrateStore {
    /// The database to be copied: sqlite:PATH or postgres://…; no server may use it.
    #[arg(long, value_name = "URL", requires = "to", group = "what")]
    from: Option<String>,
    /// An empty database of the other kind; a SQLite file is made.
    #[arg(long, value_name = "URL", requires = "from")]
    to: Option<String>,
    /// Files to be copied: a folder, or a place on S3 as in `ERC_BLOBS`.
    #[arg(long, value_name = "PLACE", requires = "blobs_to", group = "what")]
    blobs_from: Option<Place>,
    /// Where the files go. What is there already is not copied again.
    #[arg(long, value_name = "PLACE", requires = "blobs_from")]
    blobs_to: Option<Place>,
}

pub(super) async fn migrate(arguments: MigrateStore) -> anyhow::Result<()> {
    // Files first: a database that knows of files is of no use without them.
    if let (Some(from), Some(to)) = (&arguments.blobs_from, &arguments.blobs_to) {
        files(from, to).await?;
    }
    if let (Some(from), Some(to)) = (&arguments.from, &arguments.to) {
        database(from, to).await?;
    }
    Ok(())
}

async fn files(from: &Place, to: &Place) -> anyhow::Result<()> {
    ensure!(from != to, "the files are there already");
    if let Place::Folder(path) = from {
        ensure!(path.is_dir(), "there is no folder {from}");
    }
    let (source, target) = (Blobs::open(from)?, Blobs::open(to)?);
    let (mut copied, mut bytes, mut there) = (0_u64, 0, 0_u64);
    let mut list = source.list();
    while let Some((id, size)) = list
        .try_next()
        .await
        .with_context(|| format!("listing {from}"))?
    {
        if target.size(id).await? == Some(size) {
            there += 1;
            continue;
        }
        let found = source
            .get(id, None)
            .await
            .with_context(|| format!("reading {id}"))?;
        let content = found.content.map_err(std::io::Error::other);
        let stored = target
            .put(content, u64::MAX)
            .await
            .with_context(|| format!("copying {id}"))?;
        if stored.id != id {
            target.delete(stored.id).await?;
            anyhow::bail!("the file {id} is damaged in {from}: restore it from a backup");
        }
        copied += 1;
        bytes += size;
        if copied.is_multiple_of(1_000) {
            say(&format!("{copied} files, {}", amount(bytes)));
        }
    }
    say(&format!(
        "files: {copied} copied ({}), each compared by its SHA-256; {there} were there",
        amount(bytes)
    ));
    Ok(())
}

async fn database(from: &str, to: &str) -> anyhow::Result<()> {
    for url in [from, to] {
        let known = ["sqlite:", "postgres://", "postgresql://"];
        ensure!(
            known.iter().any(|scheme| url.starts_with(scheme)),
            "a database is named sqlite:PATH or postgres://…"
        );
    }
    if let Some(path) = from.strip_prefix("sqlite:") {
        ensure!(
            std::path::Path::new(path).is_file(),
            "there is no database {path}"
        );
    }
    let _alone = (Alone::with(from)?, Alone::with(to)?);
    let source = Db::open_as_it_is(from)
        .await
        .context("opening the source")?;
    let result = into(&source, to).await;
    source.close().await;
    let copied = result?;
    let rows: u64 = copied.iter().map(|table| table.rows).sum();
    for table in &copied {
        say(&format!(
            "{:<16} {:>10} rows  sha256 {}",
            table.table,
            table.rows,
            &table.digest[..16]
        ));
    }
    say(&format!(
        "{rows} rows copied and compared, every column of each. Set ERC_DATABASE_URL to the new \
         database and keep the data folder (or ERC_SECRET_KEY): everybody stays signed in, and \
         clients go on where they were. Keep the old database until you have seen that"
    ));
    Ok(())
}

async fn into(source: &Db, to: &str) -> anyhow::Result<Vec<Copied>> {
    let schema = source.schema().await?;
    ensure!(
        matches!(schema, Schema::Current(_)),
        "the source is not of this program's version: {schema}"
    );
    free(source, "source").await?;
    let target = Db::open(to).await.context("opening the target")?;
    let result = async {
        free(&target, "target").await?;
        let progress = |table: &str, step, rows: u64| {
            if rows > 0 && rows.is_multiple_of(OFTEN) {
                let done = match step {
                    Step::Copying => "copied",
                    Step::Comparing => "compared",
                };
                say(&format!("{table}: {rows} rows {done}"));
            }
        };
        Ok(copy(source, &target, progress).await?)
    }
    .await;
    target.close().await;
    result
}

async fn free(db: &Db, which: &str) -> anyhow::Result<()> {
    let others = db.others().await?;
    ensure!(
        others == 0,
        "{others} other connections of erc-server use the {which}; stop the servers first"
    );
    Ok(())
}

/// Progress; a closed standard error stops nothing.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
