//! An archive being read: nothing of it is believed before all of it is.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};

use super::manifest::{FORMAT, Manifest};
use super::seal::{self, Passphrase};
use super::sum::{Summed, Total};
use super::{DATABASE, END, FILES, MANIFEST, SECRET, SETTINGS};
use crate::blobs::BlobId;

/// Parts that are held in memory are no larger than this.
const SMALL: u64 = 64 * 1024 * 1024;
const CUT: &str = "the backup is cut off or altered";

/// What an archive holds besides blobs and the database.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Contents {
    pub(super) manifest: Manifest,
    pub(super) secret: Option<Vec<u8>>,
    pub(super) settings: Vec<u8>,
}

/// Reads and checks all of an archive, and lays its database into a new file.
pub(super) fn whole(
    path: &Path,
    passphrase: Option<&Passphrase>,
    database: &Path,
) -> anyhow::Result<Contents> {
    let (mut manifest, mut secret, mut settings) = (None::<Manifest>, None, Vec::new());
    let (mut found_database, mut count, mut bytes, mut damaged) = (None, 0, 0, Vec::new());
    each(path, passphrase, |name, size, content| {
        match name {
            DATABASE => {
                let mut file = OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(database)
                    .with_context(|| format!("making {}", database.display()))?;
                let mut content = Summed::new(content);
                io::copy(&mut content, &mut file).map_err(unreadable)?;
                sync(&file)?;
                found_database = Some(content.end());
            }
            SECRET => secret = Some(small(size, content)?),
            SETTINGS => settings = small(size, content)?,
            MANIFEST => {
                let told = small(size, content)?;
                manifest = Some(serde_json::from_slice(&told).context(CUT)?);
            }
            _ => {
                let id: BlobId = blob(name)?;
                let mut content = Summed::new(content);
                io::copy(&mut content, &mut io::sink()).map_err(unreadable)?;
                let (found, size) = content.end();
                if found == id {
                    count += 1;
                    bytes += size;
                } else {
                    damaged.push(id.to_string());
                }
            }
        }
        Ok(())
    })?;
    let manifest =
        manifest.context("the backup has no manifest: it was not made by this program")?;
    ensure!(
        manifest.format == FORMAT,
        "the backup is of format {}, and this program reads format {FORMAT}: use the version that \
         made it, {}",
        manifest.format,
        manifest.program
    );
    let (digest, size) = found_database.context("the backup has no database")?;
    let told = &manifest.database;
    ensure!(
        told.sha256 == digest.to_string() && told.bytes == size,
        "{CUT}: its database is not the one that its manifest tells of"
    );
    let files = &manifest.files;
    ensure!(
        files.count == count && files.bytes == bytes && files.damaged == damaged,
        "{CUT}: its files are not those that its manifest tells of"
    );
    Ok(Contents {
        manifest,
        secret,
        settings,
    })
}

/// Gives every part but the last, and then makes sure that they sum up to what the last one says.
pub(super) fn each(
    path: &Path,
    passphrase: Option<&Passphrase>,
    mut part: impl FnMut(&str, u64, &mut dyn Read) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut tar = tar::Archive::new(seal::open(path, passphrase)?);
    let mut total = Total::default();
    let mut is_first = true;
    for entry in tar.entries().map_err(unreadable)? {
        let entry = entry.map_err(|error| {
            if is_first {
                anyhow::anyhow!("{} is no backup: {error}", path.display())
            } else {
                unreadable(error)
            }
        })?;
        is_first = false;
        let size = entry.size();
        let name = entry.path().map_err(unreadable)?;
        let name = name.to_str().context(CUT)?.to_owned();
        ensure!(entry.header().entry_type().is_file(), "{CUT}: {name}");
        let mut content = Summed::new(entry);
        if name == END {
            let told = small(size, &mut content)?;
            ensure!(
                told == total.end().to_string().into_bytes(),
                "{CUT}: its parts are not what they were when it was made"
            );
            return Ok(());
        }
        part(&name, size, &mut content)?;
        io::copy(&mut content, &mut io::sink()).map_err(unreadable)?;
        let (digest, read) = content.end();
        ensure!(read == size, "{CUT}: {name} ends too early");
        total.add(&name, size, digest);
    }
    bail!("the backup is cut off: its end is missing")
}

/// The blob that a part is.
pub(super) fn blob(name: &str) -> anyhow::Result<BlobId> {
    name.strip_prefix(FILES)
        .and_then(|id| id.parse().ok())
        .with_context(|| format!("{CUT}: it has a part {name:?}, which is not known"))
}

