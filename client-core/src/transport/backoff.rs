//! How long to wait before the next try: exponential with full jitter, so that clients that were
//! cut off together don't come back together.

use std::time::Duration;

use rand::Rng;

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_mins(1);

#[derive(Debug, Default)]
pub(crate) struct Backoff {
    tries: u32,
}

impl Backoff {
    /// The wait before the next try.
    pub(crate) fn next(&mut self, rng: &mut impl Rng) -> Duration {
        let most = FIRST.saturating_mul(1 << self.tries.min(10)).min(LONGEST);
        self.tries += 1;
        rng.random_range(Duration::ZERO..=most)
    }

    /// The link held: begin anew.
    pub(crate) fn reset(&mut self) {
        self.tries = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng as _, rngs::SmallRng};

    #[test]
    fn waits_grow_to_a_minute_and_no_further() {
        let mut rng = SmallRng::seed_from_u64(7);
        let mut backoff = Backoff::default();
        for tries in 0..40u32 {
            let most = FIRST.saturating_mul(1 << tries.min(10)).min(LONGEST);
            assert!(backoff.next(&mut rng) <= most);
        }
        backoff.reset();
        assert!(backoff.next(&mut rng) <= FIRST);
    }
}
