//! The one door through which other people's text reaches a screen, a window title, a
//! notification, the clipboard or a file name.
//!
//! Decisions, the same for both clients:
//! - Control characters (so every escape sequence) and bidirectional controls become U+FFFD: one
//!   sees that something was there.
//! - Invisible characters are dropped, so that two texts that look alike are alike. Joiners stay
//!   where they carry meaning: in emoji sequences, and between letters of the scripts that need
//!   them. Variation selectors stay behind what they vary.
//! - At most [`MAX_MARKS`] combining marks stand on one letter.

mod classes;

use classes::{Class, MAX_MARKS, class, is_emoji, is_joining_letter};
use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;

/// Text that is safe to draw: no control character, no escape sequence, no bidirectional trick, no
/// invisible spoof. Only this crate makes one, so a widget that takes `&SafeText` can't be handed
/// raw text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(transparent)]
pub struct SafeText(String);

impl SafeText {
    /// One line: line breaks become spaces.
    #[must_use]
    pub fn line(raw: &str) -> Self {
        Self(make_safe(raw, Shape::Line))
    }

    /// Several lines: `\n` stays, tabs become spaces.
    #[must_use]
    pub fn block(raw: &str) -> Self {
        Self(make_safe(raw, Shape::Block))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is left to see.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What is read back goes through the door again.
impl<'de> Deserialize<'de> for SafeText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|raw| Self::block(&raw))
    }
}

impl std::fmt::Display for SafeText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Line,
    Block,
}

const REPLACEMENT: char = '\u{FFFD}';

fn make_safe(raw: &str, shape: Shape) -> String {
    let mut safe = String::with_capacity(raw.len());
    let mut marks = 0;
    let mut chars = raw.chars().peekable();
    // The last character that a joiner or selector could belong to.
    let mut base: Option<char> = None;
    while let Some(c) = chars.next() {
        let kind = class(c);
        match kind {
            Class::Break => {
                if c == '\r' && chars.peek() == Some(&'\n') {
                    chars.next();
                }
                safe.push(if shape == Shape::Block { '\n' } else { ' ' });
            }
            Class::Tab => safe.push_str(if shape == Shape::Block { "    " } else { " " }),
            Class::Visible => safe.push(c),
            Class::Mark => {
                marks += 1;
                if marks <= MAX_MARKS {
                    safe.push(c);
                }
                continue;
            }
            Class::Loud => safe.push(REPLACEMENT),
            Class::Silent => continue,
            Class::Selector => {
                if base.is_some_and(classes::takes_selector) && !safe.ends_with(c) {
                    safe.push(c);
                }
                continue;
            }
            Class::Joiner => {
                let next = chars.peek().copied();
                if let (Some(before), Some(after)) = (base, next)
                    && joins(c, before, after)
                {
                    safe.push(c);
                }
                continue;
            }
        }
        marks = 0;
        base = (kind == Class::Visible).then_some(c);
    }
    safe
}

/// Whether a joiner between these two carries meaning.
fn joins(joiner: char, before: char, after: char) -> bool {
    (joiner == classes::ZWJ && is_emoji(before) && is_emoji(after))
        || (is_joining_letter(before) && is_joining_letter(after))
}

#[cfg(test)]
mod tests;
