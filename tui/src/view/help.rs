//! The keys of where one is, from the table.

use ratatui::layout::Rect;

use super::{
    overlay,
    paint::{Canvas, Piece},
};
use crate::{
    keymap::BINDINGS,
    layout,
    state::{Help, Size},
};

/// Cells of the column with keys.
const KEYS: usize = 20;

enum Line {
    Title(&'static str),
    Blank,
    Key(&'static crate::keymap::Binding),
}

pub(super) fn draw(canvas: &mut Canvas<'_>, size: Size, help: Help) {
    let mut lines = Vec::new();
    for context in help.of.chain() {
        if !lines.is_empty() {
            lines.push(Line::Blank);
        }
        lines.push(Line::Title(context.title()));
        lines.extend(
            BINDINGS
                .iter()
                .filter(|b| b.context == *context)
                .map(Line::Key),
        );
    }
    let count = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let over = layout::over(size, count);
    overlay::frame(canvas, over.frame, "keys");
    let theme = canvas.theme();
    let inside = Rect {
        height: over.frame.height.saturating_sub(3),
        ..over.field
    };
    let most = usize::from(count.saturating_sub(inside.height));
    let first = usize::from(help.scroll).min(most);
    for (y, line) in (inside.top()..inside.bottom()).zip(&lines[first..]) {
        let at = Rect {
            y,
            height: 1,
            ..inside
        };
        match line {
            Line::Blank => {}
            Line::Title(title) => canvas.line(at, &[Piece::own(title, theme.dim())], &[]),
            Line::Key(binding) => {
                let mut pieces = Vec::new();
                for (n, key) in binding.keys.iter().enumerate() {
                    if n > 0 {
                        pieces.push(Piece::own(" ", theme.dim()));
                    }
                    pieces.push(Piece::key(key, theme.accent()));
                }
                canvas.line(at, &pieces, &[]);
                let shift = u16::try_from(KEYS).unwrap_or(0).min(at.width / 3);
                let words = Rect {
                    x: at.x + shift,
                    width: at.width - shift,
                    ..at
                };
                canvas.line(words, &[Piece::own(binding.help, theme.text())], &[]);
            }
        }
    }
    let foot = Rect {
        y: over.frame.bottom().saturating_sub(2),
        height: 1,
        ..inside
    };
    let left = [
        Piece::own("Esc", theme.accent()),
        Piece::own(" closes", theme.dim()),
    ];
    let mut right = Vec::new();
    if most > first {
        right.push(Piece::own(canvas.glyphs().down, theme.accent()));
        right.push(Piece::own(" more", theme.dim()));
    }
    canvas.line(foot, &left, &right);
}
