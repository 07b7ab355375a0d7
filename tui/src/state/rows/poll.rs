//! The rows of a poll.

use std::ops::Range;

use erc_client_core::view::PollView;

use crate::wrap;

/// Cells before the text of an option: its number, a full stop, a box.
pub const BOX: usize = 8;

/// What a row shows of a poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PollPart {
    /// A line of the question, in bytes.
    Question(Range<usize>),
    /// A line of the option in this place, in bytes.
    Option(usize, Range<usize>),
    /// How many chose the option in this place, and who.
    Votes(usize),
    /// Something about what kind of poll it is.
    Kind(&'static str),
    /// How many voted, and until when one may.
    State,
}

impl PollPart {
    /// The place of the option that this row belongs to.
    pub const fn option(&self) -> Option<usize> {
        match self {
            Self::Option(place, _) | Self::Votes(place) => Some(*place),
            _ => None,
        }
    }
}

/// All rows of a poll, top to bottom.
pub fn lay(poll: &PollView, width: usize) -> Vec<PollPart> {
    let question = wrap::wrap(poll.question.as_str(), width).into_iter();
    let mut parts: Vec<_> = question.map(PollPart::Question).collect();
    for (place, option) in poll.options.iter().enumerate() {
        let lines = wrap::wrap(option.text.as_str(), width.saturating_sub(BOX).max(4));
        let lines = lines.into_iter();
        parts.extend(lines.map(|range| PollPart::Option(place, range)));
        if option.votes.is_some() {
            parts.push(PollPart::Votes(place));
        }
    }
    let kinds = [
        (poll.multiple, "several may be chosen"),
        (poll.anonymous, "nobody is named"),
        (poll.hidden, "votes are told at the end"),
    ];
    let kinds = kinds.into_iter().filter(|(is_so, _)| *is_so);
    parts.extend(kinds.map(|(_, words)| PollPart::Kind(words)));
    parts.push(PollPart::State);
    parts
}
