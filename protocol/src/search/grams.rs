//! What the index knows of a message: pieces of its words, its sender, whether it holds a link.
//!
//! - A word of three letters and more: every three that follow each other.
//! - Of a word of two and more, `_ab`: how it begins. A word of one letter: `_a_`.
//! - Of signs (Chinese, Japanese, Korean, emoji): each, and every two that follow each other.
//! - `=u5`: sent by user 5. `=l`: holds a link.
//!
//! [`wanted`] says which of these a message that fits must have. There may be others that have them
//! too: the index narrows down, it does not decide.

use std::collections::BTreeSet;

use super::fold::{Folded, Kind, kind};
use super::text::{Text, has_link};
use super::{Has, Named, Query, What};
use crate::UserId;

/// Pieces of one text that are asked for: more would narrow nothing down.
const PER_TEXT: usize = 12;

/// The pieces of a message.
#[must_use]
pub fn of_message(content: &str, sender: UserId) -> BTreeSet<String> {
    line(content, sender)
        .split(' ')
        .map(str::to_owned)
        .collect()
}

/// The pieces of a message in a line, each once, with a space between: as an index takes them.
#[must_use]
pub fn line(content: &str, sender: UserId) -> String {
    let mut pieces = Vec::with_capacity(content.len());
    of_text(&Folded::of(content).chars, &mut pieces);
    pieces.sort_unstable();
    pieces.dedup();
    let mut line = String::with_capacity(pieces.len() * 4 + 24);
    for piece in &pieces {
        line.extend(piece.chars());
        line.push(' ');
    }
    line.push_str(&by(sender));
    if has_link(content) {
        line.push(' ');
        line.push_str(LINK);
    }
    line
}

/// At most three characters, of 21 bits each; as they are ordered, so are the texts. No folded text
/// has the character of number 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Piece(u64);

impl Piece {
    fn of(chars: &[char]) -> Self {
        let number = |at| chars.get(at).map_or(0, |c| u64::from(u32::from(*c)));
        Self((number(0) << 42) | (number(1) << 21) | number(2))
    }

    fn chars(self) -> impl Iterator<Item = char> {
        [42, 21, 0]
            .into_iter()
            .filter_map(move |shift| u32::try_from((self.0 >> shift) & 0x1f_ffff).ok())
            .filter(|number| *number != 0)
            .filter_map(char::from_u32)
    }
}

const LINK: &str = "=l";

fn by(sender: UserId) -> String {
    format!("=u{sender}")
}

/// Runs of characters of a kind, with their place.
pub(super) fn runs(chars: &[char]) -> impl Iterator<Item = (Kind, &[char])> {
    let mut rest = chars;
    std::iter::from_fn(move || {
        let kind_of_first = kind(*rest.first()?);
        let length = rest.iter().position(|c| kind(*c) != kind_of_first);
        let (run, after) = rest.split_at(length.unwrap_or(rest.len()));
        rest = after;
        Some((kind_of_first, run))
    })
}

fn of_text(chars: &[char], pieces: &mut Vec<Piece>) {
    for (kind, run) in runs(chars) {
        match kind {
            Kind::Gap => {}
            Kind::Sign => {
                pieces.extend(run.chunks(1).map(Piece::of));
                pieces.extend(run.windows(2).map(Piece::of));
            }
            Kind::Letter => {
                pieces.push(Piece::of(&beginning(run)));
                pieces.extend(run.windows(3).map(Piece::of));
            }
        }
    }
}

/// How a word begins: `_ab`, or all of it, `_a_`.
fn beginning(word: &[char]) -> [char; 3] {
    ['_', word[0], word.get(1).copied().unwrap_or('_')]
}

/// The pieces that every message that fits has.
#[must_use]
pub fn wanted(query: &Query, named: &Named) -> BTreeSet<String> {
    let mut grams: BTreeSet<String> = query.texts().flat_map(of_wanted_text).collect();
    for clause in query.clauses.iter().filter(|clause| !clause.negated) {
        match &clause.what {
            What::Has(Has::Link) => {
                grams.insert(LINK.to_owned());
            }
            What::From(who) => {
                if let [one] = named.people(who)[..] {
                    grams.insert(by(one));
                }
            }
            _ => {}
        }
    }
    grams
}

fn of_wanted_text(text: &Text) -> Vec<String> {
    let mut grams = Vec::new();
    let runs: Vec<_> = runs(text.chars()).collect();
    let last = runs.len().saturating_sub(1);
    for (n, (kind, run)) in runs.iter().enumerate() {
        // What stands outside a part of a word is not known.
        let is_begun = n > 0 || text.begins_word();
        let is_ended = n < last || text.ends_word();
        match (kind, run.len()) {
            (Kind::Gap, _) => {}
            (Kind::Sign, 1) => grams.push(run[0].to_string()),
            (Kind::Sign, _) => grams.extend(run.windows(2).map(String::from_iter)),
            (Kind::Letter, 1) if is_begun && is_ended => {
                grams.push(String::from_iter(beginning(run)));
            }
            (Kind::Letter, 2) if is_begun => grams.push(String::from_iter(beginning(run))),
            (Kind::Letter, _) => grams.extend(run.windows(3).map(String::from_iter)),
        }
    }
    spread(grams)
}

/// Of many, some from all over.
fn spread(grams: Vec<String>) -> Vec<String> {
    let count = grams.len();
    if count <= PER_TEXT {
        return grams;
    }
    let spread = grams
        .into_iter()
        .enumerate()
        .filter(|(n, _)| n * PER_TEXT / count != (n + 1) * PER_TEXT / count);
    spread.map(|(_, gram)| gram).collect()
}
