//! Telling the peer of custom emoji.

use super::connection::{Connection, End, Mode};
use crate::ops::emoji;

impl Connection {
    /// Those that came or went since the peer was told.
    pub(super) async fn deliver_emoji(&mut self) -> Result<(), End> {
        let (app, from) = (&self.seat.app, self.seat.emoji_rev);
        if self.seat.mode != Mode::Synced || from >= app.hub.emoji_rev() {
            return Ok(());
        }
        let (to, frame) = match emoji::news(app, from).await {
            Ok(news) => news,
            Err(error) => return self.failed(&error),
        };
        self.seat.emoji_rev = to;
        self.feed(frame.bytes().clone()).await
    }
}
