//! A row that a newer server may have written in a way this build can't read.

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use ts_rs::TS;

/// A row of a batch: read, or kept as it came so that one odd row never costs the batch.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
#[ts(untagged)]
pub enum Row<T> {
    /// This build reads it.
    Known(T),
    /// This build can't: kept raw, the cursor moves on.
    Unknown(#[ts(type = "unknown")] serde_json::Value),
}

/// Only from JSON: what else serde offers for trying twice takes every row apart into a tree first.
impl<'de, T: DeserializeOwned> Deserialize<'de> for Row<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        serde_json::from_str(raw.get())
            .map(Self::Known)
            .or_else(|_| serde_json::from_str(raw.get()).map(Self::Unknown))
            .map_err(D::Error::custom)
    }
}

impl<T> Row<T> {
    /// The row, if this build reads it.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Known(row) => Some(row),
            Self::Unknown(_) => None,
        }
    }
}

impl<T> From<T> for Row<T> {
    fn from(row: T) -> Self {
        Self::Known(row)
    }
}
