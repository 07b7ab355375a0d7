//! Making a backup beside a running server.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Read;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use erc_protocol::Timestamp;
use futures_util::TryStreamExt as _;
use tokio::runtime::Handle;
use tokio_util::io::{StreamReader, SyncIoBridge};

use super::archive::Archive;
use super::manifest::{Database, FORMAT, Files, Manifest};
use super::seal::Passphrase;
use super::{DATABASE, FILES, MANIFEST, SECRET, SECRET_FILE, SETTINGS, keep};
use crate::blobs::{self, BlobId, Blobs};
use crate::config::Config;
use crate::store::{Db, Schema};

/// What is wanted.
#[derive(Debug)]
pub struct Order {
    /// A file to be made, or a folder in which one is made whose name tells the time.
    pub to: PathBuf,
    /// The settings that go into it, as a file.
    pub settings: String,
    /// Seals it.
    pub passphrase: Option<Passphrase>,
    /// Leaves the key out that signs access tokens.
    pub without_secret: bool,
    /// Takes the place of a file that is there.
    pub force: bool,
    /// How many backups stay in the folder, this one counted.
    pub keep: Option<usize>,
    pub now: Timestamp,
}

/// What was made.
#[derive(Debug)]
pub struct Made {
    pub path: PathBuf,
    /// Of the file, as it lies there.
    pub bytes: u64,
    pub manifest: Manifest,
    /// Names of older backups that were removed.
    pub removed: Vec<String>,
}

/// Makes a backup. Until it is whole it has another name, and if anything fails nothing is left.
pub async fn make(config: &Config, order: Order) -> anyhow::Result<Made> {
    let is_folder = order.to.is_dir();
    ensure!(
        order.keep.is_none() || is_folder,
        "--keep counts the backups of a folder, and {} is none",
        order.to.display()
    );
    ensure!(
        order.keep != Some(0),
        "--keep 0 would keep no backup at all"
    );
    let path = if is_folder {
        order.to.join(keep::name(order.now))
    } else {
        order.to.clone()
    };
    ensure!(
        order.force || !path.exists(),
        "{} is there already; --force replaces it",
        path.display()
    );
    let unfinished = Unfinished::begin(&path)?;
    let manifest = fill(config, &order, &unfinished).await?;
    let bytes = unfinished.finish(&path, order.force)?;
    let removed = match order.keep {
        Some(count) => keep::newest(&order.to, count)?,
        None => Vec::new(),
    };
    Ok(Made {
        path,
        bytes,
        manifest,
        removed,
    })
}

async fn fill(config: &Config, order: &Order, unfinished: &Unfinished) -> anyhow::Result<Manifest> {
    let db = Db::open_as_it_is(&config.database_url)
        .await
        .context("opening the database")?;
    let saved = save(&db, &unfinished.database).await;
    db.close().await;
    let mut manifest = saved?;
    manifest.made_at = order.now;
    // Files are never changed, so those of the snapshot are among those that are there after it.
    let blobs = Blobs::open(&config.blobs).context("opening the store of files")?;
    let mut list: Vec<_> = blobs
        .list()
        .try_collect()
        .await
        .with_context(|| format!("listing {}", config.blobs))?;
    list.sort_unstable();
    let parts = Parts {
        database: unfinished.database.clone(),
        secret: secret(config, order)?,
        settings: order.settings.clone(),
        blobs,
        list,
    };
    let archive = Archive::begin(unfinished.take()?, order.passphrase.as_ref(), order.now)?;
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || write(archive, &parts, manifest, &runtime)).await?
}

/// The database as one file, and what is told of it.
async fn save(db: &Db, path: &Path) -> anyhow::Result<Manifest> {
    let schema = match db.schema().await? {
        Schema::Current(version) => version,
        other => bail!("the database is not of this program's version: {other}"),
    };
    db.save_to(path).await.context("saving the database")?;
    let saved = Db::open_as_it_is(&format!("sqlite:{}", path.display())).await?;
    let told = tell(&saved).await;
    saved.close().await;
    let (instance, database) = told?;
    Ok(Manifest {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: Timestamp(0),
        instance,
        taken_from: match db {
            Db::Sqlite { .. } => "sqlite".to_owned(),
            Db::Postgres(_) => "postgres".to_owned(),
        },
        schema,
        database,
        files: Files::default(),
    })
}

async fn tell(saved: &Db) -> anyhow::Result<(erc_protocol::InstanceId, Database)> {
    let mut tx = saved.snapshot().await?;
    let instance = tx
        .current_instance()
        .await?
        .context("the database has no instance: the server never ran on it")?;
    let database = Database {
        bytes: 0,
        sha256: String::new(),
        counters: tx.counters().await?,
        rows: tx.rows().await?,
    };
    Ok((instance, database))
}

