//! Slow mode: how long a member waits between two messages.

use erc_protocol::{ErrorBody, ErrorCode, RoomRole, RoomSettings, Timestamp};

/// What somebody of this rank waits between two messages; `None` if nothing.
#[must_use]
pub fn gap_ms(settings: &RoomSettings, rank: RoomRole) -> Option<i64> {
    let asks = settings.slow_mode_s > 0 && rank < RoomRole::Moderator;
    asks.then_some(i64::from(settings.slow_mode_s) * 1_000)
}

/// Fails if the last message is less than the gap ago; says how many seconds are left, never more
/// than the gap, whatever clocks do.
pub fn check(gap_ms: i64, last_sent_at: Option<i64>, now: Timestamp) -> Result<(), ErrorBody> {
    let Some(last) = last_sent_at else {
        return Ok(());
    };
    let left_ms = last
        .saturating_add(gap_ms)
        .saturating_sub(now.0)
        .min(gap_ms);
    if left_ms <= 0 {
        return Ok(());
    }
    let seconds = u64::try_from(left_ms).unwrap_or(0).div_ceil(1_000);
    let mut body = ErrorBody::new(
        ErrorCode::SlowMode,
        format!("this room is in slow mode: the next message in {seconds} s"),
    );
    body.retry_after = Some(seconds);
    Err(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_below_moderator_wait() {
        let slow = RoomSettings {
            slow_mode_s: 10,
            ..RoomSettings::default()
        };
        for role in RoomRole::ALL {
            let waits = gap_ms(&slow, *role).is_some();
            assert_eq!(waits, *role < RoomRole::Moderator, "{role}");
            assert_eq!(gap_ms(&RoomSettings::default(), *role), None);
        }
    }

    #[test]
    fn the_gap_ends_to_the_millisecond_and_never_grows() {
        let left = |last, now| {
            let refused = check(10_000, last, Timestamp(now)).err();
            refused.and_then(|body| body.retry_after)
        };
        assert_eq!(left(None, 0), None);
        assert_eq!(left(Some(1_000), 1_000), Some(10));
        assert_eq!(left(Some(1_000), 10_999), Some(1));
        assert_eq!(left(Some(1_000), 11_000), None);
        // The clock was set back by a day.
        assert_eq!(left(Some(86_400_000), 0), Some(10));
    }
}
