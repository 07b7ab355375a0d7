//! The lines around the panes, and what stands in the uppermost one.

use erc_client_core::{
    SafeText,
    protocol::{ExpiryFrom, Lifetime, PresenceState, presence::PresenceChoice},
    view::RoomSummary,
    when,
};
use ratatui::layout::Rect;

use super::{
    date,
    paint::{Canvas, Piece},
    rooms::{presence, sign, status},
};
use crate::{layout::Panes, state::Chat};

pub(super) fn draw(canvas: &mut Canvas<'_>, panes: &Panes, chat: &Chat) {
    let dim = canvas.theme().dim();
    outline(canvas, panes.whole);
    let glyphs = canvas.glyphs();
    let [left, right, up, down] = glyphs.tees;
    let whole = panes.whole;
    let divider = Rect {
        y: panes.divider,
        height: 1,
        ..whole
    };
    canvas.rule(divider, glyphs.border.horizontal_top, dim);
    canvas.sign(whole.x, panes.divider, left, dim);
    canvas.sign(whole.right() - 1, panes.divider, right, dim);

    let mut separator = |x: u16| {
        for y in whole.y + 1..panes.divider {
            canvas.sign(x, y, glyphs.border.vertical_left, dim);
        }
        canvas.sign(x, whole.y, down, dim);
        canvas.sign(x, panes.divider, up, dim);
    };
    if let Some(rooms) = panes.rooms {
        separator(rooms.right());
    }
    if let Some(members) = panes.members.filter(|_| panes.timeline.width > 0) {
        separator(members.x - 1);
    }
    if let Some(rooms) = panes.rooms {
        let mut title = vec![
            Piece::own(" ", dim),
            Piece::theirs(&chat.me.display_name, canvas.theme().text()),
            Piece::own(" ", dim),
        ];
        title.extend(mine(canvas, chat));
        canvas.line(
            Rect {
                y: 0,
                height: 1,
                ..rooms
            },
            &title,
            &[],
        );
    }
    if let Some(members) = panes.members {
        let title = [Piece::own(" members ", canvas.theme().text())];
        canvas.line(
            Rect {
                y: 0,
                height: 1,
                ..members
            },
            &title,
            &[],
        );
    }
    if let Some(room) = chat.open_summary()
        && panes.timeline.width > 0
    {
        title(
            canvas,
            Rect {
                y: 0,
                height: 1,
                ..panes.timeline
            },
            chat,
            room,
        );
    }
}

/// What one decided oneself, and what one says.
fn mine(canvas: &Canvas<'_>, chat: &Chat) -> Vec<Piece> {
    let dim = canvas.theme().dim();
    let Some(mine) = &chat.mine else {
        return Vec::new();
    };
    let mut pieces = match mine.choice {
        PresenceChoice::Automatic => Vec::new(),
        PresenceChoice::DoNotDisturb => vec![presence(canvas, Some(PresenceState::DoNotDisturb))],
        PresenceChoice::Invisible => vec![presence(canvas, Some(PresenceState::Offline))],
    };
    if !pieces.is_empty() {
        pieces.push(Piece::own(" ", dim));
    }
    if let Some(said) = &mine.status {
        pieces.extend(status(said, dim));
        pieces.push(Piece::own(" ", dim));
    }
    pieces
}

fn outline(canvas: &mut Canvas<'_>, whole: Rect) {
    let (border, dim) = (canvas.glyphs().border, canvas.theme().dim());
    let (right, bottom) = (whole.right() - 1, whole.bottom() - 1);
    canvas.rule(Rect { height: 1, ..whole }, border.horizontal_top, dim);
    canvas.rule(
        Rect {
            y: bottom,
            height: 1,
            ..whole
        },
        border.horizontal_bottom,
        dim,
    );
    for y in whole.y..whole.bottom() {
        canvas.sign(whole.x, y, border.vertical_left, dim);
        canvas.sign(right, y, border.vertical_right, dim);
    }
    canvas.sign(whole.x, whole.y, border.top_left, dim);
    canvas.sign(right, whole.y, border.top_right, dim);
    canvas.sign(whole.x, bottom, border.bottom_left, dim);
    canvas.sign(right, bottom, border.bottom_right, dim);
}

