//! Waiting for what must come, with a deadline instead of a hope.

use std::time::{Duration, Instant};

/// Longer than anything takes on a slow and crowded machine; only a broken program reaches it.
pub const DEADLINE: Duration = Duration::from_mins(1);

const PAUSE: Duration = Duration::from_millis(15);

/// Asks until there is an answer.
///
/// # Panics
/// If there is none by the [`DEADLINE`]: with `what` was waited for.
pub async fn eventually<T>(what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = probe().await {
            return answer;
        }
        assert!(begun.elapsed() < DEADLINE, "waited in vain: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// As [`eventually`], for code that does not run in a runtime. `state` tells, on failure, how
/// things stood.
pub fn eventually_sync<T>(
    what: &str,
    state: impl Fn() -> String,
    mut probe: impl FnMut() -> Option<T>,
) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = probe() {
            return answer;
        }
        assert!(
            begun.elapsed() < DEADLINE,
            "waited in vain: {what}\n{}",
            state()
        );
        std::thread::sleep(PAUSE);
    }
}

/// The future's result.
///
/// # Panics
/// If it is not done by the [`DEADLINE`].
pub async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(DEADLINE, future).await {
        Ok(value) => value,
        Err(elapsed) => panic!("waited in vain: {what} ({elapsed})"),
    }
}
