//! The pictures of custom emoji, in the store of files, where equal ones are there once.
//!
//! A picture is stored before its row, and deleted after it. So that a deletion never takes what
//! somebody just added again: whoever deletes says so in the row first, for so long ([`LEASE_MS`]);
//! until they have said that it is done nobody adds that picture; and whoever added one looks
//! afterwards whether it is there, and stores it again if it was deleted just before.

use std::time::Duration;

use bytes::Bytes;
use erc_protocol::{EmojiId, limit};
use futures_util::stream::{self, BoxStream};
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;

use crate::app::App;
use crate::blobs::{self, BlobId, Blobs};
use crate::ops::committer::{Committer, Done, Lane};
use crate::ops::error::{Error, Result};
use crate::store::{self, EmojiRow};

/// How long nobody else tries to delete a picture.
const LEASE_MS: i64 = 30_000;
/// How long one tries: well within that.
const PATIENCE: Duration = Duration::from_secs(15);

impl From<blobs::Error> for Error {
    fn from(error: blobs::Error) -> Self {
        match error {
            blobs::Error::NotFound => Self::not_found("picture"),
            error => Self::Store(store::Error::Unavailable(error.to_string())),
        }
    }
}

/// A picture on its way out.
pub struct Picture {
    pub content_type: String,
    pub size: u64,
    pub content: BoxStream<'static, blobs::Result<Bytes>>,
}

/// The picture of an emoji that is there.
pub async fn picture(app: &App, id: EmojiId) -> Result<Picture> {
    let row = app.db.snapshot().await?.emoji(id).await?;
    let row = row.filter(EmojiRow::is_there);
    let row = row.ok_or_else(|| Error::not_found("emoji"))?;
    let found = app.blobs.get(blob(&row)?, None).await?;
    Ok(Picture {
        content_type: row.content_type,
        size: found.size,
        content: found.content,
    })
}

fn blob(row: &EmojiRow) -> Result<BlobId> {
    let id = row.blob.parse();
    id.map_err(|_| Error::Internal(format!("the emoji {} has no picture", row.id)))
}

/// Its name in the store of files.
pub(super) fn id(bytes: &[u8]) -> BlobId {
    BlobId(Sha256::digest(bytes).into())
}

/// Stores a picture, unless it is there.
pub(super) async fn store(blobs: &Blobs, bytes: &Bytes) -> Result<()> {
    let content = stream::iter([Ok(bytes.clone())]);
    blobs.put(content, limit::EMOJI_BYTES as u64).await?;
    Ok(())
}

/// Stores it again if it was deleted while its row was written.
pub(super) async fn is_stored(blobs: &Blobs, bytes: &Bytes) -> Result<()> {
    if blobs.size(id(bytes)).await?.is_none() {
        store(blobs, bytes).await?;
    }
    Ok(())
}

/// Deletes the picture of an emoji that was taken away, if nobody else is at it.
pub(crate) async fn clear(committer: &Committer, blobs: &Blobs, id: EmojiId) -> Result<()> {
    let to_delete = committer
        .submit(Lane::New, move |tx, now| {
            Box::pin(async move {
                tx.lock_emoji().await?;
                let is_due = |row: &EmojiRow| row.clearing_until.is_some_and(|due| due <= now.0);
                let Some(row) = tx.emoji(id).await?.filter(is_due) else {
                    return Ok(Done::unchanged(None));
                };
                let blob = blob(&row)?;
                let clearing_until = Some(now.0 + LEASE_MS);
                let row = EmojiRow {
                    clearing_until,
                    ..row
                };
                tx.put_emoji(&row).await?;
                Ok(Done::unchanged(Some(blob)))
            })
        })
        .await?
        .await?;
    let Some(blob) = to_delete else { return Ok(()) };
    let deleted = timeout(PATIENCE, blobs.delete(blob)).await;
    deleted.map_err(|_| {
        let why = "deleting a picture took too long".to_owned();
        Error::Store(store::Error::Unavailable(why))
    })??;
    committer
        .submit(Lane::New, move |tx, _now| {
            Box::pin(async move {
                tx.lock_emoji().await?;
                if let Some(row) = tx.emoji(id).await?.filter(|row| !row.is_there()) {
                    let row = EmojiRow {
                        blob: String::new(),
                        clearing_until: None,
                        ..row
                    };
                    tx.put_emoji(&row).await?;
                }
                Ok(Done::unchanged(()))
            })
        })
        .await?
        .await
}
