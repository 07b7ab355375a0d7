//! Days and moments in words.

use erc_client_core::{SafeText, protocol::Timestamp};
use jiff::{civil::Date, tz::TimeZone};

/// `2026-11-24` as `Tue 24 Nov 2026`.
pub(super) fn day(date: &str) -> SafeText {
    match date.parse::<Date>() {
        Ok(date) => SafeText::line(&date.strftime("%a %-d %b %Y").to_string()),
        Err(_) => SafeText::line(date),
    }
}

/// A moment as `24 Nov 12:04`.
pub(super) fn moment(at: Timestamp, zone: &TimeZone) -> SafeText {
    let local = at.to_jiff().to_zoned(zone.clone());
    SafeText::line(&local.strftime("%-d %b %H:%M").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_named_with_its_weekday() {
        assert_eq!(day("2026-11-24").as_str(), "Tue 24 Nov 2026");
        assert_eq!(day("nonsense").as_str(), "nonsense");
    }

    #[test]
    fn a_moment_is_told_in_the_zone_of_the_reader() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        assert_eq!(moment(Timestamp(0), &zone).as_str(), "1 Jan 02:00");
    }
}
