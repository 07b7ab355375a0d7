//! Emoji by their short codes, those of gemoji: `:thumbsup:`.

use unicode_segmentation::UnicodeSegmentation as _;

use super::Span;

/// So many emoji alone are shown large.
const LARGE: usize = 3;
/// The longest text that can be so few emoji, in bytes.
const LARGE_BYTES: usize = 160;
/// The longest short code, in bytes.
const CODE_BYTES: usize = 48;

/// An emoji and the name by which it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    pub emoji: &'static str,
    pub code: &'static str,
}

/// The emoji of a short code, without its colons.
#[must_use]
pub fn by_code(code: &str) -> Option<&'static str> {
    emojis::get_by_shortcode(code).map(emojis::Emoji::as_str)
}

/// Emoji whose short code begins with `prefix`, then those that hold it elsewhere; each once, the
/// shortest codes first, at most `count`.
#[must_use]
pub fn search(prefix: &str, count: usize) -> Vec<Found> {
    let wanted = prefix.to_lowercase();
    let mut found: Vec<(bool, usize, usize, Found)> = Vec::new();
    for (n, emoji) in emojis::iter().enumerate() {
        let code = emoji
            .shortcodes()
            .filter(|code| code.contains(&wanted))
            .min_by_key(|code| (!code.starts_with(&wanted), code.len()));
        if let Some(code) = code {
            let emoji = emoji.as_str();
            let found_one = Found { emoji, code };
            found.push((!code.starts_with(&wanted), code.len(), n, found_one));
        }
    }
    found.sort_unstable_by_key(|(inside, length, n, _)| (*inside, *length, *n));
    found.truncate(count);
    found.into_iter().map(|(_, _, _, found)| found).collect()
}

/// `text` with its short codes as emoji. `before`: what stands before it.
pub(super) fn replaced(text: &str, before: Option<char>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(':') {
        let (head, tail) = rest.split_at(at);
        out.push_str(head);
        let last = out.chars().next_back().or(before);
        // Within a word it is a time, an address, a part of a program.
        let is_begin = !last.is_some_and(|c| c.is_alphanumeric() || c == ':');
        let code = tail[1..].bytes().take(CODE_BYTES).position(|b| b == b':');
        let code = code.map(|end| &tail[1..=end]);
        if let Some((code, emoji)) = code
            .filter(|_| is_begin)
            .and_then(|c| Some((c, by_code(c)?)))
        {
            out.push_str(emoji);
            rest = &tail[code.len() + 2..];
        } else {
            out.push(':');
            rest = &tail[1..];
        }
    }
    out.push_str(rest);
    out
}

/// Whether these spans are one to three emoji and nothing else.
pub(super) fn stand_alone(spans: &[Span]) -> bool {
    let [span] = spans else { return false };
    let text = span.text.as_str();
    if span.style != super::Style::default() || text.len() > LARGE_BYTES {
        return false;
    }
    let mut signs = text.graphemes(true).filter(|sign| !sign.trim().is_empty());
    let count = signs.clone().take(LARGE + 1).count();
    (1..=LARGE).contains(&count) && signs.all(|sign| emojis::get(sign).is_some())
}
