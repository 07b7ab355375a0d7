//! A question before something that can't be undone.

use ratatui::layout::Rect;

use super::{
    overlay,
    paint::{Canvas, Piece},
};
use crate::{layout::OverBox, state::overlay::Confirm};

pub(super) fn draw(canvas: &mut Canvas<'_>, over: OverBox, confirm: &Confirm) {
    overlay::frame(canvas, over.frame, "sure?");
    let theme = canvas.theme();
    canvas.line(
        over.field,
        &[Piece::own(confirm.question, theme.text())],
        &[],
    );
    let about = Rect {
        height: over.list.height.saturating_sub(2),
        ..over.list
    };
    canvas.paragraph(about, &confirm.about, theme.dim());
    let foot = Rect {
        y: over.frame.bottom().saturating_sub(2),
        height: 1,
        ..over.list
    };
    let words = [
        Piece::own("y", theme.bad()),
        Piece::own(" ", theme.text()),
        Piece::own(confirm.yes, theme.text()),
        Piece::own("    ", theme.text()),
        Piece::own("n", theme.accent()),
        Piece::own(" no", theme.text()),
    ];
    canvas.line(foot, &words, &[]);
}
