//! What people write when they mean a moment to come: `9:00`, `tomorrow 18:30`, `in 2h`.
//!
//! Pure: the moment now and the zone are given. A time of day stays one, with its zone, so that the
//! server decides what it means when clocks are put forward or back.

use erc_protocol::{
    ExpiryFrom, Lifetime, Timestamp,
    schedule::{When, WhenError},
};
use jiff::{
    Span, ToSpan as _,
    civil::{Date, DateTime, Time, Weekday},
    tz::TimeZone,
};

use crate::error::{Error, Result};

/// What is understood, for those who ask.
pub const EXAMPLES: &str = "9:00, tomorrow 18:30, monday 9:00, 2026-12-24 18:00, in 2h, in 1d 12h";

const DAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

fn not_understood() -> Error {
    Error::Invalid(format!("when? For example: {EXAMPLES}"))
}

/// The moment that a text begins with, and what stands behind it.
pub fn leading<'a>(text: &'a str, now: Timestamp, zone: &TimeZone) -> Result<(When, &'a str)> {
    let text = text.trim_start();
    let (first, rest) = word(text);
    let lower = first.to_lowercase();
    if lower == "in" || lower == "after" {
        let (seconds, rest) = duration(rest).ok_or_else(not_understood)?;
        return checked(When::after(seconds), now, rest);
    }
    let today = now.to_jiff().to_zoned(zone.clone());
    let (date, rest) = match day(&lower, today.date()) {
        Some(date) => (Some(date), rest),
        None => (None, text),
    };
    let (clock, rest) = word(rest);
    // A sign of the afternoon may stand by itself.
    let (sign, behind) = word(rest);
    let spaced = format!("{clock}{sign}");
    let is_sign = matches!(sign.to_lowercase().as_str(), "am" | "pm");
    let (time, rest) = match time(&spaced).filter(|_| is_sign) {
        Some(time) => (time, behind),
        None => (time(clock).ok_or_else(not_understood)?, rest),
    };
    let date = match date {
        Some(date) => date,
        None if time > today.time() => today.date(),
        None => plus(today.date(), 1.day())?,
    };
    let local = DateTime::from_parts(date, time);
    checked(at(local, zone)?, now, rest)
}

/// The moment that a whole text means.
pub fn whole(text: &str, now: Timestamp, zone: &TimeZone) -> Result<When> {
    match leading(text, now, zone)? {
        (when, "") => Ok(when),
        _ => Err(not_understood()),
    }
}

/// A word and what stands behind it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}

fn checked(when: When, now: Timestamp, rest: &str) -> Result<(When, &str)> {
    let wrong = |error: WhenError| Error::Invalid(error.reason);
    when.resolve(now).map_err(wrong)?;
    Ok((when, rest))
}

/// A time of day with the zone's name; where the system knows none, the moment.
fn at(local: DateTime, zone: &TimeZone) -> Result<When> {
    if let Some(name) = zone.iana_name() {
        return Ok(When {
            local_time: Some(local.to_string()),
            time_zone: Some(name.to_owned()),
            ..When::default()
        });
    }
    let moment = zone
        .to_ambiguous_timestamp(local)
        .compatible()
        .map_err(|_| not_understood())?;
    Ok(When {
        due_at: Some(Timestamp(moment.as_millisecond())),
        ..When::default()
    })
}

fn plus(date: Date, span: Span) -> Result<Date> {
    date.checked_add(span).map_err(|_| not_understood())
}

/// A day by its name or its date. A day of the week is the next that comes, never today.
fn day(word: &str, today: Date) -> Option<Date> {
    match word {
        "today" => return Some(today),
        "tomorrow" => return today.checked_add(1.day()).ok(),
        _ => {}
    }
    let named = DAYS
        .iter()
        .find(|(name, _)| word.len() >= 3 && name.starts_with(word));
    if let Some((_, weekday)) = named {
        return today.nth_weekday(1, *weekday).ok();
    }
    (word.len() == 10).then(|| word.parse().ok()).flatten()
}

