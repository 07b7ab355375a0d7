//! Emoji by their short codes, those of gemoji: `:thumbsup:`.

use erc_protocol::EmojiId;
use unicode_segmentation::UnicodeSegmentation as _;

use super::Span;
use crate::emoji::Custom;

/// So many emoji alone are shown large.
const LARGE: usize = 3;
/// The longest text that can be so few emoji, in bytes.
const LARGE_BYTES: usize = 160;
/// The longest short code, in bytes.
const CODE_BYTES: usize = 48;

/// An emoji and the name by which it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What is written or reacted with: an emoji of Unicode, or `:name:`.
    pub emoji: String,
    pub code: String,
    /// The picture of a custom one.
    pub picture: Option<EmojiId>,
}

/// The emoji of a short code, without its colons.
#[must_use]
pub fn by_code(code: &str) -> Option<&'static str> {
    emojis::get_by_shortcode(code).map(emojis::Emoji::as_str)
}

/// Emoji whose short code begins with `prefix`, then those that hold it elsewhere; each once, the
/// shortest codes first, of equal ones the community's own, at most `count`.
#[must_use]
pub fn search(prefix: &str, count: usize, custom: &Custom) -> Vec<Found> {
    let wanted = prefix.to_lowercase();
    let rank = |code: &str| (!code.starts_with(&wanted), code.len());
    let own = custom.iter().filter(|(name, _)| name.contains(&wanted));
    let own = own.map(|(name, id)| (rank(name), name, None, Some(id)));
    let of_unicode = emojis::iter().filter_map(|emoji| {
        let codes = emoji.shortcodes().filter(|code| code.contains(&wanted));
        let code = codes.min_by_key(|code| rank(code))?;
        Some((rank(code), code, Some(emoji.as_str()), None))
    });
    let mut found: Vec<_> = own.chain(of_unicode).collect();
    // Stable: of equal ones those that came first.
    found.sort_by_key(|(rank, ..)| *rank);
    found.truncate(count);
    let found = found.into_iter().map(|(_, code, emoji, picture)| Found {
        emoji: emoji.map_or_else(|| erc_protocol::emoji::code(code), str::to_owned),
        code: code.to_owned(),
        picture,
    });
    found.collect()
}

/// A part of a text whose short codes were looked at.
pub(super) enum Piece<'a> {
    /// As it is shown.
    Text(String),
    /// `:name:` of one of the community's own.
    Custom(&'a str, EmojiId),
}

/// `text` with its short codes as emoji. `before`: what stands before it.
pub(super) fn pieces<'a>(text: &'a str, before: Option<char>, custom: &Custom) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Behind an emoji another one begins, though a colon stands there.
    let mut last = before;
    while let Some(at) = rest.find(':') {
        let (head, tail) = rest.split_at(at);
        out.push_str(head);
        last = head.chars().next_back().or(last);
        // Within a word it is a time, an address, a part of a program.
        let is_begin = !last.is_some_and(|c| c.is_alphanumeric() || c == ':');
        let code = tail[1..].bytes().take(CODE_BYTES).position(|b| b == b':');
        let code = code.filter(|_| is_begin).map(|end| &tail[1..=end]);
        let found = code.and_then(|code| Some((code, meant(code, custom)?)));
        let Some((code, meant)) = found else {
            out.push(':');
            last = Some(':');
            rest = &tail[1..];
            continue;
        };
        let (written, behind) = tail.split_at(code.len() + 2);
        match meant {
            Meant::Unicode(emoji) => out.push_str(emoji),
            Meant::Custom(id) => {
                pieces.push(Piece::Text(std::mem::take(&mut out)));
                pieces.push(Piece::Custom(written, id));
            }
        }
        last = None;
        rest = behind;
    }
    out.push_str(rest);
    pieces.push(Piece::Text(out));
    pieces
}

enum Meant {
    Unicode(&'static str),
    Custom(EmojiId),
}

fn meant(code: &str, custom: &Custom) -> Option<Meant> {
    let of_unicode = by_code(code).map(Meant::Unicode);
    of_unicode.or_else(|| custom.get(code).map(Meant::Custom))
}

/// Whether these spans are one to three emoji and nothing else.
pub(super) fn stand_alone(spans: &[Span]) -> bool {
    let mut count = 0;
    for span in spans {
        let (text, emoji) = (span.text.as_str(), span.style.emoji);
        let plain = super::Style {
            emoji,
            ..super::Style::default()
        };
        if span.style != plain || text.len() > LARGE_BYTES {
            return false;
        }
        if emoji.is_some() {
            count += 1;
            continue;
        }
        let signs = text.graphemes(true).filter(|sign| !sign.trim().is_empty());
        for sign in signs.take(LARGE + 1) {
            if emojis::get(sign).is_none() {
                return false;
            }
            count += 1;
        }
    }
    (1..=LARGE).contains(&count)
}
