//! A line of what a message says.

use erc_client_core::markdown::{Mention, Style as Marks};
use ratatui::style::{Modifier, Style};

use super::paint::{Canvas, Piece};
use crate::{
    state::body::{Bit, Line, Role},
    wrap,
};

/// The pieces of a line. `base`: how text without marks looks; `covered`: spoilers are.
pub(super) fn pieces(canvas: &Canvas<'_>, line: &Line, base: Style, covered: bool) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(line.0.len());
    for bit in &line.0 {
        push(canvas, bit, base, covered, &mut pieces);
    }
    pieces
}

fn push(canvas: &Canvas<'_>, bit: &Bit, base: Style, covered: bool, into: &mut Vec<Piece>) {
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    let dim = theme.dim();
    let gap = || Piece::own(" ", dim);
    match bit {
        Bit::Side => into.extend([Piece::own(glyphs.bar, dim), gap()]),
        Bit::Bullet => into.extend([Piece::own(glyphs.bullet, theme.accent()), gap()]),
        Bit::Number(number) => {
            into.extend([Piece::number(*number, dim), Piece::own(". ", dim)]);
        }
        Bit::Task { done: true } => into.push(Piece::own("[x] ", theme.good())),
        Bit::Task { done: false } => into.push(Piece::own("[ ] ", theme.warn())),
        Bit::Space(width) => into.push(Piece::own(" ", base).times(*width)),
        Bit::Rule(width) => into.push(Piece::own(glyphs.rule, dim).times(*width)),
        Bit::Column => into.extend([gap(), Piece::own(glyphs.bar, dim), gap()]),
        Bit::Crossing => {
            let rule = Piece::own(glyphs.rule, dim);
            let cross = Piece::own(glyphs.cross, dim);
            into.extend([rule.clone(), cross, rule]);
        }
        Bit::Text { text, style, .. } if covered && style.spoiler.is_some() => {
            let cover = Piece::own(glyphs.cover, theme.warn());
            into.push(cover.times(wrap::width(text.as_str())));
        }
        Bit::Text { text, style, role } => {
            into.push(Piece::theirs(text, look(canvas, style, *role, base)));
        }
    }
}

fn look(canvas: &Canvas<'_>, marks: &Marks, role: Role, base: Style) -> Style {
    let theme = canvas.theme();
    let mut style = match role {
        Role::Plain => base,
        Role::Heading => base.add_modifier(Modifier::BOLD),
        Role::Code => base.patch(theme.code()),
        Role::Aside => theme.dim(),
    };
    if marks.code && role != Role::Aside {
        style = style.patch(theme.code());
    }
    for (is_set, modifier) in [
        (marks.bold, Modifier::BOLD),
        (marks.italic, Modifier::ITALIC),
        (marks.struck, Modifier::CROSSED_OUT),
        (marks.link.is_some(), Modifier::UNDERLINED),
    ] {
        if is_set {
            style = style.add_modifier(modifier);
        }
    }
    // A sign that the terminal can't draw: its name, which is no part of the words around it.
    if marks.emoji.is_some() {
        style = style.patch(theme.accent()).add_modifier(Modifier::ITALIC);
    }
    match marks.mention {
        Some(Mention::Me) => style
            .patch(theme.warn())
            .add_modifier(Modifier::BOLD | Modifier::REVERSED),
        Some(Mention::Somebody) => style.patch(theme.accent()),
        None => style,
    }
}
