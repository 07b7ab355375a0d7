//! Sums over what passes by.

use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

use crate::blobs::BlobId;

/// Reads what another reads, and sums it up.
pub(super) struct Summed<R> {
    inner: R,
    hash: Sha256,
    bytes: u64,
}

impl<R: Read> Summed<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
            bytes: 0,
        }
    }

    /// The SHA-256 of what was read, and how much that was.
    pub(super) fn end(self) -> (BlobId, u64) {
        (BlobId(self.hash.finalize().into()), self.bytes)
    }
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

/// What all parts of an archive sum up to: names, sizes and contents, in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Total(Sha256);

impl Total {
    pub(super) fn add(&mut self, name: &str, size: u64, content: BlobId) {
        self.0.update((name.len() as u64).to_be_bytes());
        self.0.update(name);
        self.0.update(size.to_be_bytes());
        self.0.update(content.0);
    }

    pub(super) fn end(&self) -> BlobId {
        BlobId(self.0.clone().finalize().into())
    }
}
