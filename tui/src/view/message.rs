//! One row of a message.

use erc_client_core::{
    SafeText,
    protocol::ExpiryFrom,
    view::{Delivery, MessageView, Quote, Reach, ReactionView, ThreadBadge},
    when,
};
use ratatui::layout::Rect;

use super::{
    date,
    paint::{Canvas, Piece},
};
use crate::{
    keymap::{self, Action},
    state::rows::{self, EDITED, GUTTER, MARK, Part, TIME},
};

/// What of a row depends on the reader.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowLook {
    /// The message's first row, where its time and sender stand.
    pub(super) first: bool,
    pub(super) selected: bool,
    /// Its spoilers are uncovered.
    pub(super) revealed: bool,
}

pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    line: Rect,
    message: &MessageView,
    part: &Part,
    look: RowLook,
) {
    let RowLook {
        first, selected, ..
    } = look;
    let theme = canvas.theme();
    if first && *part != Part::Folded {
        head(canvas, line, message);
        mark(canvas, line, message);
        if message.pinned {
            canvas.sign(line.x + 1, line.y, canvas.glyphs().pinned, theme.warn());
        }
    }
    let start = GUTTER + TIME + rows::name_width(line.width) + 1;
    let body = Rect {
        x: line.x + start,
        width: line.width.saturating_sub(start + MARK),
        ..line
    };
    let style = match message.delivery {
        Delivery::Waiting | Delivery::Sending => theme.dim(),
        _ => theme.text(),
    };
    match part {
        Part::Text { line, edited, goes } => {
            let mut pieces = super::body::pieces(canvas, line, style, !look.revealed);
            if *edited {
                pieces.push(Piece::own(EDITED, theme.dim()));
            }
            if *goes {
                pieces.extend(when_it_goes(canvas, message));
            }
            canvas.line(body, &pieces, &[]);
        }
        Part::Poll(part) => {
            if let Some(poll) = &message.poll {
                super::poll::draw(canvas, body, poll, part, style);
            }
        }
        Part::Quote => {
            if let Some(quote) = &message.reply {
                quoted(canvas, body, quote);
            }
        }
        Part::Forwarded => {
            if let Some(author) = &message.forwarded_from {
                let pieces = [
                    Piece::own(canvas.glyphs().forwarded, theme.dim()),
                    Piece::own(" from ", theme.dim()),
                    Piece::theirs(author, theme.dim()),
                ];
                canvas.line(body, &pieces, &[]);
            }
        }
        Part::InThread => {
            let pieces = [
                Piece::own(canvas.glyphs().thread, theme.dim()),
                Piece::own(" in a thread", theme.dim()),
            ];
            canvas.line(body, &pieces, &[]);
        }
        Part::Thread => {
            if let Some(badge) = &message.thread {
                thread(canvas, body, badge);
            }
        }
        Part::Reactions(range) => reactions(canvas, body, &message.reactions, range),
        Part::Folded => {
            let words = Piece::own("1 message of somebody you blocked", theme.dim());
            canvas.line(body, &[words], &[]);
        }
        Part::Deleted => canvas.line(body, &[Piece::own("(deleted)", theme.dim())], &[]),
        Part::Edited => {
            let mut pieces = Vec::new();
            if message.edited {
                pieces.push(Piece::own("(edited)", theme.dim()));
            }
            pieces.extend(when_it_goes(canvas, message));
            canvas.line(body, &pieces, &[]);
        }
        Part::Refused(range) => {
            if let Delivery::Failed { reason } = &message.delivery {
                let sign = match range.start {
                    0 => canvas.glyphs().failed,
                    _ => " ",
                };
                let sign = Piece::own(sign, theme.bad());
                let text = Piece::part(reason, range.clone(), theme.bad());
                canvas.line(body, &[sign, Piece::own(" ", theme.bad()), text], &[]);
            }
        }
        Part::Remedy => remedy(canvas, body),
        Part::Day | Part::Unread | Part::Hole => {}
    }
    if selected {
        canvas.tint(line, theme.selected());
        if first {
            let sign = canvas.glyphs().current;
            canvas.sign(line.x, line.y, sign, theme.accent());
        }
    }
}

/// When it goes by itself, or how long after it was sent or read.
fn when_it_goes(canvas: &Canvas<'_>, message: &MessageView) -> Vec<Piece> {
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    let (words, by) = match (message.lifetime, message.expires_at) {
        (Some(stays), _) => {
            let by = match stays.from {
                ExpiryFrom::Read => " read",
                ExpiryFrom::Sent => "",
            };
            (SafeText::line(&when::words(stays.after_s)), by)
        }
        (None, Some(at)) => (date::moment(at, &canvas.look().zone), ""),
        (None, None) => return Vec::new(),
    };
    vec![
        Piece::own(" ", theme.dim()),
        Piece::own(glyphs.goes, theme.warn()),
        Piece::own(" ", theme.dim()),
        Piece::theirs(&words, theme.dim()),
        Piece::own(by, theme.dim()),
    ]
}

