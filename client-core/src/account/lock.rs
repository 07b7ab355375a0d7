//! One program at a time has an account's store open: a locked file, with the process beside it.
//! The system lifts the lock when the process ends, however it ends.

use std::{
    fs::{File, TryLockError},
    path::Path,
};

use crate::error::{Error, Result};

/// Held while the store is open.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Lock {
    pub(crate) fn take(folder: &Path) -> Result<Self> {
        let storage = |e: std::io::Error| Error::Storage(format!("{}: {e}", folder.display()));
        // The number is in a file of its own, because a locked file can't be read everywhere.
        let holder = folder.join("store.pid");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("store.lock"))
            .map_err(storage)?;
        match file.try_lock() {
            Ok(()) => {
                std::fs::write(&holder, std::process::id().to_string()).map_err(storage)?;
                Ok(Self { file })
            }
            Err(TryLockError::WouldBlock) => {
                let pid = std::fs::read_to_string(&holder).ok();
                Err(Error::InUse {
                    pid: pid.and_then(|pid| pid.trim().parse().ok()).unwrap_or(0),
                })
            }
            Err(TryLockError::Error(e)) => Err(storage(e)),
        }
    }

    pub(crate) fn release(self) {
        // Closing the file would do it too; this says so, and an error means it is closed anyway.
        let _ = self.file.unlock();
    }
}
