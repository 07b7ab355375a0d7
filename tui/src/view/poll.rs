//! One row of a poll. What a bar shows is said in words beside it.

use erc_client_core::view::{PollOptionView, PollView};
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::{
    date,
    paint::{Canvas, Piece},
};
use crate::{
    keymap::{self, Action},
    state::rows::poll::{BOX, PollPart},
};

/// Cells of a bar.
const BAR: usize = 10;

pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    body: Rect,
    poll: &PollView,
    part: &PollPart,
    style: Style,
) {
    let theme = canvas.theme();
    match part {
        PollPart::Question(range) => {
            let piece = Piece::part(
                &poll.question,
                range.clone(),
                style.add_modifier(Modifier::BOLD),
            );
            canvas.line(body, &[piece], &[]);
        }
        PollPart::Option(place, range) => {
            if let Some(option) = poll.options.get(*place) {
                let style = if option.own { theme.accent() } else { style };
                let mut pieces = if range.start == 0 {
                    head(poll, option, *place, style).to_vec()
                } else {
                    vec![Piece::own(" ", style).times(BOX)]
                };
                pieces.push(Piece::part(&option.text, range.clone(), style));
                canvas.line(body, &pieces, &[]);
            }
        }
        PollPart::Votes(place) => {
            if let Some(option) = poll.options.get(*place) {
                votes(canvas, body, option);
            }
        }
        PollPart::Kind(words) => canvas.line(body, &[Piece::own(words, theme.dim())], &[]),
        PollPart::State => state(canvas, body, poll),
    }
}

/// Its number and its box: square where several may be chosen.
fn head(poll: &PollView, option: &PollOptionView, place: usize, style: Style) -> [Piece; 4] {
    let box_ = match (poll.multiple, option.own) {
        (true, true) => "[x] ",
        (true, false) => "[ ] ",
        (false, true) => "(x) ",
        (false, false) => "( ) ",
    };
    let gap = if place < 9 { " " } else { "" };
    let number = i64::try_from(place + 1).unwrap_or_default();
    [
        Piece::own(gap, style),
        Piece::number(number, style),
        Piece::own(". ", style),
        Piece::own(box_, style),
    ]
}

fn votes(canvas: &mut Canvas<'_>, body: Rect, option: &PollOptionView) {
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    let percent = usize::from(option.percent.unwrap_or(0));
    let full = (percent * BAR + 50) / 100;
    let style = if option.own {
        theme.accent()
    } else {
        theme.dim()
    };
    let mut pieces = vec![
        Piece::own(" ", style).times(BOX),
        Piece::own(glyphs.full, style).times(full),
        Piece::own(glyphs.empty, style).times(BAR - full),
        Piece::own("  ", style),
        Piece::number(option.votes.unwrap_or(0), style),
        Piece::own(" (", theme.dim()),
        Piece::number(i64::from(option.percent.unwrap_or(0)), theme.dim()),
        Piece::own("%)", theme.dim()),
    ];
    for (n, name) in option.names.iter().enumerate() {
        let gap = if n == 0 { "  " } else { ", " };
        pieces.push(Piece::own(gap, theme.dim()));
        pieces.push(Piece::theirs(name, theme.dim()));
    }
    let named = i64::try_from(option.names.len()).unwrap_or(i64::MAX);
    if named > 0 && option.votes.is_some_and(|votes| votes > named) {
        pieces.push(Piece::own(" and others", theme.dim()));
    }
    canvas.line(body, &pieces, &[]);
}

fn state(canvas: &mut Canvas<'_>, body: Rect, poll: &PollView) {
    let theme = canvas.theme();
    let mut pieces = vec![
        Piece::number(poll.voters, theme.dim()),
        Piece::own(
            if poll.voters == 1 {
                " has voted, "
            } else {
                " have voted, "
            },
            theme.dim(),
        ),
    ];
    match poll.closes_at {
        _ if poll.closed => pieces.push(Piece::own("the poll is over", theme.dim())),
        Some(end) => {
            let when = date::moment(end, &canvas.look().zone);
            pieces.push(Piece::own("open until ", theme.dim()));
            pieces.push(Piece::theirs(&when, theme.dim()));
        }
        None => pieces.push(Piece::own("open", theme.dim())),
    }
    if let Some(key) = keymap::key_of(Action::Vote).filter(|_| poll.can_vote) {
        pieces.push(Piece::own(": ", theme.dim()));
        pieces.push(Piece::key(key, theme.accent()));
        pieces.push(Piece::own(" votes", theme.dim()));
    }
    canvas.line(body, &pieces, &[]);
}
