//! The list of rooms.

use erc_client_core::{
    protocol::{PresenceState, RoomKind},
    view::{RoomSummary, StatusView},
};
use ratatui::{layout::Rect, style::Style};

use super::paint::{Canvas, Piece};
use crate::state::{
    Chat, Loadable,
    room_list::{self, ListRow},
};

pub(super) fn draw(canvas: &mut Canvas<'_>, rect: Rect, chat: &Chat) {
    let dim = canvas.theme().dim();
    match &chat.rooms {
        Loadable::Loading => canvas.line(rect, &[Piece::own(" reading rooms…", dim)], &[]),
        Loadable::Failed(reason) => {
            let style = canvas.theme().bad();
            canvas.paragraph(rect, reason, style);
        }
        Loadable::Ready(rooms) if rooms.is_empty() && chat.requests.is_empty() => {
            canvas.line(rect, &[Piece::own(" no rooms yet", dim)], &[]);
        }
        Loadable::Ready(rooms) => {
            let open = chat.open.as_ref().map(|o| o.id);
            let lines = room_list::lines(rooms, chat.requests.len());
            let first = room_list::first_line(&lines, open, rect.height);
            for (y, line) in (rect.top()..rect.bottom()).zip(&lines[first..]) {
                let at = Rect {
                    y,
                    height: 1,
                    ..rect
                };
                match line {
                    ListRow::Requests(count) => {
                        let style = if chat.is_asked() {
                            canvas.theme().accent()
                        } else {
                            canvas.theme().warn()
                        };
                        let words = [
                            Piece::own(" Requests (", style),
                            Piece::number(*count as i64, style),
                            Piece::own(")", style),
                        ];
                        canvas.line(at, &words, &[]);
                    }
                    ListRow::Title(title) => canvas.line(at, &[Piece::own(title, dim)], &[]),
                    ListRow::Room(room) => entry(canvas, at, room, Some(room.id) == open),
                }
            }
        }
    }
}

fn entry(canvas: &mut Canvas<'_>, rect: Rect, room: &RoomSummary, is_open: bool) {
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    let is_new = room.unread > 0 || room.marked_unread;
    let name = match (is_open, is_new) {
        (true, _) => theme.accent(),
        (false, _) if room.is_silent => theme.dim(),
        (false, true) => theme.text().add_modifier(ratatui::style::Modifier::BOLD),
        (false, false) => theme.text(),
    };
    let marker = if is_open { glyphs.current } else { " " };
    let left = [
        Piece::own(marker, theme.accent()),
        sign(canvas, room),
        Piece::theirs(&room.name, name),
    ];
    let mut right = Vec::new();
    if room.has_draft && !is_open {
        right.push(Piece::own(glyphs.draft, theme.dim()));
        right.push(Piece::own(" ", theme.dim()));
    }
    if room.failed > 0 {
        right.push(Piece::own(glyphs.failed, theme.bad()));
        right.push(Piece::own(" ", theme.bad()));
    }
    if room.mentions > 0 {
        right.push(Piece::own(glyphs.mention, theme.warn()));
        right.push(Piece::number(room.mentions, theme.warn()));
        right.push(Piece::own(" ", theme.warn()));
    }
    if room.unread > 0 {
        // What is silent is counted all the same.
        let style = if room.is_silent {
            theme.dim()
        } else {
            theme.accent()
        };
        right.push(Piece::number(room.unread, style));
        right.push(Piece::own(" ", style));
    }
    canvas.line(rect, &left, &right);
    if is_open {
        canvas.tint(rect, theme.open_room());
    }
}

/// The sign before a room's name: what kind it is, or whether the other person is there.
pub(super) fn sign(canvas: &Canvas<'_>, room: &RoomSummary) -> Piece {
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    match room.kind {
        RoomKind::Direct => {
            let dot = presence(canvas, room.presence);
            dot.exactly(2, glyphs)
        }
        RoomKind::Announcement => Piece::own(glyphs.announcement, theme.dim()),
        RoomKind::Group if room.is_private => Piece::own(glyphs.private, theme.dim()),
        RoomKind::Group => Piece::own(glyphs.room, theme.dim()),
    }
}

/// What somebody says of themselves.
pub(super) fn status(said: &StatusView, style: Style) -> Vec<Piece> {
    let mut pieces = Vec::new();
    if let Some(emoji) = &said.emoji {
        pieces.push(Piece::theirs(emoji, style));
        pieces.push(Piece::own(" ", style));
    }
    pieces.push(Piece::theirs(&said.text, style));
    pieces
}

/// The dot that tells whether somebody is there.
pub(super) fn presence(canvas: &Canvas<'_>, presence: Option<PresenceState>) -> Piece {
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    match presence {
        Some(PresenceState::Online) => Piece::own(glyphs.online, theme.good()),
        Some(PresenceState::DoNotDisturb) => Piece::own(glyphs.quiet, theme.bad()),
        Some(PresenceState::Idle) => Piece::own(glyphs.idle, theme.warn()),
        Some(PresenceState::Offline) => Piece::own(glyphs.offline, theme.dim()),
        None => Piece::own(glyphs.unknown, theme.dim()),
    }
}
