//! Everything that the server holds of this user, taken down as it comes.

use erc_protocol::ErrorCode;

use super::{ExportProgress, Ground, Hearing, Sink};
use crate::error::{Error, Result};

pub(super) async fn download(ground: &Ground, sink: &mut Sink, hear: Hearing<'_>) -> Result<u64> {
    let api = &ground.api;
    let token = api.keys.access(&api.rest).await?;
    let mut answer = match api.rest.download("/users/me/export", &token).await {
        Err(Error::Refused(error)) if error.code == ErrorCode::InvalidToken => {
            let token = api.keys.refresh(&api.rest, &token).await?;
            api.rest.download("/users/me/export", &token).await?
        }
        other => other?,
    };
    let of = answer.bytes();
    let mut done = 0;
    hear(ExportProgress { done, of });
    while let Some(chunk) = answer.chunk().await? {
        sink.write(chunk.as_ref())?;
        done += chunk.as_ref().len() as u64;
        hear(ExportProgress {
            done,
            of: of.max(done),
        });
    }
    if done < of {
        return Err(Error::Offline("the download broke off".to_owned()));
    }
    Ok(done)
}
