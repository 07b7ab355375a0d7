//! Restoring a backup into a server that has nothing yet.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use erc_protocol::Timestamp;
use futures_util::stream;
use tokio::sync::mpsc;

use super::manifest::Manifest;
use super::read::{self, Contents};
use super::seal::Passphrase;
use super::{FILES, OLD_SETTINGS, SECRET_FILE};
use crate::app::make_private_folder;
use crate::blobs::{BlobId, Blobs};
use crate::clock;
use crate::config::Config;
use crate::ops::repair;
use crate::store::{self, Alone, Db, Schema};

/// Pieces of a blob on their way from the archive, each at most [`PIECE`]; whoever reads the archive
/// waits while so many are.
const PIECES: usize = 4;
/// Bytes.
const PIECE: usize = 256 * 1024;

/// What was restored, or could be.
#[derive(Debug)]
pub struct Restored {
    pub manifest: Manifest,
    /// What an operator should know or do; a sentence each.
    pub remarks: Vec<String>,
}

/// Reads all of a backup and opens its database, and keeps nothing of it.
pub async fn check(from: &Path, passphrase: Option<&Passphrase>) -> anyhow::Result<Restored> {
    let mut name = from.as_os_str().to_owned();
    name.push(".checking");
    let scratch = Scratch::new(PathBuf::from(name))?;
    let (contents, remarks) = prepare(from, passphrase, &scratch.0).await?;
    Ok(Restored {
        manifest: contents.manifest,
        remarks,
    })
}

/// Restores a backup into an empty database, an empty folder for files or one that has them already,
/// and the data folder. If anything is wrong, everything is as it was.
pub async fn restore(
    config: &Config,
    from: &Path,
    passphrase: Option<&Passphrase>,
    end_sessions: Option<Timestamp>,
) -> anyhow::Result<Restored> {
    let url = config.database_url.as_str();
    let sqlite = url.strip_prefix("sqlite:").map(PathBuf::from);
    make_private_folder(&config.data_dir)?;
    let _alone = Alone::with(url)?;
    vacant(url, sqlite.as_deref()).await?;
    let scratch = Scratch::new(match &sqlite {
        Some(path) => with_end(path, ".restoring"),
        None => config.data_dir.join("restoring.db"),
    })?;
    let (contents, mut remarks) = prepare(from, passphrase, &scratch.0).await?;
    begin_again(&scratch.0, end_sessions).await?;
    let mut done = Done::new(Blobs::open(&config.blobs).context("opening the store of files")?);
    let placed = async {
        files(from, passphrase, &contents.manifest, &mut done).await?;
        remarks.extend(secret(config, &contents, &mut done)?);
        settings(config, &contents, &mut done)?;
        match &sqlite {
            Some(path) => place(&scratch.0, path),
            None => carry_over(&scratch.0, url).await,
        }
    }
    .await;
    if let Err(error) = placed {
        done.undo().await;
        return Err(error);
    }
    Ok(Restored {
        manifest: contents.manifest,
        remarks,
    })
}

/// Makes sure that nothing is overwritten, before any work is done.
async fn vacant(url: &str, sqlite: Option<&Path>) -> anyhow::Result<()> {
    if let Some(path) = sqlite {
        for end in ["", "-wal"] {
            let path = with_end(path, end);
            ensure!(
                !path.exists(),
                "{} is there already; a backup is restored where no database is: move it away first",
                path.display()
            );
        }
        return Ok(());
    }
    let db = Db::open_as_it_is(url)
        .await
        .context("opening the database")?;
    let state = async {
        let others = db.others().await?;
        let is_used = match db.schema().await? {
            Schema::None => false,
            Schema::Current(_) => db.snapshot().await?.stats().await?.users > 0,
            Schema::Behind(_) | Schema::Unknown(_) => true,
        };
        store::Result::Ok((others, is_used))
    }
    .await;
    db.close().await;
    let (others, is_used) = state?;
    ensure!(
        others == 0,
        "{others} other connections of erc-server use the database; stop the servers first"
    );
    ensure!(!is_used, "the database is not empty; name an empty one");
    Ok(())
}

