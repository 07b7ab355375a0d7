//! How far the custom emoji have come: one number a node, and everybody is told that it rose.

use std::sync::atomic::Ordering;

use erc_protocol::EmojiRev;

use super::{Hub, lock};

impl Hub {
    /// They have come so far; `true` if this node had not been told.
    pub fn note_emoji(&self, rev: EmojiRev) -> bool {
        // Before anybody is woken: who connects meanwhile finds it.
        if self.emoji_rev.fetch_max(rev.0, Ordering::AcqRel) >= rev.0 {
            return false;
        }
        for listener in lock(&self.users).values().flatten() {
            listener.wake_for_emoji();
        }
        true
    }

    /// How far this node knows them to have come.
    #[must_use]
    pub fn emoji_rev(&self) -> EmojiRev {
        EmojiRev(self.emoji_rev.load(Ordering::Acquire))
    }
}
