//! Storing a blob whose name is not known before its last byte.

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _, pin_mut};
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStoreExt as _, PutMode, PutOptions, PutPayload};
use sha2::{Digest as _, Sha256};

use super::{BlobId, Blobs, Error, INCOMING, PUT, Result};
use crate::clock;

/// Bytes held in memory for an upload, and the size of its parts; S3 takes no smaller ones than
/// 5 MiB.
pub const PART: usize = 5 * 1024 * 1024;
/// S3 copies no larger objects in one request, and an upload is named by a copy.
const LARGEST: u64 = 5 * 1024 * 1024 * 1024;

/// What was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub id: BlobId,
    /// Its bytes.
    pub size: u64,
    /// Whether it was not there before.
    pub is_new: bool,
}

impl Blobs {
    /// Stores what comes; at most `limit` bytes. On an error nothing is there that was not before.
    pub async fn put<S>(&self, content: S, limit: u64) -> Result<Stored>
    where
        S: Stream<Item = std::io::Result<Bytes>> + Send,
    {
        self.count(PUT);
        let limit = limit.min(LARGEST);
        pin_mut!(content);
        let mut hash = Sha256::new();
        let mut size = 0;
        let mut part = BytesMut::new();
        let mut upload: Option<Upload> = None;
        let arrived = async {
            while let Some(chunk) = content.next().await {
                let mut chunk = chunk.map_err(Error::Source)?;
                size += chunk.len() as u64;
                if size > limit {
                    return Err(Error::TooLarge(limit));
                }
                hash.update(&chunk);
                while part.len() + chunk.len() > PART {
                    part.extend_from_slice(&chunk.split_to(PART - part.len()));
                    let full = part.split().freeze();
                    let upload = match &mut upload {
                        Some(upload) => upload,
                        none => none.insert(Upload::begin(self).await?),
                    };
                    upload.parts.put_part(full.into()).await?;
                }
                part.extend_from_slice(&chunk);
            }
            Ok(())
        }
        .await;
        let id = BlobId(hash.finalize().into());
        let rest = part.freeze();
        let stored = match (arrived, &mut upload) {
            (Err(error), _) => Err(error),
            (Ok(()), None) => self.put_small(id, rest.into()).await,
            (Ok(()), Some(upload)) => self.put_large(id, rest.into(), upload).await,
        };
        if stored.is_err()
            && let Some(mut upload) = upload
        {
            // It counts for nothing, and is swept if this fails too.
            let _ = upload.parts.abort().await;
            let _ = self.remove(&upload.path).await;
        }
        stored.map(|is_new| Stored { id, size, is_new })
    }

    async fn put_small(&self, id: BlobId, content: PutPayload) -> Result<bool> {
        let options = PutOptions::from(PutMode::Create);
        match self.store.put_opts(&Self::path(id), content, options).await {
            Ok(_) => Ok(true),
            Err(
                object_store::Error::AlreadyExists { .. }
                | object_store::Error::Precondition { .. },
            ) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn put_large(&self, id: BlobId, rest: PutPayload, upload: &mut Upload) -> Result<bool> {
        upload.parts.put_part(rest).await?;
        upload.parts.complete().await?;
        if self.size(id).await?.is_some() {
            self.remove(&upload.path).await?;
            return Ok(false);
        }
        // Two who send the same at once write the same.
        self.store.rename(&upload.path, &Self::path(id)).await?;
        Ok(true)
    }
}

struct Upload {
    path: Path,
    parts: Box<dyn MultipartUpload>,
}

impl Upload {
    async fn begin(blobs: &Blobs) -> Result<Self> {
        let path = Path::from_iter([INCOMING, &clock::new_session_id().0.to_string()]);
        let parts = blobs.store.put_multipart(&path).await?;
        Ok(Self { path, parts })
    }
}
