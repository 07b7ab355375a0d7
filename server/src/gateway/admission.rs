//! How fast connections are let in. After a restart everybody comes back at once, and each needs the
//! store to find out what is new: those who are too many are told when to come again, before
//! anything is read for them.

use std::sync::Mutex;

use erc_protocol::{ErrorBody, ErrorCode};
use tokio::time::Instant;

use crate::hub::lock;

/// Seconds' worth of connections that may come at once after a quiet time.
const BURST: f64 = 2.0;
/// The longest that anybody is sent away for. Seconds.
const LONGEST: f64 = 120.0;

/// A bucket of admissions that knows how many wait outside.
#[derive(Debug)]
pub struct Admission {
    /// Admissions a second; none are counted without.
    rate: Option<f64>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    left: f64,
    /// Those who were sent away and have not been due yet.
    crowd: f64,
    at: Instant,
}

impl Admission {
    /// Lets so many in a second, or everybody.
    #[must_use]
    pub fn new(rate: Option<u32>) -> Self {
        let rate = rate.map(f64::from);
        Self {
            rate,
            state: Mutex::new(State {
                left: rate.unwrap_or_default() * BURST,
                crowd: 0.0,
                at: Instant::now(),
            }),
        }
    }

    /// Lets one in, or says after how many seconds to come again: the more wait, the later and the
    /// more spread.
    ///
    /// # Errors
    ///
    /// Fails with `unavailable` when too many came.
    pub fn admit(&self, now: Instant) -> Result<(), ErrorBody> {
        let Some(rate) = self.rate else { return Ok(()) };
        let mut state = lock(&self.state);
        let passed = now.saturating_duration_since(state.at).as_secs_f64() * rate;
        state.at = now;
        state.left = (state.left + passed).min(rate * BURST);
        state.crowd = (state.crowd - passed).max(0.0);
        if state.left >= 1.0 {
            state.left -= 1.0;
            return Ok(());
        }
        state.crowd += 1.0;
        let spread = (state.crowd / rate).min(LONGEST);
        drop(state);
        let mut body = ErrorBody::new(ErrorCode::Unavailable, "many are coming back just now");
        body.retry_after = Some(seconds(rand::random_range(0.0..=spread)));
        Err(body)
    }
}

/// Whole seconds, one at least.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 120"
)]
fn seconds(spread: f64) -> u64 {
    1 + spread.clamp(0.0, LONGEST) as u64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Those who are in after each second, when all do as they are told.
    fn come(all: u32, rate: u32) -> Vec<u32> {
        let admission = Admission::new(Some(rate));
        let start = Instant::now();
        let mut waiting = vec![0_u64; all as usize];
        let mut admitted = Vec::new();
        for second in 0_u64.. {
            let now = start + Duration::from_secs(second);
            let due = waiting.extract_if(.., |at| *at <= second).count();
            let mut inside = 0;
            for _ in 0..due {
                match admission.admit(now) {
                    Ok(()) => inside += 1,
                    Err(body) => waiting.push(second + body.retry_after.unwrap()),
                }
            }
            admitted.push(inside);
            if waiting.is_empty() {
                break;
            }
        }
        admitted
    }

    #[test]
    fn a_herd_is_let_in_at_the_rate_and_soon() {
        let admitted = come(10_000, 500);
        assert_eq!(admitted.iter().sum::<u32>(), 10_000);
        assert!(admitted.iter().skip(1).all(|inside| *inside <= 1_000));
        // At the rate alone it takes 18 seconds.
        assert!(admitted.len() < 60, "{admitted:?}");
    }

    #[test]
    fn a_few_come_in_at_once() {
        assert_eq!(come(1_000, 500), [1_000]);
        let admitted = come(1_001, 500);
        assert_eq!((admitted[0], admitted.last()), (1_000, Some(&1)));
    }

    #[test]
    fn without_a_rate_everybody_comes_in() {
        let admission = Admission::new(None);
        for _ in 0..100_000 {
            admission.admit(Instant::now()).unwrap();
        }
    }
}