/// How present the other person is, and what they say of themselves.
fn of_peer(canvas: &Canvas<'_>, room: &RoomSummary, presence: PresenceState) -> Vec<Piece> {
    let (dim, glyphs) = (canvas.theme().dim(), canvas.glyphs());
    let words = match presence {
        PresenceState::Online => "online",
        PresenceState::Idle => "away",
        PresenceState::DoNotDisturb => "do not disturb",
        PresenceState::Offline => "offline",
    };
    let mut pieces = vec![Piece::own(words, dim)];
    if let Some(at) = room.last_seen {
        pieces.push(Piece::own(", last here ", dim));
        pieces.push(Piece::theirs(&date::moment(at, &canvas.look().zone), dim));
    }
    if let Some(said) = &room.status {
        pieces.extend([" ", glyphs.dot, " "].map(|sign| Piece::own(sign, dim)));
        pieces.extend(status(said, dim));
    }
    pieces
}

/// How long messages stay that are sent here.
fn how_long(canvas: &Canvas<'_>, stays: Lifetime) -> [Piece; 4] {
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    let length = SafeText::line(&when::words(stays.after_s));
    let reading = match stays.from {
        ExpiryFrom::Read => " of reading",
        ExpiryFrom::Sent => "",
    };
    [
        Piece::own(glyphs.goes, theme.warn()),
        Piece::own(" messages go after ", theme.dim()),
        Piece::theirs(&length, theme.dim()),
        Piece::own(reading, theme.dim()),
    ]
}

/// `#general · Weekly plan · 128 members · 12 online`
fn title(canvas: &mut Canvas<'_>, rect: Rect, chat: &Chat, room: &RoomSummary) {
    let theme = canvas.theme();
    let glyphs = canvas.glyphs();
    let dot = || {
        [
            Piece::own(" ", theme.dim()),
            Piece::own(glyphs.dot, theme.dim()),
            Piece::own(" ", theme.dim()),
        ]
    };
    let mut counts: Vec<Piece> = Vec::new();
    if room.peer.is_none() {
        counts.extend(dot());
        counts.push(Piece::number(room.member_count, theme.dim()));
        counts.push(Piece::own(
            if room.member_count == 1 {
                " member"
            } else {
                " members"
            },
            theme.dim(),
        ));
        let members = chat.open.as_ref().and_then(|o| o.members.ready());
        let present = members.map_or(0, |all| {
            all.iter()
                .filter(|m| m.presence.is_some_and(|p| p != PresenceState::Offline))
                .count()
        });
        if present > 0 {
            counts.extend(dot());
            counts.push(Piece::number(present as i64, theme.dim()));
            counts.push(Piece::own(" online", theme.dim()));
        }
    } else if let Some(presence) = room.presence {
        counts.extend(dot());
        counts.extend(of_peer(canvas, room, presence));
    }
    if let Some(stays) = room.lifetime {
        counts.extend(dot());
        counts.extend(how_long(canvas, stays));
    }
    let mut left = vec![Piece::own(" ", theme.dim())];
    if let Some(open) = chat.open.as_ref().filter(|open| open.thread.is_some()) {
        let words = if open.composer.also_in_room {
            "thread (answered in the room, too) in "
        } else {
            "thread in "
        };
        left.push(Piece::own(words, theme.accent()));
    }
    left.push(sign(canvas, room));
    left.push(Piece::theirs(&room.name, theme.accent()));
    // The topic is what gives way where there is little room.
    let taken: usize = left.iter().chain(&counts).map(Piece::width).sum();
    let free = usize::from(rect.width).saturating_sub(taken + 5);
    if !room.topic.as_str().is_empty() && free > 8 {
        left.extend(dot());
        left.push(Piece::theirs(&room.topic, theme.text()).at_most(free, glyphs));
    }
    left.append(&mut counts);
    left.push(Piece::own(" ", theme.dim()));
    canvas.line(rect, &left, &[]);
}
