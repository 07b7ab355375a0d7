//! The time that buckets fill by. It never goes back, other than the wall clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use governor::clock;
use governor::nanos::Nanos;

use crate::clock::Clock;

/// Nanoseconds since the server began; a test's clock where a test has one.
#[derive(Debug, Clone)]
pub(super) enum Time {
    Machine(Instant),
    Manual { ms: Arc<AtomicI64>, from: i64 },
}

impl Time {
    pub(super) fn new(clock: &Clock) -> Self {
        match clock {
            Clock::System => Self::Machine(Instant::now()),
            Clock::Manual(ms) => Self::Manual {
                ms: ms.clone(),
                from: ms.load(Ordering::Relaxed),
            },
        }
    }
}

impl clock::Clock for Time {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        match self {
            Self::Machine(began) => began.elapsed().into(),
            Self::Manual { ms, from } => {
                let passed = ms.load(Ordering::Relaxed).saturating_sub(*from);
                Duration::from_millis(passed.try_into().unwrap_or(0)).into()
            }
        }
    }
}
