//! The one door between text and the screen.
//!
//! A [`Piece`] is made of a literal of ours, of a number, or of [`SafeText`]; nothing else in the
//! views touches a buffer's text. A test holds the views to that.

use std::{borrow::Cow, ops::Range};

use erc_client_core::SafeText;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    widgets::Widget as _,
};

use crate::{
    keymap::Key,
    state::Input,
    theme::{Glyphs, Look, Theme},
    wrap,
};

/// Some text and how it looks.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    text: Cow<'static, str>,
    style: Style,
}

impl Piece {
    /// A literal of ours.
    pub(super) fn own(text: &'static str, style: Style) -> Self {
        Self {
            text: Cow::Borrowed(text),
            style,
        }
    }

    /// Somebody else's text.
    pub(super) fn theirs(text: &SafeText, style: Style) -> Self {
        Self::part(text, 0..text.as_str().len(), style)
    }

    /// A part of somebody else's text, in bytes; what is no part of it counts as empty.
    pub(super) fn part(text: &SafeText, range: Range<usize>, style: Style) -> Self {
        let text = text.as_str().get(range).unwrap_or_default();
        // A line that was broken may still hold the sign that broke it.
        let text = text.replace('\n', " ");
        Self {
            text: Cow::Owned(text),
            style,
        }
    }

    /// A number.
    pub(super) fn number(number: impl Into<i128>, style: Style) -> Self {
        Self {
            text: Cow::Owned(number.into().to_string()),
            style,
        }
    }

    /// A key's name.
    pub(super) fn key(key: &Key, style: Style) -> Self {
        Self {
            text: Cow::Owned(key.to_string()),
            style,
        }
    }

    /// For terminals without Unicode: our literals in ASCII, other people's text as it is.
    fn ascii(&self) -> Self {
        match &self.text {
            Cow::Borrowed(ours) => Self {
                text: Cow::Owned(ours.replace('…', "...")),
                style: self.style,
            },
            Cow::Owned(_) => self.clone(),
        }
    }

    /// So often, one behind the other.
    pub(super) fn times(self, count: usize) -> Self {
        Self {
            text: Cow::Owned(self.text.repeat(count)),
            style: self.style,
        }
    }

    /// Cells that it takes.
    pub(super) fn width(&self) -> usize {
        wrap::width(&self.text)
    }

    /// Cut or filled up to exactly this many cells.
    pub(super) fn exactly(self, width: usize, glyphs: &Glyphs) -> Self {
        let mut piece = self.at_most(width, glyphs);
        let used = piece.width();
        piece.text = Cow::Owned(format!("{}{}", piece.text, " ".repeat(width - used)));
        piece
    }

    /// Cut to at most this many cells, with an ellipsis where something was cut.
    pub(super) fn at_most(self, width: usize, glyphs: &Glyphs) -> Self {
        if self.width() <= width {
            return self;
        }
        let dots = glyphs.ellipsis;
        let dots = if dots.len() > 1 && wrap::width(dots) > width {
            ""
        } else {
            dots
        };
        let (end, _) = wrap::prefix(&self.text, width.saturating_sub(wrap::width(dots)));
        Self {
            text: Cow::Owned(format!("{}{dots}", &self.text[..end])),
            style: self.style,
        }
    }
}

