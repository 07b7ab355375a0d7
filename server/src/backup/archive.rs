//! An archive being written.

use std::fs::File;
use std::io::Read;

use anyhow::{Context as _, ensure};
use erc_protocol::Timestamp;

use super::seal::{Passphrase, Sink};
use super::sum::{Summed, Total};
use crate::blobs::BlobId;

/// Parts go in one after another; without [`Archive::end`] it is no backup.
pub(super) struct Archive {
    tar: tar::Builder<Sink>,
    total: Total,
    /// Seconds; tools that list the archive show it.
    made_at: u64,
}

impl Archive {
    pub(super) fn begin(
        file: File,
        passphrase: Option<&Passphrase>,
        made_at: Timestamp,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            tar: tar::Builder::new(Sink::new(file, passphrase)?),
            total: Total::default(),
            made_at: (made_at.0 / 1_000).cast_unsigned(),
        })
    }

    /// Adds a part of a known size, and gives the SHA-256 of its content.
    pub(super) fn add(
        &mut self,
        name: &str,
        size: u64,
        content: impl Read,
    ) -> anyhow::Result<BlobId> {
        let mut header = tar::Header::new_gnu();
        header.set_size(size);
        header.set_mode(0o600);
        header.set_mtime(self.made_at);
        header.set_entry_type(tar::EntryType::Regular);
        let mut content = Summed::new(content.take(size));
        self.tar
            .append_data(&mut header, name, &mut content)
            .with_context(|| format!("writing {name} into the backup"))?;
        let (digest, bytes) = content.end();
        ensure!(
            bytes == size,
            "{name} became shorter while it was read: {bytes} bytes instead of {size}"
        );
        self.total.add(name, size, digest);
        Ok(digest)
    }

    /// Makes the archive whole, down to the disk.
    pub(super) fn end(mut self) -> anyhow::Result<()> {
        let total = self.total.end().to_string();
        self.add(super::END, total.len() as u64, total.as_bytes())?;
        let sink = self.tar.into_inner().context("ending the backup")?;
        sink.end().context("writing the backup to the disk")
    }
}