/// `9:00`, `21:30`, `9am`, `9:30pm`. A bare number is none: it begins too many messages.
fn time(word: &str) -> Option<Time> {
    let word = word.to_lowercase();
    let (clock, shift) = match (word.strip_suffix("am"), word.strip_suffix("pm")) {
        (Some(clock), _) => (clock, Some(0)),
        (_, Some(clock)) => (clock, Some(12)),
        _ => (word.as_str(), None),
    };
    let (hours, minutes) = match clock.split_once(':') {
        Some((hours, minutes)) if minutes.len() == 2 => (hours, minutes),
        None if shift.is_some() => (clock, "00"),
        _ => return None,
    };
    let number = |digits: &str| -> Option<i8> {
        let all = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse().ok().filter(|_| all)
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let hours = match shift {
        Some(shift) if (1..=12).contains(&hours) => hours % 12 + shift,
        Some(_) => return None,
        None => hours,
    };
    Time::new(hours, minutes, 0, 0).ok()
}

/// How long a message is to stay, that a text begins with, and what stands behind it: `1h tea`, and
/// `read 1h tea` if that counts from when somebody has read it.
pub fn lifetime(text: &str) -> Result<(Lifetime, &str)> {
    let (first, behind) = word(text);
    let (from, rest) = match first.to_lowercase().as_str() {
        "read" => (ExpiryFrom::Read, behind),
        "sent" => (ExpiryFrom::Sent, behind),
        _ => (ExpiryFrom::Sent, text),
    };
    let not_understood = || Error::Invalid("how long? For example: 1h, 7d, read 10m".to_owned());
    let (after_s, rest) = length(rest).ok_or_else(not_understood)?;
    let lifetime = Lifetime { after_s, from }.valid();
    Ok((lifetime.map_err(Error::Invalid)?, rest))
}

/// How long, in seconds, that a text begins with, and what stands behind it.
#[must_use]
pub fn length(text: &str) -> Option<(u32, &str)> {
    duration(text)
}

/// Seconds as a text that [`length`] reads: `1h 30m`.
#[must_use]
pub fn words(seconds: u32) -> String {
    let units = [
        (604_800, "w"),
        (86_400, "d"),
        (3_600, "h"),
        (60, "m"),
        (1, "s"),
    ];
    let mut left = seconds;
    let mut parts = Vec::new();
    for (each, unit) in units {
        if left >= each {
            parts.push(format!("{}{unit}", left / each));
            left %= each;
        }
    }
    parts.join(" ")
}

/// `2h`, `1h30m`, `90 min`, `1d 12h`, `2 weeks`: seconds, and what stands behind.
fn duration(text: &str) -> Option<(u32, &str)> {
    let mut seconds: u32 = 0;
    let mut rest = text;
    let mut found = false;
    while let Some((part, behind)) = part(rest) {
        seconds = seconds.checked_add(part)?;
        rest = behind;
        found = true;
        let ends = rest.is_empty() || rest.starts_with(char::is_whitespace);
        let goes_on = rest.trim_start().starts_with(|c: char| c.is_ascii_digit());
        if ends && !goes_on {
            break;
        }
    }
    found.then(|| (seconds, rest.trim_start()))
}

fn part(text: &str) -> Option<(u32, &str)> {
    let text = text.trim_start();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let count: u32 = text[..digits].parse().ok()?;
    let unit_at = text[digits..].trim_start();
    let letters = unit_at.bytes().take_while(u8::is_ascii_alphabetic).count();
    let each = match unit_at[..letters].to_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 3_600,
        "d" | "day" | "days" => 86_400,
        "w" | "week" | "weeks" => 604_800,
        _ => return None,
    };
    Some((count.checked_mul(each)?, &unit_at[letters..]))
}

#[cfg(test)]
mod tests;
