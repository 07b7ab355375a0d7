//! Sessions that were found valid a moment ago, so that not every request asks the store.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use erc_protocol::{SessionId, Timestamp};

/// How long a session counts as valid without being asked for: also the longest time that a session
/// ended on another node lives on here.
pub const FRESH_MS: i64 = 30_000;
/// Entries kept at most; beyond, the stale ones go.
const CAPACITY: usize = 100_000;

/// When each session was last found valid, and under which generation.
#[derive(Debug, Default)]
pub struct SessionCache(Mutex<HashMap<SessionId, (i64, Timestamp)>>);

impl SessionCache {
    /// Whether the session was valid a moment ago, and an access token of this generation seen.
    pub fn is_fresh(&self, session: SessionId, generation: i64, now: Timestamp) -> bool {
        self.lock().get(&session).is_some_and(|(seen, at)| {
            *seen >= generation && now.0 >= at.0 && now.0 - at.0 < FRESH_MS
        })
    }

    /// The session is valid now.
    pub fn remember(&self, session: SessionId, generation: i64, now: Timestamp) {
        let mut map = self.lock();
        if map.len() >= CAPACITY {
            map.retain(|_, (_, at)| now.0 - at.0 < FRESH_MS);
        }
        let entry = map.entry(session).or_insert((generation, now));
        *entry = (entry.0.max(generation), now);
    }

    /// The session ended here.
    pub fn forget(&self, session: SessionId) {
        self.lock().remove(&session);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<SessionId, (i64, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn a_session_is_asked_for_again_after_a_while_and_at_once_when_it_ended() {
        let (cache, id) = (SessionCache::default(), clock::new_session_id());
        assert!(!cache.is_fresh(id, 1, Timestamp(0)));
        cache.remember(id, 1, Timestamp(0));
        assert!(cache.is_fresh(id, 1, Timestamp(FRESH_MS - 1)));
        assert!(!cache.is_fresh(id, 1, Timestamp(FRESH_MS)));
        assert!(!cache.is_fresh(id, 2, Timestamp(1)));
        cache.forget(id);
        assert!(!cache.is_fresh(id, 1, Timestamp(1)));
    }
}
