//! The search.

use erc_client_core::{
    protocol::search::FILTERS,
    view::{FoundIn, Hit},
};
use ratatui::layout::{Position, Rect};

use super::{
    date, overlay,
    paint::{Canvas, Piece},
};
use crate::{layout::OverBox, state::overlay::Search};

pub(super) fn draw(canvas: &mut Canvas<'_>, over: OverBox, search: &Search) -> Position {
    let cursor = overlay::field(
        canvas,
        over,
        "search",
        "words, \"a phrase\", -not, from:name in:room has:link",
        &search.input,
    );
    let Some(hits) = &search.hits else {
        help(canvas, over.list);
        return cursor;
    };
    let hits = overlay::entries(canvas, over.list, hits, "searching…", "no message fits");
    for (index, rect) in overlay::in_sight(canvas, over.list, search.selected, hits.len(), 2) {
        entry(canvas, rect, &hits[index], index == search.selected);
    }
    cursor
}

/// What can be written, before anything is.
fn help(canvas: &mut Canvas<'_>, rect: Rect) {
    const COLUMN: u16 = 22;
    let theme = canvas.theme();
    let first = [Piece::own(
        "Enter goes to the message; n and N to the next ones",
        theme.dim(),
    )];
    canvas.line(Rect { height: 1, ..rect }, &first, &[]);
    for (y, (written, meaning)) in (rect.y + 2..rect.bottom()).zip(FILTERS) {
        let line = Rect {
            y,
            height: 1,
            ..rect
        };
        let left = Rect {
            width: COLUMN.min(rect.width),
            ..line
        };
        let right = Rect {
            x: left.right(),
            width: rect.width - left.width,
            ..line
        };
        canvas.line(left, &[Piece::own(written, theme.text())], &[]);
        canvas.line(right, &[Piece::own(meaning, theme.dim())], &[]);
    }
}

fn entry(canvas: &mut Canvas<'_>, rect: Rect, hit: &Hit, selected: bool) {
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    let marker = if selected { glyphs.current } else { " " };
    let when = date::moment(hit.at, &canvas.look().zone);
    let head = [
        Piece::own(marker, theme.accent()),
        Piece::own(" ", theme.text()),
        Piece::theirs(&hit.sender, theme.text()),
        Piece::own(" in ", theme.dim()),
        Piece::theirs(&hit.room_name, theme.dim()),
        Piece::own(whereabouts(hit.found_in), theme.dim()),
    ];
    let first = Rect { height: 1, ..rect };
    canvas.line(first, &head, &[Piece::theirs(&when, theme.dim())]);
    let second = Rect {
        y: rect.y + 1,
        height: 1,
        ..rect
    };
    if hit.blocked {
        let words = Piece::own("  1 message of somebody you blocked", theme.dim());
        canvas.line(second, &[words], &[]);
        return;
    }
    let mut pieces = vec![Piece::own("  ", theme.dim())];
    let mut at = 0;
    for (from, to) in &hit.matches {
        if *from < at || *to < *from {
            continue;
        }
        pieces.push(Piece::part(&hit.text, at..*from, theme.text()));
        pieces.push(Piece::part(&hit.text, *from..*to, theme.found()));
        at = *to;
    }
    pieces.push(Piece::part(
        &hit.text,
        at..hit.text.as_str().len(),
        theme.text(),
    ));
    canvas.line(second, &pieces, &[]);
}

/// What is worth knowing of where a hit is.
const fn whereabouts(found_in: FoundIn) -> &'static str {
    match found_in {
        FoundIn::Here | FoundIn::Everywhere => "",
        FoundIn::OnlyHere => ", only on this machine",
        FoundIn::OnServer => ", on the server",
    }
}
