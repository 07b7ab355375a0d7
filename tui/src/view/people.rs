//! People of the server.

use ratatui::layout::Position;

use super::{
    overlay,
    paint::{Canvas, Piece},
};
use crate::{
    layout::OverBox,
    state::overlay::{People, PeoplePurpose},
};

pub(super) fn draw(canvas: &mut Canvas<'_>, over: OverBox, people: &People) -> Position {
    let title = match people.purpose {
        PeoplePurpose::Write => "write to",
        PeoplePurpose::AddTo(_) => "add to this room",
        PeoplePurpose::Unban(_) => "lift the ban of",
    };
    let cursor = overlay::field(canvas, over, title, "part of a name", &people.input);
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    let users = overlay::entries(
        canvas,
        over.list,
        &people.users,
        "asking the server…",
        "nobody is called like that",
    );
    for (index, rect) in overlay::in_sight(canvas, over.list, people.selected, users.len(), 1) {
        let user = &users[index];
        let marker = if index == people.selected {
            glyphs.current
        } else {
            " "
        };
        let left = [
            Piece::own(marker, theme.accent()),
            Piece::own(" ", theme.text()),
            Piece::theirs(&user.name, theme.person(user.user_id)),
            Piece::own("  @", theme.dim()),
            Piece::theirs(&user.username, theme.dim()),
        ];
        canvas.line(rect, &left, &[]);
    }
    cursor
}