fn small(size: u64, content: &mut dyn Read) -> anyhow::Result<Vec<u8>> {
    ensure!(size <= SMALL, "{CUT}: a part is too large");
    let mut bytes = Vec::new();
    content.read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

fn sync(file: &File) -> anyhow::Result<()> {
    file.sync_all().context("writing the database to the disk")
}

fn unreadable(error: io::Error) -> anyhow::Error {
    let about = if error.kind() == io::ErrorKind::StorageFull {
        "there is no room for the database"
    } else {
        CUT
    };
    anyhow::Error::new(error).context(about)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use erc_protocol::{InstanceId, Timestamp};
    use sha2::{Digest as _, Sha256};
    use tempfile::TempDir;

    use super::super::archive::Archive;
    use super::super::manifest::{Database, Files};
    use super::*;

    const WORDS: &str = "a long passphrase";

    fn id_of(content: &[u8]) -> BlobId {
        BlobId(Sha256::digest(content).into())
    }

    /// An archive with a database that is none, a key and two files, one of them damaged.
    fn archive(folder: &TempDir, passphrase: Option<&Passphrase>) -> (PathBuf, Contents) {
        let path = folder.path().join("some.backup");
        let mut archive =
            Archive::begin(File::create(&path).unwrap(), passphrase, Timestamp(0)).unwrap();
        let (database, whole) = ("rows and rows".repeat(90), "a picture".repeat(99));
        let (database, whole) = (database.as_bytes(), whole.as_bytes());
        let damaged = id_of(b"it once was this");
        archive
            .add(DATABASE, database.len() as u64, database)
            .unwrap();
        archive.add(SECRET, 6, b"secret".as_slice()).unwrap();
        archive.add(SETTINGS, 0, b"".as_slice()).unwrap();
        let name = format!("{FILES}{}", id_of(whole));
        archive.add(&name, whole.len() as u64, whole).unwrap();
        archive
            .add(&format!("{FILES}{damaged}"), 3, b"rot".as_slice())
            .unwrap();
        let manifest = Manifest {
            format: FORMAT,
            program: "0.0.0".into(),
            made_at: Timestamp(7),
            instance: InstanceId(uuid::Uuid::nil()),
            taken_from: "sqlite".into(),
            schema: 1,
            database: Database {
                bytes: database.len() as u64,
                sha256: id_of(database).to_string(),
                counters: [("user".to_owned(), 3)].into(),
                rows: [("users".to_owned(), 2)].into(),
            },
            files: Files {
                count: 1,
                bytes: whole.len() as u64,
                damaged: vec![damaged.to_string()],
            },
        };
        let told = serde_json::to_vec(&manifest).unwrap();
        archive
            .add(MANIFEST, told.len() as u64, told.as_slice())
            .unwrap();
        archive.end().unwrap();
        let contents = Contents {
            manifest,
            secret: Some(b"secret".to_vec()),
            settings: Vec::new(),
        };
        (path, contents)
    }

    fn read(path: &Path, passphrase: Option<&Passphrase>) -> anyhow::Result<Contents> {
        let database = path.with_extension("db");
        let _ = std::fs::remove_file(&database);
        whole(path, passphrase, &database)
    }

    #[test]
    fn what_was_written_is_read_open_and_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let passphrase = Passphrase::quick(WORDS);
        for passphrase in [None, Some(&passphrase)] {
            let (path, contents) = archive(&folder, passphrase);
            assert_eq!(read(&path, passphrase).unwrap(), contents);
            let database = std::fs::read(path.with_extension("db")).unwrap();
            assert!(database.starts_with(b"rows and rows"));
        }
    }

    #[test]
    fn a_sealed_backup_shows_nothing_and_opens_by_its_own_passphrase_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (path, _) = archive(&folder, Some(&Passphrase::quick(WORDS)));
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(8).any(|some| some == b"rows and"));
        let told = read(&path, None).unwrap_err().to_string();
        assert!(told.contains("--passphrase-file"), "{told}");
        let other = Passphrase::quick("another passphrase");
        let told = read(&path, Some(&other)).unwrap_err().to_string();
        assert!(told.contains("not the passphrase"), "{told}");
        assert!(Passphrase::new("seven77").is_err());
        assert!(Passphrase::new("eight888").is_ok());
    }

    #[test]
    fn a_backup_that_is_cut_off_anywhere_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let passphrase = Passphrase::quick(WORDS);
        for passphrase in [None, Some(&passphrase)] {
            let (path, _) = archive(&folder, passphrase);
            let bytes = std::fs::read(&path).unwrap();
            // After the last part tar has nothing but zeros, and sealing no byte to spare.
            let end = if passphrase.is_some() {
                bytes.len()
            } else {
                bytes.len() - 1_024 - (512 - 64)
            };
            for length in (0..end).step_by(97).chain([end - 1]) {
                std::fs::write(&path, &bytes[..length]).unwrap();
                assert!(read(&path, passphrase).is_err(), "cut off after {length}");
            }
        }
    }

    #[test]
    fn a_backup_with_any_byte_altered_is_refused_or_read_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let (path, contents) = archive(&folder, None);
        let bytes = std::fs::read(&path).unwrap();
        let mut refused = 0;
        for at in (0..bytes.len()).step_by(11) {
            let mut altered = bytes.clone();
            altered[at] ^= 0x20;
            std::fs::write(&path, &altered).unwrap();
            match read(&path, None) {
                Err(_) => refused += 1,
                // Between the parts nothing is written.
                Ok(found) => assert_eq!(found, contents, "altered at {at}"),
            }
        }
        assert!(refused > 160, "{refused}");
    }

    #[test]
    fn what_is_no_backup_is_called_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        std::fs::write(&path, "milk, bread\n".repeat(200)).unwrap();
        let told = read(&path, None).unwrap_err().to_string();
        assert!(told.contains("is no backup"), "{told}");
    }
}
