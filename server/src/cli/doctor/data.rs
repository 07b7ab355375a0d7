//! The data folder, the disk below it, and the store of files.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use super::check::Check;
use crate::blobs::{Blobs, Place};
use crate::cli::stats::amount;
use crate::config::Config;
use crate::{clock, disk};

/// Bytes below which it is time to make room.
const COMFORTABLE: u64 = 1024 * 1024 * 1024;
/// How long S3 may take.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn folder(config: &Config) -> Check {
    const NAME: &str = "data_dir";
    let path = &config.data_dir;
    let shown = path.display();
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Check::ok(
                NAME,
                format!("{shown} is not there; the first start makes it"),
            );
        }
        Err(error) => {
            return Check::fail(
                NAME,
                format!("{shown}: {error}"),
                "run this as the user that the server runs as",
            );
        }
    };
    let probe = path.join(format!(".probe-{}", clock::new_session_id().0));
    let written = std::fs::write(&probe, "probe").and_then(|()| std::fs::remove_file(&probe));
    let mode = meta.permissions().mode() & 0o777;
    if let Err(error) = written {
        Check::fail(
            NAME,
            format!("nothing can be written into {shown}: {error}"),
            format!("make it a folder that the server's user owns: chown -R USER {shown}"),
        )
    } else if mode & 0o077 != 0 {
        Check::warn(
            NAME,
            format!("other users of this machine may look into {shown} (mode {mode:o})"),
            format!("chmod 700 {shown}"),
        )
    } else {
        Check::ok(NAME, format!("{shown} is private and can be written"))
    }
}

pub(super) fn room(config: &Config) -> Check {
    const NAME: &str = "disk";
    // The folder itself may not be there yet.
    let there = config.data_dir.ancestors().find(|path| path.is_dir());
    let there = there.unwrap_or_else(|| std::path::Path::new("."));
    match disk::room(there) {
        Ok(bytes) if bytes < disk::LOW => Check::fail(
            NAME,
            format!("{} are left below {}", amount(bytes), there.display()),
            "make room: what people send can't be stored, and is refused",
        ),
        Ok(bytes) if bytes < COMFORTABLE => Check::warn(
            NAME,
            format!("{} are left below {}", amount(bytes), there.display()),
            "make room soon",
        ),
        Ok(bytes) => Check::ok(NAME, format!("{} are left", amount(bytes))),
        Err(error) => Check::warn(
            NAME,
            format!("how much room is left can't be told: {error}"),
            "look yourself, with df",
        ),
    }
}

pub(super) async fn blobs(config: &Config) -> Check {
    const NAME: &str = "files";
    let place = &config.blobs;
    if let Place::Folder(path) = place
        && !path.exists()
    {
        return Check::ok(
            NAME,
            format!("{place} is not there; the first start makes it"),
        );
    }
    let remedy = match place {
        Place::Folder(_) => "make it a folder that the server's user owns, on a disk with room",
        Place::S3 { .. } => {
            "compare ERC_BLOBS with the bucket, and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY with \
             a user that may read, write, list and delete there"
        }
    };
    let probe = async { Blobs::open(place)?.probe().await };
    match tokio::time::timeout(PATIENCE, probe).await {
        Ok(Ok(())) => Check::ok(NAME, format!("{place} keeps what it gets")),
        Ok(Err(error)) => Check::fail(NAME, format!("{place}: {error}"), remedy),
        Err(_) => Check::fail(NAME, format!("{place} doesn't answer"), remedy),
    }
}
