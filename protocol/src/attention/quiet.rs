//! Hours in which nothing rings: spans of the week, on the clock of one place.

use jiff::{civil::Time, tz::TimeZone};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Timestamp, limit, role::text_enum, validate::Reason};

text_enum!(
    /// A day of the week.
    Weekday {
        Monday = "monday",
        Tuesday = "tuesday",
        Wednesday = "wednesday",
        Thursday = "thursday",
        Friday = "friday",
        Saturday = "saturday",
        Sunday = "sunday",
    }
);

impl Weekday {
    fn of(day: jiff::civil::Weekday) -> Self {
        // Counted from Monday, as `ALL` is.
        let at = usize::try_from(day.to_monday_zero_offset()).unwrap_or(0);
        Self::ALL[at % Self::ALL.len()]
    }

    fn before(self) -> Self {
        let at = self as usize;
        Self::ALL[(at + Self::ALL.len() - 1) % Self::ALL.len()]
    }
}

/// When nothing rings; never, without spans.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuietHours {
    /// Where the clock hangs, by its IANA name: `Europe/Berlin`.
    pub time_zone: String,
    pub spans: Vec<QuietSpan>,
}

/// A span of quiet on some days of the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuietSpan {
    /// The days on which it begins.
    pub days: Vec<Weekday>,
    /// A time of day, `22:00`.
    pub from: String,
    /// The first minute after it, `07:00`; at or before `from`, it is one of the next day.
    pub to: String,
}

impl QuietHours {
    /// Whether there are none.
    #[must_use]
    pub fn is_never(&self) -> bool {
        self.spans.is_empty()
    }

    /// In their canonical form, or what is wrong with them.
    pub fn checked(self) -> Result<Self, Reason> {
        if self.is_never() {
            return Ok(Self::default());
        }
        if self.spans.len() > limit::QUIET_SPANS {
            return Err(format!("at most {} spans of quiet", limit::QUIET_SPANS));
        }
        if TimeZone::get(&self.time_zone).is_err() {
            return Err("no time zone is called so".to_owned());
        }
        let spans = self.spans.into_iter().map(QuietSpan::checked);
        Ok(Self {
            spans: spans.collect::<Result<_, _>>()?,
            time_zone: self.time_zone,
        })
    }

    /// Whether a moment lies within them. A zone that this build doesn't know has none.
    #[must_use]
    pub fn hold(&self, at: Timestamp) -> bool {
        if self.is_never() {
            return false;
        }
        let Ok(zone) = TimeZone::get(&self.time_zone) else {
            return false;
        };
        let local = zone.to_datetime(at.to_jiff());
        let (day, time) = (Weekday::of(local.weekday()), local.time());
        self.spans.iter().any(|span| span.holds(day, time))
    }
}

impl QuietSpan {
    fn checked(self) -> Result<Self, Reason> {
        let clock = |text: &str| match read(text) {
            Some(time) => Ok(time.strftime("%H:%M").to_string()),
            None => Err(format!("{text:?} is no time of day like 22:00")),
        };
        let (from, to) = (clock(&self.from)?, clock(&self.to)?);
        let mut days = self.days;
        days.sort_unstable();
        days.dedup();
        if days.is_empty() {
            return Err("a span of quiet needs a day".to_owned());
        }
        Ok(Self { days, from, to })
    }

    fn holds(&self, day: Weekday, time: Time) -> bool {
        let (Some(from), Some(to)) = (read(&self.from), read(&self.to)) else {
            return false;
        };
        let begins = |day| self.days.contains(&day);
        if from < to {
            begins(day) && from <= time && time < to
        } else {
            (begins(day) && from <= time) || (begins(day.before()) && time < to)
        }
    }
}

/// A time of day; `24:00` is the midnight that ends a day.
fn read(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str| {
        let is_short = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        is_short.then(|| text.parse::<i8>().ok()).flatten()
    };
    let hour = match (number(hour)?, minute) {
        (24, "00") => 0,
        (hour, _) => hour,
    };
    Time::new(hour, number(minute)?, 0, 0).ok()
}
