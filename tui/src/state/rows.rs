//! The timeline as rows of the terminal: which line of which item stands in which row.
//!
//! Pure: items and a width in, rows out. The view draws rows, the actions scroll over them, and
//! both see the same ones.

pub mod poll;

use std::{collections::HashSet, ops::Range};

use erc_client_core::{
    protocol::Seq,
    view::{Delivery, Item, MessageView, ReactionView},
};

use super::body::{self, Line};
use crate::wrap;
use poll::PollPart;

/// Cells of the column with the hour, its space included.
pub const TIME: u16 = 6;
/// Cells at the left edge, where the selected message is marked.
pub const GUTTER: u16 = 2;
/// Cells at the right edge, where it says how far an own message got.
pub const MARK: u16 = 3;
/// What stands behind an edited text.
pub const EDITED: &str = " (edited)";
/// Cells of when a message goes, at most: ` ◔ 24 Nov 12:04`, ` ◔ 3w 6d 23h 59m 59s of reading`.
pub const GOES: usize = 16;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Index of the item.
    pub item: usize,
    pub part: Part,
}

/// What of its item a row shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Day,
    Unread,
    Hole,
    /// The message that this one answers.
    Quote,
    /// Whose text it is.
    Forwarded,
    /// It stands in a thread, too.
    InThread,
    /// The thread that begins here.
    Thread,
    /// Some of its reactions, by their places.
    Reactions(Range<usize>),
    /// A line of the text.
    Text {
        line: Line,
        edited: bool,
        /// When it goes stands behind it.
        goes: bool,
    },
    /// A row of the poll that the message is.
    Poll(PollPart),
    /// Where the text was.
    Deleted,
    /// Where a message of somebody blocked is.
    Folded,
    /// "(edited)" and when it goes, where that fits on no line.
    Edited,
    /// A line of why the message was refused, in bytes; `last` tells what can be done.
    Refused(Range<usize>),
    /// What can be done with a refused message.
    Remedy,
}

/// Cells of the column with names, for a timeline of this width.
pub fn name_width(width: u16) -> u16 {
    match width {
        0..50 => 8,
        50..90 => 10,
        _ => 14,
    }
}

/// Cells that the texts have.
pub fn text_width(width: u16) -> u16 {
    width
        .saturating_sub(GUTTER + TIME + name_width(width) + 1 + MARK)
        .max(4)
}

/// All rows of these items, top to bottom. A message of somebody blocked is one row until it is
/// revealed, by its key.
pub fn lay(items: &[Item], width: u16, revealed: &HashSet<String>) -> Vec<Row> {
    let text = usize::from(text_width(width));
    let mut rows = Vec::with_capacity(items.len() * 2);
    for (index, item) in items.iter().enumerate() {
        let mut push = |part| rows.push(Row { item: index, part });
        match item {
            Item::Day { .. } => push(Part::Day),
            Item::Unread { .. } => push(Part::Unread),
            Item::Hole { .. } => push(Part::Hole),
            Item::Message(message) if message.blocked && !revealed.contains(&message.key) => {
                push(Part::Folded);
            }
            Item::Message(message) => lay_message(message, text, &mut push),
        }
    }
    rows
}

fn lay_message(message: &MessageView, width: usize, push: &mut impl FnMut(Part)) {
    if message.thread_id.is_some() {
        push(Part::InThread);
    }
    if message.reply.is_some() && !message.deleted {
        push(Part::Quote);
    }
    if message.forwarded_from.is_some() && !message.deleted {
        push(Part::Forwarded);
    }
    if message.deleted {
        push(Part::Deleted);
    } else if let Some(poll) = &message.poll {
        for part in poll::lay(poll, width) {
            push(Part::Poll(part));
        }
        if message.edited || goes_width(message) > 0 {
            push(Part::Edited);
        }
    } else {
        let lines = body::lay(&message.body, width);
        let last = lines.len() - 1;
        let mut own_row = false;
        let tail = if message.edited { EDITED.len() } else { 0 } + goes_width(message);
        for (n, line) in lines.into_iter().enumerate() {
            let mut has_tail = n == last && tail > 0;
            if has_tail && line.width() + tail > width {
                (has_tail, own_row) = (false, true);
            }
            push(Part::Text {
                line,
                edited: has_tail && message.edited,
                goes: has_tail,
            });
        }
        if own_row {
            push(Part::Edited);
        }
    }
    for range in reaction_lines(&message.reactions, width) {
        push(Part::Reactions(range));
    }
    if message.thread.is_some() {
        push(Part::Thread);
    }
    if let Delivery::Failed { reason } = &message.delivery {
        for range in wrap::wrap(reason.as_str(), width.saturating_sub(2)) {
            push(Part::Refused(range));
        }
        push(Part::Remedy);
    }
}

/// Cells of when it goes: a sign and a moment, or how long it stays.
fn goes_width(message: &MessageView) -> usize {
    if message.expires_at.is_some() || message.lifetime.is_some() {
        GOES
    } else {
        0
    }
}

/// Cells of a reaction: the emoji, a space, how many, two spaces.
pub fn reaction_width(reaction: &ReactionView) -> usize {
    wrap::width(reaction.emoji.as_str()) + 1 + reaction.count.to_string().len() + 2
}

/// Which reactions stand in which line: as many as fit, at least one.
fn reaction_lines(reactions: &[ReactionView], width: usize) -> Vec<Range<usize>> {
    let mut lines: Vec<Range<usize>> = Vec::new();
    let mut used = 0;
    for (at, reaction) in reactions.iter().enumerate() {
        let cells = reaction_width(reaction);
        match lines.last_mut() {
            Some(line) if used + cells <= width + 2 => {
                line.end = at + 1;
                used += cells;
            }
            _ => {
                lines.push(at..at + 1);
                used = cells;
            }
        }
    }
    lines
}

/// The message in this row, if one is.
pub fn message<'a>(items: &'a [Item], row: &Row) -> Option<&'a MessageView> {
    as_message(items.get(row.item)?)
}

/// The message, if the item is one.
pub fn as_message(item: &Item) -> Option<&MessageView> {
    match item {
        Item::Message(message) => Some(message),
        _ => None,
    }
}

/// The rows of the message with this key.
pub fn rows_of(items: &[Item], rows: &[Row], key: &str) -> Option<Range<usize>> {
    let item = items
        .iter()
        .position(|i| as_message(i).is_some_and(|m| m.key == key))?;
    let first = rows.partition_point(|r| r.item < item);
    let end = rows.partition_point(|r| r.item <= item);
    (first < end).then_some(first..end)
}

/// The key of the message at this place or, if it has none, of the next one that is here.
pub fn key_at(items: &[Item], seq: Seq) -> Option<&str> {
    items
        .iter()
        .filter_map(as_message)
        .find(|m| m.seq.is_none_or(|s| s >= seq))
        .map(|m| m.key.as_str())
}