/// The archive read and checked, its database in a file of this program's version.
async fn prepare(
    from: &Path,
    passphrase: Option<&Passphrase>,
    database: &Path,
) -> anyhow::Result<(Contents, Vec<String>)> {
    let contents = {
        let (from, passphrase) = (from.to_owned(), passphrase.cloned());
        let database = database.to_owned();
        tokio::task::spawn_blocking(move || read::whole(&from, passphrase.as_ref(), &database))
            .await??
    };
    let url = format!("sqlite:{}", database.display());
    let db = Db::open_as_it_is(&url)
        .await
        .context("opening the database of the backup")?;
    let sound = sound(&db, &contents.manifest).await;
    db.close().await;
    sound?;
    let mut remarks = Vec::new();
    if !contents.manifest.files.damaged.is_empty() {
        remarks.push(format!(
            "{} files were damaged when the backup was made, and are left out: {}",
            contents.manifest.files.damaged.len(),
            contents.manifest.files.damaged.join(", ")
        ));
    }
    let db = Db::open(&url)
        .await
        .context("bringing the database of the backup to this version")?;
    let findings = repair::check(&db).await;
    db.close().await;
    for finding in findings? {
        remarks.push(format!(
            "as in the server that it was taken from, this does not hold: {} ({}); see erc-server \
             repair",
            finding.holds, finding.rule
        ));
    }
    Ok((contents, remarks))
}

/// Whether the database is of a known version, whole, and what the manifest says.
async fn sound(db: &Db, manifest: &Manifest) -> anyhow::Result<()> {
    if let Schema::Unknown(why) = db.schema().await? {
        bail!(
            "the backup is of another version ({}) than this program: {why}",
            manifest.program
        );
    }
    let mut tx = db.snapshot().await?;
    let damage = tx.damage().await?;
    ensure!(
        damage.is_empty(),
        "the database of the backup is damaged: {}",
        damage.join("; ")
    );
    ensure!(
        tx.rows().await? == manifest.database.rows
            && tx.counters().await? == manifest.database.counters
            && tx.current_instance().await? == Some(manifest.instance),
        "the database of the backup has other rows than its manifest says"
    );
    Ok(())
}

/// See [`Db::new_life`].
async fn begin_again(database: &Path, end_sessions: Option<Timestamp>) -> anyhow::Result<()> {
    let db = Db::open_as_it_is(&format!("sqlite:{}", database.display())).await?;
    let begun = async {
        db.new_life(clock::new_instance()).await?;
        if let Some(now) = end_sessions {
            db.end_all_sessions(now).await?;
        }
        store::Result::Ok(())
    }
    .await;
    // Everything is in the one file after this.
    db.close().await;
    Ok(begun?)
}

/// What was put where, so that it can be taken away again.
struct Done {
    blobs: Blobs,
    put: Vec<BlobId>,
    written: Vec<PathBuf>,
}

impl Done {
    const fn new(blobs: Blobs) -> Self {
        Self {
            blobs,
            put: Vec::new(),
            written: Vec::new(),
        }
    }

    async fn undo(self) {
        for id in self.put {
            let _ = self.blobs.delete(id).await;
        }
        for path in self.written {
            let _ = std::fs::remove_file(path);
        }
    }
}

type Piece = std::io::Result<bytes::Bytes>;

/// Every file of the archive into the store of files; those that are there already stay.
async fn files(
    from: &Path,
    passphrase: Option<&Passphrase>,
    manifest: &Manifest,
    done: &mut Done,
) -> anyhow::Result<()> {
    if manifest.files.count == 0 {
        return Ok(());
    }
    // Bounded by one blob under way, whose pieces are bounded.
    let (blobs, mut next) = mpsc::channel::<(BlobId, mpsc::Receiver<Piece>)>(1);
    let (from, passphrase) = (from.to_owned(), passphrase.cloned());
    let damaged = manifest.files.damaged.clone();
    let reading = tokio::task::spawn_blocking(move || {
        read::each(&from, passphrase.as_ref(), |name, _, content| {
            if !name.starts_with(FILES) || damaged.iter().any(|id| name.ends_with(id)) {
                return Ok(());
            }
            let (pieces, receiver) = mpsc::channel(PIECES);
            let gone = "the store of files takes no more";
            blobs
                .blocking_send((read::blob(name)?, receiver))
                .context(gone)?;
            loop {
                let mut piece = vec![0; PIECE];
                let read = match content.read(&mut piece) {
                    Ok(0) => return Ok(()),
                    Ok(read) => read,
                    Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                    Err(error) => {
                        let told = std::io::Error::new(error.kind(), error.to_string());
                        let _ = pieces.blocking_send(Err(told));
                        return Err(error.into());
                    }
                };
                piece.truncate(read);
                pieces.blocking_send(Ok(piece.into())).context(gone)?;
            }
        })
    });
    let mut failed = None;
    while let Some((id, pieces)) = next.recv().await {
        let content = stream::unfold(pieces, |mut pieces| async {
            Some((pieces.recv().await?, pieces))
        });
        match done.blobs.put(content, u64::MAX).await {
            Ok(stored) => {
                if stored.is_new {
                    done.put.push(stored.id);
                }
                if stored.id != id {
                    failed = Some(anyhow::anyhow!("the backup was changed while it was read"));
                    break;
                }
            }
            Err(error) => {
                failed = Some(anyhow::Error::new(error).context(format!("storing the file {id}")));
                break;
            }
        }
    }
    // The reader finds nobody, and ends.
    drop(next);
    let read = reading.await?;
    match failed {
        Some(error) => Err(error),
        None => read,
    }
}

