//! Moments, as milliseconds inside and as RFC 3339 text on the wire.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ts_rs::TS;

/// Milliseconds since 1970-01-01T00:00:00Z; on the wire `"2024-01-01T12:00:00.000Z"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, TS)]
pub struct Timestamp(#[ts(type = "string")] pub i64);

impl Timestamp {
    /// The end of what has none: the last second of the year 9999.
    pub const NEVER: Self = Self(253_402_300_799_000);

    /// This many milliseconds later (earlier if negative).
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// As [`jiff::Timestamp`]; the nearest one that exists for values outside its range.
    #[must_use]
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}

impl From<i64> for Timestamp {
    fn from(ms: i64) -> Self {
        Self(ms)
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3}", self.to_jiff())
    }
}

/// `2024-01-01T12:00:00.000Z`, of a year with four digits. Every message is written with one, so the
/// machinery of formatting is left out.
fn written(moment: jiff::Timestamp) -> Option<[u8; 24]> {
    let at = jiff::tz::Offset::UTC.to_datetime(moment);
    let mut text = *b"0000-00-00T00:00:00.000Z";
    let mut put = |from: usize, to: usize, number: u16| {
        let mut rest = number;
        for digit in text[from..to].iter_mut().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
        }
        (rest == 0).then_some(())
    };
    put(0, 4, u16::try_from(at.year()).ok()?)?;
    for (from, number) in [
        (5, at.month()),
        (8, at.day()),
        (11, at.hour()),
        (14, at.minute()),
        (17, at.second()),
    ] {
        put(from, from + 2, u16::try_from(number).ok()?)?;
    }
    put(20, 23, u16::try_from(at.millisecond()).ok()?)?;
    Some(text)
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = written(self.to_jiff());
        match text.as_ref().map(|text| str::from_utf8(text)) {
            Some(Ok(text)) => serializer.serialize_str(text),
            _ => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Timestamp;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an RFC 3339 time")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Timestamp, E> {
                let moment: jiff::Timestamp = text
                    .parse()
                    .map_err(|e| E::custom(format!("not an RFC 3339 time: {e}")))?;
                Ok(Timestamp(moment.as_millisecond()))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A moment in UTC, with milliseconds.",
            "type": "string",
            "format": "date-time",
            "examples": ["2024-01-01T12:00:00.000Z"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_as_rfc_3339_with_milliseconds() {
        let json = serde_json::to_string(&Timestamp(1_704_110_400_007)).unwrap();
        assert_eq!(json, "\"2024-01-01T12:00:00.007Z\"");
    }

    #[test]
    fn is_written_as_the_formatter_writes_it() {
        let day = 86_400_000;
        let far = (0..200).map(|n| n * 1_234_567_891_011 - 70_000_000_000_000);
        let near = (0..2_000).map(|n| n * (day - 61_001) + 951_782_400_000);
        for ms in far
            .chain(near)
            .chain([i64::MIN, i64::MAX, -1, 0, -62_135_596_800_001])
        {
            let moment = Timestamp(ms);
            let json = serde_json::to_string(&moment).unwrap();
            assert_eq!(json, format!("\"{moment}\""));
        }
    }

    #[test]
    fn reads_what_the_brief_writes() {
        let moment: Timestamp = serde_json::from_str("\"2024-01-01T12:00:00Z\"").unwrap();
        assert_eq!(moment, Timestamp(1_704_110_400_000));
    }

    #[test]
    fn a_moment_out_of_range_is_still_written() {
        assert!(serde_json::to_string(&Timestamp(i64::MAX)).is_ok());
        assert!(serde_json::to_string(&Timestamp(i64::MIN)).is_ok());
    }
}
