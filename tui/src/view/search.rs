//! The search.

use erc_client_core::view::Hit;
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
        "words in the messages that are on this machine",
        &search.input,
    );
    let theme = canvas.theme();
    let Some(hits) = &search.hits else {
        let words = [Piece::own(
            "Enter goes to the message; n and N to the next ones",
            theme.dim(),
        )];
        canvas.line(over.list, &words, &[]);
        return cursor;
    };
    let hits = overlay::entries(
        canvas,
        over.list,
        hits,
        "searching…",
        "no message on this machine holds these words",
    );
    for (index, rect) in overlay::in_sight(canvas, over.list, search.selected, hits.len(), 2) {
        entry(canvas, rect, &hits[index], index == search.selected);
    }
    cursor
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
    ];
    let first = Rect { height: 1, ..rect };
    canvas.line(first, &head, &[Piece::theirs(&when, theme.dim())]);
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
    let second = Rect {
        y: rect.y + 1,
        height: 1,
        ..rect
    };
    canvas.line(second, &pieces, &[]);
}
