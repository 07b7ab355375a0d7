//! Where one writes.

use erc_client_core::{SafeText, protocol::limit, view::RoomSummary};
use ratatui::layout::{Position, Rect};

use super::{
    paint::{Canvas, Piece},
    rooms::sign,
};
use crate::{
    keymap::{self, Action},
    layout::{PROMPT, Panes},
    state::{
        Chat, Focus,
        composer::{Composer, Purpose},
        why::why_not,
    },
};

/// Bytes left from which on it says how many.
const SCARCE: usize = 1024;

/// Answers where the cursor is, if the composer has the keyboard.
pub(super) fn draw(canvas: &mut Canvas<'_>, panes: &Panes, chat: &Chat) -> Option<Position> {
    let theme = canvas.theme();
    let focused = chat.focus == Focus::Composer;
    let prompt = Rect {
        x: panes.composer.x - PROMPT,
        width: PROMPT,
        height: 1,
        ..panes.composer
    };
    let style = if focused { theme.accent() } else { theme.dim() };
    canvas.line(prompt, &[Piece::own(">", style)], &[]);
    if let Some(room) = chat.open_summary().filter(|_| chat.is_asked()) {
        request(canvas, panes, room);
        return None;
    }
    let Some(open) = &chat.open else {
        let words = [Piece::own("Ctrl-K finds a room to write in", theme.dim())];
        canvas.line(panes.composer, &words, &[]);
        return None;
    };
    if let Some(rect) = panes.banner {
        banner(canvas, rect, &open.composer.purpose);
    }
    elsewhere(canvas, panes, &open.composer);
    let input = &open.composer.input;
    let cursor = canvas.field(panes.composer, input, theme.text());
    if input.is_empty() {
        placeholder(canvas, panes.composer, chat);
    } else {
        let used = input.text().len();
        let left = limit::MESSAGE_BYTES as i64 - used as i64;
        if used + SCARCE > limit::MESSAGE_BYTES {
            let style = if left < 0 { theme.bad() } else { theme.warn() };
            let words = [
                Piece::own(" ", style),
                Piece::number(left, style),
                Piece::own(" bytes left ", style),
            ];
            let line = Rect {
                x: 2,
                y: panes.divider,
                width: panes.whole.width.saturating_sub(4),
                height: 1,
            };
            canvas.line(line, &[], &words);
        }
    }
    focused.then_some(cursor)
}

/// What one may say to a request, where one would write.
fn request(canvas: &mut Canvas<'_>, panes: &Panes, room: &RoomSummary) {
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    let mut words = vec![
        Piece::theirs(&room.name, theme.accent()),
        Piece::own(" wants to write to you", theme.text()),
    ];
    for (word, action) in [
        (" accept: ", Action::Accept),
        (" decline: ", Action::Decline),
        (" block: ", Action::BlockAsker),
    ] {
        words.push(Piece::own(" ", theme.dim()));
        words.push(Piece::own(glyphs.dot, theme.dim()));
        words.push(Piece::own(word, theme.dim()));
        if let Some(key) = keymap::key_of(action) {
            words.push(Piece::theirs(
                &SafeText::line(&key.to_string()),
                theme.accent(),
            ));
        }
    }
    canvas.line(panes.composer, &words, &[]);
}

/// What is to be known of other devices.
fn elsewhere(canvas: &mut Canvas<'_>, panes: &Panes, composer: &Composer) {
    let theme = canvas.theme();
    let waiting = composer.aside.len() as i64;
    let mut words = Vec::new();
    if let Some(reason) = &composer.refused {
        words.push(Piece::own(" on this device only: ", theme.warn()));
        words.push(Piece::theirs(reason, theme.warn()));
        words.push(Piece::own(" ", theme.warn()));
    } else if waiting > 0 {
        words.push(Piece::own(" written on another device: ", theme.warn()));
        words.push(Piece::number(waiting, theme.warn()));
        words.push(Piece::own(", Alt-O shows it ", theme.warn()));
    } else {
        return;
    }
    let line = Rect {
        x: 2,
        y: panes.divider,
        width: panes.whole.width.saturating_sub(4),
        height: 1,
    };
    canvas.line(line, &words, &[]);
}

fn placeholder(canvas: &mut Canvas<'_>, rect: Rect, chat: &Chat) {
    let dim = canvas.theme().dim();
    let room = chat.open_summary();
    let thread = chat.open.as_ref().filter(|open| open.thread.is_some());
    let pieces = match room {
        Some(room) if room.request.is_received() => return,
        Some(room) if room.can_send && room.messages_left.is_some() => {
            let left = room.messages_left.unwrap_or_default();
            vec![
                Piece::own("waiting for ", dim),
                Piece::theirs(&room.name, dim),
                Piece::own(" to accept; messages left until then: ", dim),
                Piece::number(left, dim),
            ]
        }
        Some(room) if !room.can_send => {
            vec![Piece::own(why_not(room), dim)]
        }
        Some(_) if thread.is_some_and(|open| open.composer.also_in_room) => {
            vec![Piece::own("reply in the thread and in the room", dim)]
        }
        Some(_) if thread.is_some() => {
            vec![Piece::own(
                "reply in the thread (Alt-R: in the room, too)",
                dim,
            )]
        }
        Some(room) if room.peer.is_some() => {
            vec![Piece::own("write to ", dim), Piece::theirs(&room.name, dim)]
        }
        Some(room) => vec![
            Piece::own("write in ", dim),
            sign(canvas, room),
            Piece::theirs(&room.name, dim),
        ],
        None => vec![Piece::own("write", dim)],
    };
    // The cursor stands in the first cell.
    let rect = Rect {
        x: rect.x + 1,
        width: rect.width.saturating_sub(1),
        ..rect
    };
    canvas.line(rect, &pieces, &[]);
}

/// What Enter will do, if it is not just sending.
fn banner(canvas: &mut Canvas<'_>, rect: Rect, purpose: &Purpose) {
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    let right = [Piece::own("Esc gives up ", theme.dim())];
    match purpose {
        Purpose::New => {}
        Purpose::Reply { sender, text, .. } => {
            let left = [
                Piece::own(glyphs.reply, theme.accent()),
                Piece::own(" reply to ", theme.accent()),
                Piece::theirs(sender, theme.accent()),
                Piece::own(": ", theme.dim()),
                Piece::theirs(text, theme.dim()),
            ];
            canvas.line(rect, &left, &right);
        }
        Purpose::Edit { .. } => {
            let left = [
                Piece::own(glyphs.draft, theme.accent()),
                Piece::own(" editing a message", theme.accent()),
            ];
            canvas.line(rect, &left, &right);
        }
    }
}
