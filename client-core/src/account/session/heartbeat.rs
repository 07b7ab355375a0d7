//! Whether the link lives. Pure: the times are given.

use std::time::{Duration, Instant};

use erc_protocol::Timestamp;

use crate::clock::Clock;

/// How often the server is asked for a sign of life (which also tells the heads of open rooms).
const EVERY: Duration = Duration::from_secs(25);
/// Nothing heard for so long: the link is dead.
const SILENCE: Duration = Duration::from_mins(1);
/// The wall clock ran so much further than the other one: the machine slept.
const SLEPT_MS: i64 = 30_000;
/// How long the server has to answer after that.
const AFTER_SLEEP: Duration = Duration::from_secs(5);

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    Ping,
    Dead,
}

#[derive(Debug)]
pub(super) struct Heartbeat {
    heard: Instant,
    pinged: Instant,
    /// An answer must come until then.
    deadline: Option<Instant>,
    clocks: (Instant, Timestamp),
    /// [`EVERY`], [`SILENCE`] and [`AFTER_SLEEP`], as the clock paces them.
    every: Duration,
    silence: Duration,
    after_sleep: Duration,
}

impl Heartbeat {
    pub(super) fn new(now: Instant, clock: &Clock) -> Self {
        Self {
            heard: now,
            pinged: now,
            deadline: None,
            clocks: (now, clock.now()),
            every: clock.pace(EVERY),
            silence: clock.pace(SILENCE),
            after_sleep: clock.pace(AFTER_SLEEP),
        }
    }

    pub(super) fn heard(&mut self, now: Instant) {
        self.heard = now;
        self.deadline = None;
    }

    /// A ping goes out.
    pub(super) fn pinged(&mut self, now: Instant) {
        self.pinged = now;
    }

    /// The user doubts the link.
    pub(super) fn check(&mut self, now: Instant) {
        self.deadline = Some(now + self.after_sleep);
    }

    pub(super) fn tick(&mut self, now: Instant, wall: Timestamp) -> Due {
        let (then, wall_then) = self.clocks;
        self.clocks = (now, wall);
        let passed = i64::try_from((now - then).as_millis()).unwrap_or(i64::MAX);
        let has_slept = (wall.0 - wall_then.0).saturating_sub(passed) > SLEPT_MS;
        if now.duration_since(self.heard) > self.silence || self.deadline.is_some_and(|at| now > at)
        {
            return Due::Dead;
        }
        if has_slept {
            self.check(now);
            return Due::Ping;
        }
        if now.duration_since(self.pinged) >= self.every {
            Due::Ping
        } else {
            Due::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use uuid::Uuid;

    /// At the beginning of time.
    struct Zero;

    impl crate::clock::Source for Zero {
        fn now(&self) -> Timestamp {
            Timestamp(0)
        }
        fn zone(&self) -> TimeZone {
            TimeZone::UTC
        }
        fn operation_id(&self) -> Uuid {
            Uuid::nil()
        }
        fn random_id(&self) -> Uuid {
            Uuid::nil()
        }
    }

    fn clock() -> Clock {
        Clock::from_source(Zero)
    }

    #[test]
    fn a_silent_link_is_asked_and_then_given_up() {
        let start = Instant::now();
        let at = |s: u64| {
            (
                start + Duration::from_secs(s),
                Timestamp(1000 * i64::try_from(s).unwrap()),
            )
        };
        let mut beat = Heartbeat::new(at(0).0, &clock());
        assert_eq!(beat.tick(at(10).0, at(10).1), Due::Nothing);
        assert_eq!(beat.tick(at(25).0, at(25).1), Due::Ping);
        beat.pinged(at(25).0);
        assert_eq!(beat.tick(at(40).0, at(40).1), Due::Nothing);
        assert_eq!(beat.tick(at(61).0, at(61).1), Due::Dead);
        beat.heard(at(61).0);
        assert_eq!(beat.tick(at(62).0, at(62).1), Due::Ping);
    }

    #[test]
    fn after_sleep_the_link_must_answer_at_once() {
        let start = Instant::now();
        let mut beat = Heartbeat::new(start, &clock());
        let woke = start + Duration::from_secs(1);
        assert_eq!(beat.tick(woke, Timestamp(3_600_000)), Due::Ping);
        let later = woke + Duration::from_secs(6);
        assert_eq!(beat.tick(later, Timestamp(3_606_000)), Due::Dead);
    }
}
