//! Where the reader is in a timeline.
//!
//! The place is held by a message and the line of the screen it stands on, never by a number of
//! rows: whatever is loaded, arrives or is edited elsewhere, that message stays where it is.

use erc_client_core::{protocol::Seq, view::Item};

use super::rows::{self, Row};

/// The reader's place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Place {
    /// At the newest message, and staying there as more arrive.
    #[default]
    Newest,
    /// This message's first row stands on line `line` of the view (negative: above it).
    At {
        key: String,
        /// Finds the place again if the message itself is gone.
        seq: Option<Seq>,
        line: i32,
    },
}

impl Place {
    /// The first row of the view.
    pub fn top(&self, items: &[Item], rows: &[Row], height: u16) -> usize {
        let most = rows.len().saturating_sub(usize::from(height));
        let Self::At { key, seq, line } = self else {
            return most;
        };
        let first = rows::rows_of(items, rows, key)
            .map(|r| r.start)
            .or_else(|| {
                let key = rows::key_at(items, (*seq)?)?;
                rows::rows_of(items, rows, key).map(|r| r.start)
            });
        let Some(first) = first else { return most };
        let top = i64::try_from(first).unwrap_or(i64::MAX) - i64::from(*line);
        usize::try_from(top.max(0)).unwrap_or(0).min(most)
    }

    /// The place at which row `top` is the first of the view: held by the first message that begins
    /// there, or else by the one that fills it.
    ///
    /// `upwards`: the reader comes from below. What was read then lies below a hole in sight, and is
    /// what stays when the hole is filled.
    pub fn holding(items: &[Item], rows: &[Row], top: usize, height: u16, upwards: bool) -> Self {
        let end = (top + usize::from(height)).min(rows.len());
        let is_hole = |at: &usize| matches!(items.get(rows[*at].item), Some(Item::Hole { .. }));
        let hole = (top..end).rev().find(is_hole).filter(|_| upwards);
        let begins = (hole.unwrap_or(top)..end).find(|&at| {
            rows::message(items, &rows[at]).is_some()
                && (at == 0 || rows[at - 1].item != rows[at].item)
        });
        let at = begins.or_else(|| {
            let item = rows.get(top)?.item;
            Some(rows.partition_point(|r| r.item < item))
        });
        let message = at.and_then(|at| Some((at, rows::message(items, rows.get(at)?)?)));
        match message {
            Some((at, message)) => Self::At {
                key: message.key.clone(),
                seq: message.seq,
                line: distance(at, top),
            },
            None => Self::Newest,
        }
    }

    /// The place at which the message with this key stands on line `line`.
    pub fn on(items: &[Item], key: &str, line: u16) -> Self {
        let seq = items
            .iter()
            .filter_map(rows::as_message)
            .find(|m| m.key == key)
            .and_then(|m| m.seq);
        Self::At {
            key: key.to_owned(),
            seq,
            line: i32::from(line),
        }
    }
}

fn distance(at: usize, top: usize) -> i32 {
    let difference = i64::try_from(at).unwrap_or(i64::MAX) - i64::try_from(top).unwrap_or(i64::MAX);
    i32::try_from(difference).unwrap_or(0)
}
