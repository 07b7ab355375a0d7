//! A row that a newer server may have written in a way this build can't read.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A row of a batch: read, or kept as it came so that one odd row never costs the batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
#[ts(untagged)]
pub enum Row<T> {
    /// This build reads it.
    Known(T),
    /// This build can't: kept raw, the cursor moves on.
    Unknown(#[ts(type = "unknown")] serde_json::Value),
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
