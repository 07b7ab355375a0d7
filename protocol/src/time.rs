//! Moments, as milliseconds inside and as RFC 3339 text on the wire.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
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

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let moment: jiff::Timestamp = text
            .parse()
            .map_err(|e| D::Error::custom(format!("not an RFC 3339 time: {e}")))?;
        Ok(Self(moment.as_millisecond()))
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