fn head(canvas: &mut Canvas<'_>, line: Rect, message: &MessageView) {
    if message.follows {
        return;
    }
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    let time = Rect {
        x: line.x + GUTTER,
        width: TIME.min(line.width.saturating_sub(GUTTER)),
        ..line
    };
    let clock = SafeText::line(&message.time);
    canvas.line(time, &[Piece::theirs(&clock, theme.dim())], &[]);
    let width = rows::name_width(line.width);
    let name = Rect {
        x: time.right(),
        width,
        ..line
    };
    let piece = Piece::theirs(&message.sender, theme.person(message.sender_id));
    canvas.line(name, &[piece.at_most(usize::from(width), glyphs)], &[]);
}

/// How far an own message got.
fn mark(canvas: &mut Canvas<'_>, line: Rect, message: &MessageView) {
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    let (sign, style) = match message.delivery {
        Delivery::Waiting | Delivery::Sending | Delivery::Changing => {
            (glyphs.waiting, theme.warn())
        }
        Delivery::Failed { .. } => (glyphs.failed, theme.bad()),
        Delivery::Sent if message.own && !message.deleted => match message.reach {
            Some(reach) if reach.is_read() => (glyphs.read, theme.good()),
            _ => (glyphs.sent, theme.dim()),
        },
        Delivery::Sent => return,
    };
    let place = line.right().saturating_sub(2);
    canvas.sign(place, line.y, sign, style);
    let is_there = message.reach.is_some_and(Reach::is_delivered);
    if is_there && message.delivery == Delivery::Sent {
        canvas.sign(place + 1, line.y, sign, style);
    }
}

fn quoted(canvas: &mut Canvas<'_>, body: Rect, quote: &Quote) {
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    let mut pieces = vec![
        Piece::own(glyphs.reply, theme.dim()),
        Piece::own(" ", theme.dim()),
    ];
    if quote.known {
        pieces.push(Piece::theirs(&quote.sender, theme.dim()));
        pieces.push(Piece::own(": ", theme.dim()));
        pieces.push(if quote.deleted {
            Piece::own("(deleted)", theme.dim())
        } else {
            Piece::theirs(&quote.text, theme.dim())
        });
    } else {
        pieces.push(Piece::own("a message that is not here yet", theme.dim()));
    }
    canvas.line(body, &pieces, &[]);
}

/// `≡ 12 replies · last 12:04 · 2 new`
fn thread(canvas: &mut Canvas<'_>, body: Rect, badge: &ThreadBadge) {
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    let style = theme.accent();
    let words = if badge.replies == 1 {
        " reply, last "
    } else {
        " replies, last "
    };
    let last = SafeText::line(&badge.last);
    let mut pieces = vec![
        Piece::own(glyphs.thread, style),
        Piece::own(" ", style),
        Piece::number(badge.replies, style),
        Piece::own(words, style),
        Piece::theirs(&last, style),
    ];
    if badge.unread > 0 {
        let style = if badge.mentions > 0 {
            theme.warn()
        } else {
            theme.good()
        };
        pieces.push(Piece::own(", ", style));
        pieces.push(Piece::number(badge.unread, style));
        pieces.push(Piece::own(" new", style));
    }
    canvas.line(body, &pieces, &[]);
}

/// Each with how many there are, one's own marked.
fn reactions(
    canvas: &mut Canvas<'_>,
    body: Rect,
    reactions: &[ReactionView],
    range: &std::ops::Range<usize>,
) {
    let theme = canvas.theme();
    let mut pieces = Vec::new();
    for reaction in reactions.get(range.clone()).unwrap_or_default() {
        let style = if reaction.own {
            theme.accent()
        } else {
            theme.dim()
        };
        pieces.push(Piece::theirs(&reaction.emoji, style));
        pieces.push(Piece::own(" ", style));
        pieces.push(Piece::number(reaction.count, style));
        pieces.push(Piece::own(if reaction.own { "* " } else { "  " }, style));
    }
    canvas.line(body, &pieces, &[]);
}

fn remedy(canvas: &mut Canvas<'_>, body: Rect) {
    let theme = canvas.theme();
    let mut pieces = vec![Piece::own("  not sent: ", theme.dim())];
    for (action, words) in [
        (Action::Retry, " again, "),
        (Action::Discard, " gives it up"),
    ] {
        if let Some(key) = keymap::key_of(action) {
            pieces.push(Piece::key(key, theme.accent()));
            pieces.push(Piece::own(words, theme.dim()));
        }
    }
    canvas.line(body, &pieces, &[]);
}
