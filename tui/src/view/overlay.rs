//! What lies over the chat: its box, and which view fills it.

use ratatui::layout::{Position, Rect};

use super::{
    analytics, confirm, directory, form, links,
    paint::{Canvas, Piece},
    people, picker, search, sessions, switcher,
};
use crate::{
    layout::{self, LIST_LINES, OverBox},
    state::{Chat, Input, Loadable, Overlay},
};

/// Lines that the overlay asks for.
pub(super) fn lines(overlay: &Overlay) -> u16 {
    match overlay {
        Overlay::Form(form) => form::lines(form),
        Overlay::Confirm(_) => 4,
        Overlay::Figures(_) => 30,
        _ => LIST_LINES,
    }
}

/// Answers where the cursor is, if there is a field.
pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    over: OverBox,
    chat: &Chat,
    overlay: &Overlay,
) -> Option<Position> {
    match overlay {
        Overlay::Switcher(o) => Some(switcher::draw(canvas, over, chat, o)),
        Overlay::Search(o) => Some(search::draw(canvas, over, o)),
        Overlay::Directory(o) => Some(directory::draw(canvas, over, o)),
        Overlay::People(o) => Some(people::draw(canvas, over, o)),
        Overlay::Picker(o) => picker::draw(canvas, over, o),
        Overlay::Form(form) => form::draw(canvas, over, form),
        Overlay::Confirm(confirm) => {
            confirm::draw(canvas, over, confirm);
            None
        }
        Overlay::Sessions(o) => {
            sessions::draw(canvas, over, o);
            None
        }
        Overlay::Links(o) => {
            links::draw(canvas, over, o);
            None
        }
        Overlay::Figures(o) => {
            analytics::draw(canvas, over, o);
            None
        }
    }
}

/// An empty box with a title.
pub(super) fn frame(canvas: &mut Canvas<'_>, rect: Rect, title: &'static str) {
    let (border, accent) = (canvas.glyphs().border, canvas.theme().accent());
    canvas.clear(rect);
    let (right, bottom) = (rect.right() - 1, rect.bottom() - 1);
    canvas.rule(Rect { height: 1, ..rect }, border.horizontal_top, accent);
    canvas.rule(
        Rect {
            y: bottom,
            height: 1,
            ..rect
        },
        border.horizontal_bottom,
        accent,
    );
    for y in rect.y..rect.bottom() {
        canvas.sign(rect.x, y, border.vertical_left, accent);
        canvas.sign(right, y, border.vertical_right, accent);
    }
    canvas.sign(rect.x, rect.y, border.top_left, accent);
    canvas.sign(right, rect.y, border.top_right, accent);
    canvas.sign(rect.x, bottom, border.bottom_left, accent);
    canvas.sign(right, bottom, border.bottom_right, accent);
    let line = Rect {
        x: rect.x + 1,
        width: rect.width.saturating_sub(2),
        height: 1,
        ..rect
    };
    let words = [
        Piece::own(" ", accent),
        Piece::own(title, accent),
        Piece::own(" ", accent),
    ];
    canvas.line(line, &words, &[]);
}

/// The box of a list with its field; answers where the cursor is.
pub(super) fn field(
    canvas: &mut Canvas<'_>,
    over: OverBox,
    title: &'static str,
    hint: &'static str,
    input: &Input,
) -> Position {
    let theme = canvas.theme();
    frame(canvas, over.frame, title);
    let prompt = Rect {
        width: 2,
        ..over.field
    };
    canvas.line(prompt, &[Piece::own(">", theme.accent())], &[]);
    let field = Rect {
        x: over.field.x + 2,
        width: over.field.width.saturating_sub(2),
        ..over.field
    };
    let cursor = canvas.field(field, input, theme.text());
    if input.is_empty() {
        let rest = Rect {
            x: field.x + 1,
            width: field.width.saturating_sub(1),
            ..field
        };
        canvas.line(rest, &[Piece::own(hint, theme.dim())], &[]);
    }
    let rule = Rect {
        x: over.frame.x + 1,
        y: over.field.bottom(),
        width: over.frame.width.saturating_sub(2),
        height: 1,
    };
    canvas.rule(rule, canvas.glyphs().rule, theme.dim());
    cursor
}

/// The words of a list that has nothing to show: it is asked for, it failed, it is empty. Answers
/// the entries otherwise.
pub(super) fn entries<'a, T>(
    canvas: &mut Canvas<'_>,
    rect: Rect,
    list: &'a Loadable<Vec<T>>,
    loading: &'static str,
    empty: &'static str,
) -> &'a [T] {
    let theme = canvas.theme();
    match list {
        Loadable::Loading => canvas.line(rect, &[Piece::own(loading, theme.dim())], &[]),
        Loadable::Failed(reason) => {
            canvas.paragraph(rect, reason, theme.bad());
        }
        Loadable::Ready(entries) if entries.is_empty() => {
            canvas.line(rect, &[Piece::own(empty, theme.dim())], &[]);
        }
        Loadable::Ready(entries) => return entries,
    }
    &[]
}

/// Rectangles of the entries in sight, each of `lines` lines, with their index; the selected one is
/// tinted.
pub(super) fn in_sight(
    canvas: &mut Canvas<'_>,
    rect: Rect,
    selected: usize,
    count: usize,
    lines: u16,
) -> Vec<(usize, Rect)> {
    let fit = rect.height / lines;
    let first = layout::first_shown(selected, usize::from(fit));
    let sight: Vec<(usize, Rect)> = (first..count)
        .zip(0..fit)
        .map(|(index, n)| {
            let entry = Rect {
                y: rect.y + n * lines,
                height: lines,
                ..rect
            };
            (index, entry)
        })
        .collect();
    if let Some((_, entry)) = sight.iter().find(|(index, _)| *index == selected) {
        let style = canvas.theme().selected();
        canvas.tint(*entry, style);
    }
    sight
}
