//! What counts as slow, by `slow_ms` of the settings.
//!
//! A slow request, transaction or catch-up is one line of the log at `warn`: what it was and how
//! long it took, never what people wrote and never a token.

use std::time::Duration;

use tokio::time::Instant;

/// The limit; without one nothing is slow.
#[derive(Debug, Clone, Copy, Default)]
pub struct Slow(pub Option<Duration>);

impl Slow {
    /// Milliseconds since `began`, if they are too many.
    #[must_use]
    pub fn since(self, began: Instant) -> Option<u64> {
        let took = began.elapsed();
        self.0
            .is_some_and(|limit| took >= limit)
            .then(|| u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
    }
}