/// Where the views paint.
pub(super) struct Canvas<'a> {
    buffer: &'a mut Buffer,
    look: &'a Look,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(buffer: &'a mut Buffer, look: &'a Look) -> Self {
        Self { buffer, look }
    }

    pub(super) fn look(&self) -> &'a Look {
        self.look
    }

    pub(super) fn theme(&self) -> Theme {
        self.look.theme
    }

    pub(super) fn glyphs(&self) -> &'static Glyphs {
        self.look.glyphs
    }

    /// One line: `left` from its beginning, `right` at its end. Where both don't fit, `left` is cut.
    pub(super) fn line(&mut self, rect: Rect, left: &[Piece], right: &[Piece]) {
        let rect = rect.intersection(self.buffer.area);
        if rect.is_empty() {
            return;
        }
        if self.look.glyphs.ellipsis.is_ascii() {
            let plain = |pieces: &[Piece]| pieces.iter().map(Piece::ascii).collect::<Vec<_>>();
            self.fitted(rect, &plain(left), &plain(right));
        } else {
            self.fitted(rect, left, right);
        }
    }

    fn fitted(&mut self, rect: Rect, left: &[Piece], right: &[Piece]) {
        let width = usize::from(rect.width);
        let mut tail: usize = right.iter().map(Piece::width).sum();
        if tail > width {
            tail = 0;
        }
        let gap = usize::from(tail > 0 && tail < width);
        let room = width - tail - gap;
        self.pieces(rect.x, rect.y, left, room);
        if tail > 0 {
            let x = rect.right() - u16::try_from(tail).unwrap_or(rect.width);
            self.pieces(x, rect.y, right, tail);
        }
    }

    /// One line in the middle of a rectangle's first row.
    pub(super) fn centre(&mut self, rect: Rect, pieces: &[Piece]) {
        let width: usize = pieces.iter().map(Piece::width).sum();
        let width = u16::try_from(width).unwrap_or(u16::MAX).min(rect.width);
        let x = rect.x + (rect.width - width) / 2;
        self.line(Rect { x, width, ..rect }, pieces, &[]);
    }

    fn pieces(&mut self, mut x: u16, y: u16, pieces: &[Piece], width: usize) {
        let mut left = width;
        for piece in pieces {
            if left == 0 {
                return;
            }
            let piece = piece.clone().at_most(left, self.look.glyphs);
            let (end, _) = self
                .buffer
                .set_stringn(x, y, &piece.text, left, piece.style);
            left -= usize::from(end - x).min(left);
            x = end;
        }
    }

    /// Fills a line with a sign of ours.
    pub(super) fn rule(&mut self, rect: Rect, sign: &'static str, style: Style) {
        for x in rect.left()..rect.right() {
            self.sign(x, rect.y, sign, style);
        }
    }

    /// A sign of ours in one cell.
    pub(super) fn sign(&mut self, x: u16, y: u16, sign: &'static str, style: Style) {
        if let Some(cell) = self.buffer.cell_mut(Position::new(x, y)) {
            cell.set_symbol(sign).set_style(style);
        }
    }

    /// A style over what is painted there.
    pub(super) fn tint(&mut self, rect: Rect, style: Style) {
        self.buffer.set_style(rect, style);
    }

    /// Takes away what is painted there.
    pub(super) fn clear(&mut self, rect: Rect) {
        ratatui::widgets::Clear.render(rect, self.buffer);
    }

    /// Text over several lines, from the top; answers how many it took.
    pub(super) fn paragraph(&mut self, rect: Rect, text: &SafeText, style: Style) -> u16 {
        let lines = wrap::wrap(text.as_str(), usize::from(rect.width));
        let mut taken = 0;
        for (y, range) in (rect.top()..rect.bottom()).zip(lines) {
            let line = Rect {
                y,
                height: 1,
                ..rect
            };
            self.line(line, &[Piece::part(text, range, style)], &[]);
            taken += 1;
        }
        taken
    }

    /// The user's own field; answers where the cursor is.
    pub(super) fn field(&mut self, rect: Rect, input: &Input, style: Style) -> Position {
        input.area().render(rect, self.buffer);
        self.buffer.set_style(rect, style);
        let cursor = input.area().screen_cursor();
        let (top, left) = input.area().scroll_offset();
        let clamp = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        let x = rect.x + clamp(cursor.col).saturating_sub(left);
        let y = rect.y + clamp(cursor.row).saturating_sub(top);
        Position::new(
            x.min(rect.right().saturating_sub(1)),
            y.min(rect.bottom().saturating_sub(1)),
        )
    }
}
