//! Sessions that were found valid a moment ago, so that not every request asks the store.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use erc_protocol::{SessionId, Timestamp};

/// How long a session counts as valid without being asked for: also the longest time that a session
/// ended on another node lives on here.
pub const FRESH_MS: i64 = 30_000;
/// Entries kept at most; beyond, the stale ones go.
const CAPACITY: usize = 100_000;

/// When each session was last found valid, and under which generation.
#[derive(Debug, Default)]
pub struct SessionCache(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    seen: HashMap<SessionId, (i64, Timestamp)>,
    endings: u64,
}

/// A moment before a session is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Moment(u64);

impl SessionCache {
    /// Whether the session was valid a moment ago, and an access token of this generation seen.
    pub fn is_fresh(&self, session: SessionId, generation: i64, now: Timestamp) -> bool {
        self.lock().seen.get(&session).is_some_and(|(seen, at)| {
            *seen >= generation && now.0 >= at.0 && now.0 - at.0 < FRESH_MS
        })
    }

    /// To be taken before the store is asked for a session.
    pub fn moment(&self) -> Moment {
        Moment(self.lock().endings)
    }

    /// The session was found valid. Unless any session ended since that moment: it may be this one.
    pub fn remember(&self, since: Moment, session: SessionId, generation: i64, now: Timestamp) {
        let mut inner = self.lock();
        if inner.endings != since.0 {
            return;
        }
        let map = &mut inner.seen;
        if map.len() >= CAPACITY {
            map.retain(|_, (_, at)| now.0 - at.0 < FRESH_MS);
        }
        let entry = map.entry(session).or_insert((generation, now));
        *entry = (entry.0.max(generation), now);
    }

    /// The session ended here.
    pub fn forget(&self, session: SessionId) {
        let mut inner = self.lock();
        inner.seen.remove(&session);
        inner.endings += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
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
        cache.remember(cache.moment(), id, 1, Timestamp(0));
        assert!(cache.is_fresh(id, 1, Timestamp(FRESH_MS - 1)));
        assert!(!cache.is_fresh(id, 1, Timestamp(FRESH_MS)));
        assert!(!cache.is_fresh(id, 2, Timestamp(1)));
        cache.forget(id);
        assert!(!cache.is_fresh(id, 1, Timestamp(1)));
    }
    #[test]
    fn a_session_that_ended_while_the_store_was_asked_is_not_remembered() {
        let (cache, id) = (SessionCache::default(), clock::new_session_id());
        let before = cache.moment();
        cache.forget(id);
        cache.remember(before, id, 1, Timestamp(0));
        assert!(!cache.is_fresh(id, 1, Timestamp(0)));
        cache.remember(cache.moment(), id, 1, Timestamp(0));
        assert!(cache.is_fresh(id, 1, Timestamp(0)));
    }
}
