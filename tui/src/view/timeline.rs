//! The messages of the open room, and the line under them.

use erc_client_core::{
    protocol::Seq,
    view::{Connection, Item},
};
use ratatui::layout::Rect;

use super::{
    date, message,
    paint::{Canvas, Piece},
};
use crate::{
    layout::Panes,
    state::{Chat, Loadable, OpenRoom},
};

pub(super) fn draw(canvas: &mut Canvas<'_>, panes: &Panes, chat: &Chat) {
    let Some(open) = &chat.open else {
        nothing_open(canvas, panes.timeline, chat);
        return;
    };
    let words = match &open.timeline {
        Loadable::Loading => "reading messages…",
        Loadable::Failed(reason) => {
            let style = canvas.theme().bad();
            let rect = middle(panes.timeline);
            canvas.paragraph(rect, reason, style);
            return;
        }
        Loadable::Ready(timeline) if timeline.items.is_empty() => match chat.connection {
            Connection::Live { .. } => "Nothing was said here yet. Say hello.",
            _ => "Nothing is here yet; it comes when you are connected.",
        },
        Loadable::Ready(_) => "",
    };
    if words.is_empty() {
        rows(canvas, panes.timeline, chat, open);
    } else {
        let style = canvas.theme().dim();
        canvas.centre(middle(panes.timeline), &[Piece::own(words, style)]);
    }
    below(canvas, panes, chat, open);
}

fn middle(rect: Rect) -> Rect {
    Rect {
        x: rect.x + 1,
        width: rect.width.saturating_sub(2),
        y: rect.y + rect.height / 2,
        height: rect.height - rect.height / 2,
    }
}

fn nothing_open(canvas: &mut Canvas<'_>, rect: Rect, chat: &Chat) {
    let (text, dim, accent) = (
        canvas.theme().text(),
        canvas.theme().dim(),
        canvas.theme().accent(),
    );
    let mut at = middle(rect);
    at.y = at.y.saturating_sub(2);
    if let Loadable::Failed(reason) = &chat.rooms {
        let style = canvas.theme().bad();
        canvas.paragraph(at, reason, style);
        return;
    }
    // Before the first answer of the server nobody knows whether there are rooms.
    let words = match (&chat.rooms, &chat.connection) {
        (Loadable::Loading, _) => "reading rooms…",
        (_, Connection::Live { .. }) => "",
        (_, Connection::Idle | Connection::Connecting | Connection::Syncing) => {
            "fetching your rooms…"
        }
        _ => "Your rooms are not here yet; they come when you are connected.",
    };
    if !words.is_empty() {
        canvas.centre(at, &[Piece::own(words, dim)]);
        return;
    }
    canvas.centre(at, &[Piece::own("You are in no room yet.", text)]);
    at.y += 2;
    let keys = [
        Piece::own("Ctrl-K", accent),
        Piece::own(" joins one, creates one,", dim),
    ];
    canvas.centre(at, &keys);
    at.y += 1;
    canvas.centre(at, &[Piece::own("or writes to somebody.", dim)]);
}

fn rows(canvas: &mut Canvas<'_>, rect: Rect, chat: &Chat, open: &OpenRoom) {
    let top = open.top(rect.height);
    let height = usize::from(rect.height);
    let shown = &open.rows[top..(top + height).min(open.rows.len())];
    // Few messages stand at the bottom, next to where one writes.
    let blank = rect.height - u16::try_from(shown.len()).unwrap_or(rect.height);
    for (n, (y, row)) in (rect.top() + blank..rect.bottom()).zip(shown).enumerate() {
        let line = Rect {
            y,
            height: 1,
            ..rect
        };
        match &open.items()[row.item] {
            Item::Day { date } => {
                let style = canvas.theme().dim();
                canvas.centre(line, &[Piece::theirs(&date::day(date), style)]);
            }
            Item::Unread { count } => unread(canvas, line, *count),
            Item::Hole { from, to } => hole(canvas, line, chat, *from, *to),
            Item::Message(message) => {
                let at = top + n;
                let first = at == 0 || open.rows[at - 1].item != row.item;
                let selected = chat.focus == crate::state::Focus::Timeline
                    && open.selected.as_deref() == Some(message.key.as_str());
                let look = message::RowLook {
                    first,
                    selected,
                    revealed: open.revealed.contains(&message.key),
                };
                message::draw(canvas, line, message, &row.part, look);
            }
        }
    }
}

fn unread(canvas: &mut Canvas<'_>, line: Rect, count: i64) {
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    canvas.rule(line, glyphs.rule, theme.accent());
    let words = [
        Piece::own(" ", theme.accent()),
        Piece::number(count, theme.accent()),
        Piece::own(" new ", theme.accent()),
    ];
    canvas.centre(line, &words);
}

fn hole(canvas: &mut Canvas<'_>, line: Rect, chat: &Chat, from: Seq, to: Seq) {
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    canvas.rule(line, glyphs.gap, theme.dim());
    let count = to.0 - from.0 + 1;
    let fate = match chat.connection {
        Connection::Live { .. } | Connection::Syncing => " not here yet: loading… ",
        _ => " not here yet; they come when you are connected ",
    };
    let words = [
        Piece::own(" ", theme.dim()),
        Piece::number(count, theme.warn()),
        Piece::own(
            if count == 1 { " message" } else { " messages" },
            theme.warn(),
        ),
        Piece::own(fate, theme.warn()),
    ];
    canvas.centre(line, &words);
}

fn below(canvas: &mut Canvas<'_>, panes: &Panes, chat: &Chat, open: &OpenRoom) {
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    let typing = typing(canvas, open);
    let last = chat.open_summary().map_or(Seq::ZERO, |r| r.last_seq);
    let below = open.below(panes.timeline.height, last);
    let mut right = Vec::new();
    if below > 0 {
        right = vec![
            Piece::own(glyphs.down, theme.accent()),
            Piece::own(" newest (", theme.accent()),
            Piece::number(below, theme.accent()),
            Piece::own(") ", theme.accent()),
        ];
    } else if open.place != crate::state::scroll::Place::Newest {
        right = vec![
            Piece::own(glyphs.down, theme.dim()),
            Piece::own(" newest ", theme.dim()),
        ];
    }
    canvas.line(panes.below, &typing, &right);
}

/// `Bo is typing…`
fn typing(canvas: &Canvas<'_>, open: &OpenRoom) -> Vec<Piece> {
    let (theme, names) = (canvas.theme(), &open.typing);
    let mut pieces = vec![Piece::own("  ", theme.dim())];
    for (n, name) in names.iter().take(2).enumerate() {
        if n > 0 {
            let joint = if names.len() > 2 { ", " } else { " and " };
            pieces.push(Piece::own(joint, theme.dim()));
        }
        pieces.push(Piece::theirs(name, theme.text()));
    }
    match names.len() {
        0 => return Vec::new(),
        1 => pieces.push(Piece::own(" is typing…", theme.dim())),
        2 => pieces.push(Piece::own(" are typing…", theme.dim())),
        n => {
            pieces.push(Piece::own(" and ", theme.dim()));
            pieces.push(Piece::number(n as i64 - 2, theme.text()));
            pieces.push(Piece::own(" more are typing…", theme.dim()));
        }
    }
    pieces
}
