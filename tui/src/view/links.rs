//! The links by which people come into the room.

use super::{
    date, overlay,
    paint::{Canvas, Piece},
};
use crate::{layout::OverBox, state::overlay::Links};

pub(super) fn draw(canvas: &mut Canvas<'_>, over: OverBox, list: &Links) {
    overlay::frame(canvas, over.frame, "links into this room");
    let theme = canvas.theme();
    let hint = [
        Piece::own("n", theme.accent()),
        Piece::own(" makes one, ", theme.dim()),
        Piece::own("x", theme.accent()),
        Piece::own(" takes one back", theme.dim()),
    ];
    canvas.line(over.field, &hint, &[]);
    let links = overlay::entries(
        canvas,
        over.list,
        &list.links,
        "asking the server…",
        "no link leads here",
    );
    for (index, rect) in overlay::in_sight(canvas, over.list, list.selected, links.len(), 1) {
        let link = &links[index];
        let until = date::moment(link.expires_at, &canvas.look().zone);
        let mut left = vec![
            Piece::own("  of ", theme.dim()),
            Piece::theirs(&link.made_by, theme.text()),
            Piece::own("  ", theme.dim()),
            Piece::number(link.used, theme.dim()),
            Piece::own(" came", theme.dim()),
        ];
        if let Some(uses) = link.uses_left {
            left.push(Piece::own(", ", theme.dim()));
            left.push(Piece::number(uses, theme.dim()));
            left.push(Piece::own(" may", theme.dim()));
        }
        let right = [
            Piece::own("until ", theme.dim()),
            Piece::theirs(&until, theme.dim()),
        ];
        canvas.line(rect, &left, &right);
    }
}
