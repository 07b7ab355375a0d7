//! A word, a part of one or a phrase that is searched for, and where it stands in a text.

use super::fold::{Folded, Kind, kind};

/// What is searched for in a message's text, made alike as [`super::fold`] does.
///
/// A word is found wherever its letters stand, also inside another word. One or two letters alone
/// would be found everywhere: they must begin a word, and a single one be all of it. Signs (Chinese,
/// Japanese, Korean, emoji) are found wherever they stand. A phrase begins and ends with a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    chars: Vec<char>,
    begins_word: bool,
    ends_word: bool,
}

impl Text {
    /// A word or a part of one; `None` if nothing is left of it.
    #[must_use]
    pub fn word(written: &str) -> Option<Self> {
        let chars = Folded::of(written).chars;
        let is_short = chars.len() <= 2 && chars.iter().all(|c| kind(*c) == Kind::Letter);
        Self::new(chars.clone(), is_short, is_short && chars.len() == 1)
    }

    /// Exactly these words; `None` if nothing is left of them.
    #[must_use]
    pub fn phrase(written: &str) -> Option<Self> {
        let chars = Folded::of(written).chars;
        let is_letter = |c: Option<&char>| c.is_some_and(|c| kind(*c) == Kind::Letter);
        let (begins, ends) = (is_letter(chars.first()), is_letter(chars.last()));
        Self::new(chars, begins, ends)
    }

    fn new(chars: Vec<char>, begins_word: bool, ends_word: bool) -> Option<Self> {
        (!chars.is_empty()).then_some(Self {
            chars,
            begins_word,
            ends_word,
        })
    }

    pub(super) fn chars(&self) -> &[char] {
        &self.chars
    }

    pub(super) const fn begins_word(&self) -> bool {
        self.begins_word
    }

    pub(super) const fn ends_word(&self) -> bool {
        self.ends_word
    }

    /// Every place in a text, as the first and the end in its folded characters.
    pub(super) fn places<'t>(
        &'t self,
        text: &'t [char],
    ) -> impl Iterator<Item = (usize, usize)> + 't {
        let length = self.chars.len();
        let first = self.chars[0];
        (0..(text.len() + 1).saturating_sub(length))
            .filter(move |start| text[*start] == first)
            .filter(move |start| text[*start..*start + length] == self.chars[..])
            .map(move |start| (start, start + length))
            .filter(move |(start, end)| {
                (!self.begins_word || is_border(text, *start))
                    && (!self.ends_word || is_border(text, *end))
            })
    }
}

/// Whether no word goes on over this place.
pub(super) fn is_border(text: &[char], place: usize) -> bool {
    let is_letter = |c: Option<&char>| c.is_some_and(|c| kind(*c) == Kind::Letter);
    !(place > 0 && is_letter(text.get(place - 1)) && is_letter(text.get(place)))
}

/// Whether a text holds the address of a page.
#[must_use]
pub(super) fn has_link(content: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        content.match_indices(scheme).any(|(at, _)| {
            let rest = content[at + scheme.len()..].chars().next();
            rest.is_some_and(|c| c.is_alphanumeric() || c == '[')
        })
    })
}

/// Where in a text what was searched for stands. Places are characters of the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Highlights {
    /// First character and the one behind the last; rising, apart from each other.
    pub ranges: Vec<(u32, u32)>,
    /// A part of the text around the first of them, for a line or two.
    pub snippet: (u32, u32),
}

/// Characters of a snippet, and of it before the first place.
const SNIPPET: u32 = 200;
const BEFORE: u32 = 40;

impl Highlights {
    /// Of these texts in a message's content.
    #[must_use]
    pub fn of<'q>(texts: impl IntoIterator<Item = &'q Text>, content: &str) -> Self {
        let folded = Folded::of(content);
        let length = u32::try_from(content.chars().count()).unwrap_or(u32::MAX);
        let mut found: Vec<(u32, u32)> = Vec::new();
        for text in texts {
            for (start, end) in text.places(&folded.chars) {
                let (first, last) = (folded.origins[start], folded.origins[end - 1]);
                found.push((first, last + 1));
            }
        }
        found.sort_unstable();
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for (start, end) in found {
            match ranges.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => ranges.push((start, end)),
            }
        }
        let first = ranges.first().map_or(0, |(start, _)| *start);
        // A short text is shown whole.
        let start = first
            .saturating_sub(BEFORE)
            .min(length.saturating_sub(SNIPPET));
        let snippet = (start, length.min(start.saturating_add(SNIPPET)));
        Self { ranges, snippet }
    }
}
