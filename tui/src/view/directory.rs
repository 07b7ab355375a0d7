//! The public rooms.

use ratatui::layout::Position;

use super::{
    overlay,
    paint::{Canvas, Piece},
};
use crate::{layout::OverBox, state::overlay::Directory};

pub(super) fn draw(canvas: &mut Canvas<'_>, over: OverBox, directory: &Directory) -> Position {
    let cursor = overlay::field(
        canvas,
        over,
        "public rooms",
        "part of a name or topic",
        &directory.input,
    );
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    let all = overlay::entries(
        canvas,
        over.list,
        &directory.entries,
        "asking the server…",
        "this server has no public rooms: create the first",
    );
    let shown = directory.shown();
    if shown.is_empty() && !all.is_empty() {
        let words = [Piece::own(
            "no public room is called like that",
            theme.dim(),
        )];
        canvas.line(over.list, &words, &[]);
    }
    for (index, rect) in overlay::in_sight(canvas, over.list, directory.selected, shown.len(), 1) {
        let room = shown[index];
        let marker = if index == directory.selected {
            glyphs.current
        } else {
            " "
        };
        let left = [
            Piece::own(marker, theme.accent()),
            Piece::own(" ", theme.text()),
            Piece::own(glyphs.room, theme.dim()),
            Piece::theirs(&room.name, theme.text()),
            Piece::own("  ", theme.dim()),
            Piece::theirs(&room.topic, theme.dim()),
        ];
        let mut right = vec![
            Piece::number(room.member_count, theme.dim()),
            Piece::own(
                if room.member_count == 1 {
                    " member"
                } else {
                    " members"
                },
                theme.dim(),
            ),
        ];
        if room.is_member {
            right.push(Piece::own(", you too", theme.good()));
        }
        canvas.line(rect, &left, &right);
    }
    cursor
}
