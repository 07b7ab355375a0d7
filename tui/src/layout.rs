//! Where everything stands: the size and the state in, rectangles out. The view paints into them
//! and the mouse is looked up in them, so both agree.

use ratatui::layout::Rect;

use crate::{
    state::{Chat, OpenRoom, Size, composer::Purpose},
    wrap,
};

/// From this width on the rooms stand beside the timeline.
const WIDE: u16 = 80;
/// From this width on the members stand beside it, too; below they stand in its place.
const WIDER: u16 = 100;
/// Below this nothing can be shown.
pub const LEAST: Size = Size {
    width: 24,
    height: 8,
};
/// Cells of the prompt before the composer.
pub const PROMPT: u16 = 2;

/// The panes of the chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panes {
    pub whole: Rect,
    pub rooms: Option<Rect>,
    pub timeline: Rect,
    /// The line under the timeline: who types, how far the newest is.
    pub below: Rect,
    pub members: Option<Rect>,
    /// What is replied to or edited.
    pub banner: Option<Rect>,
    /// Where text is written, without the prompt.
    pub composer: Rect,
    pub status: Rect,
    /// Row of the line between the panes and the composer.
    pub divider: u16,
}

/// The panes for a terminal of this size.
pub fn panes(size: Size, chat: &Chat) -> Panes {
    let whole = Rect::new(0, 0, size.width, size.height);
    let inner = size.width.saturating_sub(2);
    let field = inner.saturating_sub(PROMPT + 1).max(1);
    let most = (size.height / 3).clamp(1, 8);
    let lines = chat.open.as_ref().map_or(1, |o| composer_lines(o, field));
    let lines = lines.clamp(1, most);
    let has_banner = chat
        .open
        .as_ref()
        .is_some_and(|o| o.composer.purpose != Purpose::New);

    let status_y = size.height.saturating_sub(2);
    let composer_y = status_y.saturating_sub(lines);
    let divider = composer_y.saturating_sub(1 + u16::from(has_banner));
    let body = divider.saturating_sub(1);

    let rooms_width = if size.width >= WIDE {
        (size.width / 5).clamp(18, 30)
    } else {
        0
    };
    let left = if rooms_width > 0 { rooms_width + 2 } else { 1 };
    let middle = size.width.saturating_sub(left + 1);
    let members_width = match (chat.members_shown, size.width >= WIDER) {
        (false, _) => 0,
        (true, true) => (size.width / 5).clamp(20, 32),
        (true, false) => middle,
    };
    let timeline_width = if members_width == 0 {
        middle
    } else {
        middle.saturating_sub(members_width + 1)
    };
    Panes {
        whole,
        rooms: (rooms_width > 0).then(|| Rect::new(1, 1, rooms_width, body)),
        timeline: Rect::new(left, 1, timeline_width, body.saturating_sub(1)),
        below: Rect::new(
            left,
            divider.saturating_sub(1),
            timeline_width,
            u16::from(body > 0),
        ),
        members: (members_width > 0).then(|| {
            Rect::new(
                size.width.saturating_sub(1 + members_width),
                1,
                members_width,
                body,
            )
        }),
        banner: has_banner.then(|| Rect::new(1, divider + 1, inner, 1)),
        composer: Rect::new(1 + PROMPT, composer_y, field, lines),
        status: Rect::new(1, status_y, inner, 1),
        divider,
    }
}

fn composer_lines(open: &OpenRoom, width: u16) -> u16 {
    let lines: usize = open
        .composer
        .input
        .area()
        .lines()
        .iter()
        // The cursor needs a cell behind the last sign.
        .map(|line| {
            wrap::wrap(line, usize::from(width))
                .len()
                .max(wrap::width(line) / usize::from(width) + 1)
        })
        .sum();
    u16::try_from(lines).unwrap_or(u16::MAX)
}

/// A box over the chat: its frame, the field in its first line, and the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverBox {
    pub frame: Rect,
    pub field: Rect,
    pub list: Rect,
}

/// The box for something of `lines` lines beside the field (it gets at most what there is).
pub fn over(size: Size, lines: u16) -> OverBox {
    let width = size.width.saturating_sub(4).min(76).max(size.width.min(20));
    let height = (lines + 4)
        .min(size.height.saturating_sub(2))
        .max(size.height.min(5));
    let frame = Rect::new(
        (size.width - width) / 2,
        (size.height - height) / 3,
        width,
        height,
    );
    let inner = Rect::new(
        frame.x + 2,
        frame.y + 1,
        frame.width.saturating_sub(4),
        frame.height.saturating_sub(2),
    );
    OverBox {
        frame,
        field: Rect {
            height: inner.height.min(1),
            ..inner
        },
        list: Rect {
            y: inner.y + 2.min(inner.height),
            height: inner.height.saturating_sub(2),
            ..inner
        },
    }
}

/// Lines that a list over the chat asks for.
pub const LIST_LINES: u16 = 16;

/// The first entry of a list that is drawn so that the selected one is seen, where `fit` entries
/// fit.
pub fn first_shown(selected: usize, fit: usize) -> usize {
    selected.saturating_sub(fit.saturating_sub(1))
}

/// Whether a cell lies in the rectangle.
pub fn hits(rect: Rect, column: u16, row: u16) -> bool {
    rect.contains(ratatui::layout::Position::new(column, row))
}
