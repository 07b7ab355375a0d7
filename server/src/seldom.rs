//! Log lines that an outage would repeat with every request: the first is written, then one every
//! [`EVERY`] that says how many were left out.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often a line of one kind is written, at most.
pub const EVERY: Duration = Duration::from_secs(30);

/// One kind of line.
#[derive(Debug)]
pub struct Seldom(Mutex<Counted>);

#[derive(Debug)]
struct Counted {
    written: Option<Instant>,
    left_out: u64,
}

impl Seldom {
    /// A kind that was never written.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(Counted {
            written: None,
            left_out: 0,
        }))
    }

    /// Whether to write the line now, and how many like it were left out since the last one.
    #[must_use]
    pub fn take(&self, now: Instant) -> Option<u64> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = counted
            .written
            .is_none_or(|written| now.saturating_duration_since(written) >= EVERY);
        if !is_due {
            counted.left_out += 1;
            return None;
        }
        counted.written = Some(now);
        Some(std::mem::take(&mut counted.left_out))
    }
}

impl Default for Seldom {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_one_line_and_then_its_number() {
        let seldom = Seldom::new();
        let start = Instant::now();
        assert_eq!(seldom.take(start), Some(0));
        for _ in 0..1_000 {
            assert_eq!(seldom.take(start + EVERY / 2), None);
        }
        assert_eq!(seldom.take(start + EVERY), Some(1_000));
        assert_eq!(seldom.take(start + EVERY), None);
        assert_eq!(seldom.take(start + EVERY * 3), Some(1));
    }
}
