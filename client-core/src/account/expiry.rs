//! Takes the content of messages whose time has come from this machine, with or without a link.
//!
//! Run by the supervisor beside the sessions. It sleeps until the next message goes, and is woken when
//! rows have changed; it looks at times all the same, since wall clocks jump. What it was not there
//! for it finds when it begins.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::shared::Shared;
use crate::{cache::expiry, error::Result};

/// It sleeps no longer than this.
const LONGEST: Duration = Duration::from_secs(30);

pub(super) async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    loop {
        let pause = match clear(&shared).await {
            Ok(pause) => pause,
            Err(error) => {
                tracing::warn!(%error, "content whose time has come has to wait");
                LONGEST
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(shared.clock.pace(pause)) => {}
            () = shared.rows_changed.notified() => {}
        }
    }
}

/// Does all that is due; gives how long nothing is.
async fn clear(shared: &Shared) -> Result<Duration> {
    loop {
        let next = shared.store.read(expiry::next)?;
        let now = shared.clock.now();
        match next {
            None => return Ok(LONGEST),
            Some(next) if next > now => {
                let ms = u64::try_from(next.0 - now.0).unwrap_or_default();
                return Ok(Duration::from_millis(ms).min(LONGEST));
            }
            Some(_) => {}
        }
        let rooms = shared.store.write(move |tx| expiry::clear(tx, now)).await?;
        for room in rooms {
            shared.tell_room(room);
        }
    }
}
