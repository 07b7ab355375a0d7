//! Files, by what they contain: the name of a blob is the SHA-256 of its bytes.
//!
//! On disk or on S3, with one behaviour. A blob is there whole or not at all, is never changed, and
//! is durable when [`Blobs::put`] returns; putting the same bytes again stores nothing. What is under
//! way lies under `incoming/` and counts for nothing; [`Blobs::tidy`] removes what a crash left
//! there. Memory is bounded by [`PART`] for an upload, whatever its size.

mod error;
mod id;
mod place;
mod upload;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::Method;
use bytes::Bytes;
use erc_protocol::Timestamp;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::aws::AmazonS3;
use object_store::path::Path;
use object_store::signer::Signer as _;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt as _};

pub use error::{Error, Result};
pub use id::BlobId;
pub use place::{Keys, Place};
pub use upload::{PART, Stored};

use crate::clock;

const WHOLE: &str = "sha256";
const INCOMING: &str = "incoming";

/// A place for blobs, open.
#[derive(Debug, Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// The same store, if it can make links that others may follow.
    s3: Option<Arc<AmazonS3>>,
    place: Place,
    counts: Arc<[AtomicU64; OPERATIONS.len()]>,
}

/// What is counted.
const OPERATIONS: [&str; 3] = ["put", "get", "delete"];
const PUT: usize = 0;
const GET: usize = 1;
const DELETE: usize = 2;

/// A blob on its way out.
pub struct Found {
    /// Bytes of the whole blob.
    pub size: u64,
    /// Which of them come.
    pub range: Range<u64>,
    /// They themselves. An error in the middle is a broken link, never a wrong byte.
    pub content: BoxStream<'static, Result<Bytes>>,
}

impl Blobs {
    /// Opens a place; a folder is made if need be. S3 is not asked yet: see [`Self::probe`].
    pub fn open(place: &Place) -> Result<Self> {
        Self::open_with(place, None)
    }

    /// As [`Self::open`], with other keys for S3 than the environment's.
    pub fn open_with(place: &Place, keys: Option<&Keys>) -> Result<Self> {
        let (store, s3) = place.open(keys)?;
        let place = place.clone();
        let counts = Arc::default();
        Ok(Self {
            store,
            s3,
            place,
            counts,
        })
    }

    /// What was done since it was opened, by name.
    pub fn operations(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = self
            .counts
            .iter()
            .map(|count| count.load(Ordering::Relaxed));
        OPERATIONS.into_iter().zip(counts)
    }

    fn count(&self, operation: usize) {
        self.counts[operation].fetch_add(1, Ordering::Relaxed);
    }

    /// Where this is, without secrets.
    pub const fn place(&self) -> &Place {
        &self.place
    }

    fn path(id: BlobId) -> Path {
        let name = id.to_string();
        Path::from_iter([WHOLE, &name[..2], &name[2..]])
    }

    /// Bytes of a blob, if it is there.
    pub async fn size(&self, id: BlobId) -> Result<Option<u64>> {
        match self.store.head(&Self::path(id)).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// A blob or a part of it; a range may end beyond the end, and must begin before it.
    pub async fn get(&self, id: BlobId, range: Option<Range<u64>>) -> Result<Found> {
        self.count(GET);
        if range.as_ref().is_some_and(Range::is_empty) {
            return Err(Error::Range);
        }
        let options = GetOptions {
            range: range.map(GetRange::Bounded),
            ..GetOptions::default()
        };
        let result = self.store.get_opts(&Self::path(id), options).await?;
        Ok(Found {
            size: result.meta.size,
            range: result.range.clone(),
            content: result.into_stream().map_err(Error::from).boxed(),
        })
    }

    /// Removes a blob. One that is not there is removed already.
    pub async fn delete(&self, id: BlobId) -> Result<()> {
        self.count(DELETE);
        self.remove(&Self::path(id)).await
    }

    async fn remove(&self, path: &Path) -> Result<()> {
        match self.store.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Every blob and its size, in no particular order. What is not a blob is left out.
    pub fn list(&self) -> BoxStream<'static, Result<(BlobId, u64)>> {
        self.store
            .list(Some(&Path::from(WHOLE)))
            .map_err(Error::from)
            .try_filter_map(|meta| async move {
                let name: String = meta
                    .location
                    .parts()
                    .skip(1)
                    .map(|part| part.as_ref().to_owned())
                    .collect();
                Ok(name.parse().ok().map(|id| (id, meta.size)))
            })
            .boxed()
    }

    /// A link by which anybody can read the blob for a while; `None` where there are no such links.
    pub async fn link(&self, id: BlobId, valid: Duration) -> Result<Option<String>> {
        let Some(s3) = &self.s3 else { return Ok(None) };
        // The prefix is not known to the one who signs.
        let path: Path = Path::from(self.place.prefix())
            .parts()
            .chain(Self::path(id).parts())
            .collect();
        let url = s3.signed_url(Method::GET, &path, valid).await?;
        Ok(Some(url.into()))
    }

    /// Writes something, reads it back, and deletes it.
    pub async fn probe(&self) -> Result<()> {
        let path = Path::from_iter([INCOMING, &format!("probe-{}", clock::new_session_id().0)]);
        let written = Bytes::copy_from_slice(&clock::secret());
        self.store.put(&path, written.clone().into()).await?;
        let read = async { self.store.get(&path).await?.bytes().await }.await;
        let removed = self.remove(&path).await;
        if read? != written {
            return Err(Error::Damaged);
        }
        removed
    }

    /// Removes what uploads that never ended left before this moment, and says how many there were.
    pub async fn tidy(&self, before: Timestamp) -> Result<usize> {
        let old: Vec<_> = self
            .store
            .list(Some(&Path::from(INCOMING)))
            .try_filter(|meta| {
                let is_old = meta.last_modified.timestamp_millis() < before.0;
                async move { is_old }
            })
            .try_collect()
            .await?;
        for meta in &old {
            self.remove(&meta.location).await?;
        }
        Ok(old.len())
    }
}