/// Lays the key into the data folder, unless there is one. Says what does not fit.
fn secret(config: &Config, contents: &Contents, done: &mut Done) -> anyhow::Result<Option<String>> {
    const OTHER: &str = "so whoever was signed in has to sign in again";
    let Some(secret) = &contents.secret else {
        return Ok(Some(format!(
            "the backup has no key for access tokens, {OTHER}, unless you bring {SECRET_FILE}"
        )));
    };
    if let Some(own) = &config.secret_key {
        let is_same = own.0.as_bytes() == secret;
        return Ok(
            (!is_same).then(|| format!("ERC_SECRET_KEY is not the key of the backup, {OTHER}"))
        );
    }
    let path = config.data_dir.join(SECRET_FILE);
    match std::fs::read(&path) {
        Ok(own) if own == *secret => Ok(None),
        Ok(_) => Ok(Some(format!(
            "{} is another key than that of the backup and was kept, {OTHER}",
            path.display()
        ))),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            lay(&path, secret, done)?;
            Ok(None)
        }
        Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
    }
}

/// Lays the settings beside, for the operator to compare.
fn settings(config: &Config, contents: &Contents, done: &mut Done) -> anyhow::Result<()> {
    let path = config.data_dir.join(OLD_SETTINGS);
    if path.exists() {
        return Ok(());
    }
    lay(&path, &contents.settings, done)
}

fn lay(path: &Path, content: &[u8], done: &mut Done) -> anyhow::Result<()> {
    let about = || format!("writing {}", path.display());
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(about)?;
    done.written.push(path.to_owned());
    file.write_all(content)
        .and_then(|()| file.sync_all())
        .with_context(about)
}

/// The prepared file becomes the database.
fn place(prepared: &Path, path: &Path) -> anyhow::Result<()> {
    let about = || format!("placing the database {}", path.display());
    File::open(prepared)
        .and_then(|file| file.sync_all())
        .with_context(about)?;
    ensure!(!path.exists(), "{} is there now", path.display());
    std::fs::rename(prepared, path).with_context(about)?;
    let folder = path.parent().filter(|path| !path.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))
        .and_then(|folder| folder.sync_all())
        .with_context(about)
}

/// The rows of the prepared file go to PostgreSQL, and are compared there.
async fn carry_over(prepared: &Path, url: &str) -> anyhow::Result<()> {
    let source = Db::open_as_it_is(&format!("sqlite:{}", prepared.display())).await?;
    let copied = async {
        let target = Db::open(url).await.context("opening the database")?;
        let copied = store::copy(&source, &target, |_, _, _| {}).await;
        target.close().await;
        copied.context("copying into PostgreSQL")
    }
    .await;
    source.close().await;
    copied.map(|_| ())
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// A database under way. Dropped, nothing of it is left under this name.
struct Scratch(PathBuf);

impl Scratch {
    fn new(path: PathBuf) -> anyhow::Result<Self> {
        let scratch = Self(path);
        // Of a restore that was killed.
        scratch.clear();
        ensure!(
            !scratch.0.exists(),
            "{} can't be removed",
            scratch.0.display()
        );
        Ok(scratch)
    }

    fn clear(&self) {
        for end in ["", "-wal", "-shm", "-journal"] {
            let _ = std::fs::remove_file(with_end(&self.0, end));
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.clear();
    }
}
