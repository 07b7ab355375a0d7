//! The one door through which other people's text reaches a screen, a window title, a
//! notification, the clipboard or a file name.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Text that is safe to draw: no control character, no escape sequence, no bidirectional trick, no
/// invisible spoof. Only this crate makes one, so a widget that takes `&SafeText` can't be handed
/// raw text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct SafeText(String);

impl SafeText {
    /// One line: line breaks become spaces.
    #[must_use]
    pub fn line(raw: &str) -> Self {
        Self(raw.to_owned())
    }

    /// Several lines: `\n` stays, tabs become spaces.
    #[must_use]
    pub fn block(raw: &str) -> Self {
        Self(raw.to_owned())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SafeText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