fn secret(config: &Config, order: &Order) -> anyhow::Result<Option<Vec<u8>>> {
    if order.without_secret {
        return Ok(None);
    }
    if let Some(secret) = &config.secret_key {
        return Ok(Some(secret.0.clone().into_bytes()));
    }
    let path = config.data_dir.join(SECRET_FILE);
    let secret = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
    Ok(Some(secret))
}

struct Parts {
    database: PathBuf,
    secret: Option<Vec<u8>>,
    settings: String,
    blobs: Blobs,
    list: Vec<(BlobId, u64)>,
}

/// Runs where waiting harms nobody.
fn write(
    mut archive: Archive,
    parts: &Parts,
    mut manifest: Manifest,
    runtime: &Handle,
) -> anyhow::Result<Manifest> {
    let database = File::open(&parts.database).context("reading the saved database")?;
    let size = database.metadata()?.len();
    manifest.database.bytes = size;
    manifest.database.sha256 = archive.add(DATABASE, size, database)?.to_string();
    if let Some(secret) = &parts.secret {
        archive.add(SECRET, secret.len() as u64, secret.as_slice())?;
    }
    let settings = parts.settings.as_bytes();
    archive.add(SETTINGS, settings.len() as u64, settings)?;
    for (id, size) in &parts.list {
        let Some(content) = content(&parts.blobs, *id, runtime)? else {
            // Removed since the list was made; then it was removed from the server, too.
            continue;
        };
        let found = archive.add(&format!("{FILES}{id}"), *size, content)?;
        if found == *id {
            manifest.files.count += 1;
            manifest.files.bytes += size;
        } else {
            manifest.files.damaged.push(id.to_string());
        }
    }
    let told = serde_json::to_vec_pretty(&manifest)?;
    archive.add(MANIFEST, told.len() as u64, told.as_slice())?;
    archive.end()?;
    Ok(manifest)
}

fn content(
    blobs: &Blobs,
    id: BlobId,
    runtime: &Handle,
) -> anyhow::Result<Option<impl Read + use<>>> {
    let found = match runtime.block_on(blobs.get(id, None)) {
        Ok(found) => found,
        Err(blobs::Error::NotFound) => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("reading the file {id}")),
    };
    let content = found.content.map_err(std::io::Error::other);
    let reader = SyncIoBridge::new_with_handle(StreamReader::new(content), runtime.clone());
    Ok(Some(reader))
}

/// A backup that is not whole yet. Dropped, nothing of it is left.
struct Unfinished {
    path: PathBuf,
    /// Where the database is saved first.
    database: PathBuf,
    /// Locked: two backups of one name would write into each other.
    file: File,
}

impl Unfinished {
    fn begin(whole: &Path) -> anyhow::Result<Self> {
        let named = |end: &str| {
            let mut name = whole.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name)
        };
        let path = named(".partial");
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("making {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("another backup is writing {} just now", path.display())
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("locking {}", path.display()));
            }
        }
        // One that ended between opening and locking has given the file its name already.
        let is_there = std::fs::metadata(&path)
            .and_then(|there| Ok(there.ino() == file.metadata()?.ino()))
            .unwrap_or_default();
        ensure!(is_there, "{} was made just now", whole.display());
        let database = named(".partial.db");
        let unfinished = Self {
            path,
            database,
            file,
        };
        // Of one that was killed.
        unfinished.file.set_len(0)?;
        unfinished.forget_database();
        Ok(unfinished)
    }

    fn take(&self) -> anyhow::Result<File> {
        Ok(self.file.try_clone()?)
    }

    fn forget_database(&self) {
        for end in ["", "-wal", "-shm", "-journal"] {
            let mut name = self.database.as_os_str().to_owned();
            name.push(end);
            let _ = std::fs::remove_file(name);
        }
    }

    fn finish(self, whole: &Path, force: bool) -> anyhow::Result<u64> {
        let about = || format!("naming the backup {}", whole.display());
        ensure!(
            force || !whole.exists(),
            "{} has come into being meanwhile",
            whole.display()
        );
        let bytes = self.file.metadata().with_context(about)?.len();
        std::fs::rename(&self.path, whole).with_context(about)?;
        let folder = whole.parent().filter(|path| !path.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))
            .and_then(|folder| folder.sync_all())
            .with_context(about)?;
        Ok(bytes)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
        self.forget_database();
    }
}
