//! What is proposed while one writes, above the composer.

use ratatui::layout::Rect;

use super::paint::{Canvas, Piece};
use crate::{
    layout::{self, Panes},
    state::composer::{Choices, Completing},
};

/// Cells that the list has at most.
const WIDTH: u16 = 48;

pub(super) fn draw(canvas: &mut Canvas<'_>, panes: &Panes, completing: &Completing) {
    let count = completing.choices.count();
    let height = u16::try_from(count)
        .unwrap_or(u16::MAX)
        .min(panes.divider.saturating_sub(1));
    let list = Rect {
        x: panes.composer.x,
        y: panes.divider - height,
        width: panes.composer.width.min(WIDTH),
        height,
    };
    canvas.clear(list);
    let theme = canvas.theme();
    let first = layout::first_shown(completing.selected, usize::from(height));
    for (y, n) in (list.top()..list.bottom()).zip(first..count) {
        let line = Rect {
            y,
            height: 1,
            ..list
        };
        let gap = Piece::own(" ", theme.dim());
        let pieces = match &completing.choices {
            Choices::Text(choices) => vec![
                gap.clone(),
                Piece::theirs(&choices[n].label, theme.text()),
                gap,
                Piece::theirs(&choices[n].hint, theme.dim()),
            ],
            Choices::Commands(choices) => vec![
                Piece::own(" /", theme.dim()),
                Piece::own(choices[n].1, theme.text()),
            ],
        };
        let hint = [Piece::own("Tab ", theme.dim())];
        let is_selected = n == completing.selected;
        canvas.line(line, &pieces, if is_selected { &hint } else { &[] });
        if is_selected {
            canvas.tint(line, theme.selected());
        }
    }
}
