//! What people write when they mean hours of quiet: `mon-fri 22:00-7:00, sat sun 0:00-24:00`.

use erc_protocol::attention::{QuietSpan, Weekday};

use crate::error::{Error, Result};

/// What is understood, for those who ask.
pub const EXAMPLES: &str = "mon-fri 22:00-7:00, sat sun 0:00-24:00, daily 13:00-14:00";

fn not_understood(part: &str) -> Error {
    Error::Invalid(format!(
        "{part:?} is no time of quiet. For example: {EXAMPLES}"
    ))
}

/// Reads spans of quiet; none from an empty text. Times are looked at by whoever keeps them.
pub(crate) fn read(text: &str) -> Result<Vec<QuietSpan>> {
    let parts = text.split([',', ';']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(span).collect()
}

fn span(part: &str) -> Result<QuietSpan> {
    let wrong = || not_understood(part);
    let mut words: Vec<&str> = part.split_whitespace().collect();
    let times = words.pop().ok_or_else(wrong)?;
    let (from, to) = times.split_once(['-', '–']).ok_or_else(wrong)?;
    if !from.contains(':') || !to.contains(':') {
        return Err(wrong());
    }
    let mut days = Vec::new();
    for word in words {
        days.extend(days_of(word).ok_or_else(wrong)?);
    }
    if days.is_empty() {
        days = Weekday::ALL.to_vec();
    }
    days.sort_unstable();
    days.dedup();
    Ok(QuietSpan {
        days,
        from: from.to_owned(),
        to: to.to_owned(),
    })
}

/// `mon`, `mon-fri`, `daily`.
fn days_of(word: &str) -> Option<Vec<Weekday>> {
    let word = word.to_lowercase();
    if word == "daily" {
        return Some(Weekday::ALL.to_vec());
    }
    let (first, last) = match word.split_once(['-', '–']) {
        Some((first, last)) => (day(first)?, day(last)?),
        None => (day(&word)?, day(&word)?),
    };
    let all = Weekday::ALL.iter().copied().cycle();
    let mut days = Vec::new();
    for day in all.skip_while(|day| *day != first) {
        days.push(day);
        if day == last {
            break;
        }
    }
    Some(days)
}

/// By at least three letters of its name.
fn day(word: &str) -> Option<Weekday> {
    let is_it = |day: &&Weekday| word.len() >= 3 && day.as_str().starts_with(word);
    Weekday::ALL.iter().find(is_it).copied()
}

/// As [`read`] reads it.
pub(crate) fn write(spans: &[QuietSpan]) -> String {
    let spans: Vec<_> = spans
        .iter()
        .map(|span| {
            let days = runs(&span.days).join(" ");
            format!("{days} {}-{}", span.from, span.to)
        })
        .collect();
    spans.join(", ")
}

/// Days that follow each other as one word.
fn runs(days: &[Weekday]) -> Vec<String> {
    if days.len() == Weekday::ALL.len() {
        return vec!["daily".to_owned()];
    }
    let short = |day: Weekday| &day.as_str()[..3];
    let mut runs: Vec<(Weekday, Weekday)> = Vec::new();
    for &day in days {
        match runs.last_mut() {
            Some((_, last)) if *last as usize + 1 == day as usize => *last = day,
            _ => runs.push((day, day)),
        }
    }
    let written = runs.into_iter().map(|(first, last)| {
        if first == last {
            short(first).to_owned()
        } else {
            format!("{}-{}", short(first), short(last))
        }
    });
    written.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_of_quiet_are_read_as_people_write_them() {
        use Weekday::{Friday, Monday, Saturday, Sunday, Thursday};
        let spans = read("Mon-Fri 22:00-7:00, saturday sun 0:00-24:00; 13:00–14:00").unwrap();
        assert_eq!(spans.len(), 3);
        assert_eq!(spans[0].days.len(), 5);
        assert_eq!(
            (spans[0].from.as_str(), spans[0].to.as_str()),
            ("22:00", "7:00")
        );
        assert_eq!(spans[1].days, [Saturday, Sunday]);
        assert_eq!(spans[2].days, Weekday::ALL);
        let over = read("thu-mon 9:00-10:00").unwrap();
        assert_eq!(over[0].days, [Monday, Thursday, Friday, Saturday, Sunday]);
        assert_eq!(read(" ").unwrap(), []);
        for wrong in [
            "mon",
            "9-10",
            "someday 9:00-10:00",
            "mo 9:00-10:00",
            "mon 9:00",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_written_is_read_as_the_same() {
        for text in [
            "mon-fri 22:00-07:00, sat-sun 00:00-00:00",
            "mon wed-thu sun 09:00-10:00",
            "daily 13:00-14:00",
            "",
        ] {
            assert_eq!(write(&read(text).unwrap()), text);
        }
    }
}
